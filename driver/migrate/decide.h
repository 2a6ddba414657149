// What a group becomes, from where its handler runs and what it does there; and what in its surroundings forbids it.
#pragma once

#include "analysis/findings/finding.h"
#include "driver/migrate/migration.h"

namespace bhlint {

/// Sets the target and the reason for it. `to`: "auto" or a target's name.
void decideTarget(MigratedGroup &migrated, const MigrationRules &rules, const std::string &to,
                  const std::vector<Finding> &findings);

/// Adds refusals for calls that can't be made where they are, or from a handler that now runs in a thread.
void checkSurroundings(MigratedGroup &migrated, const MigrationRules &rules, const Run &run,
                       const std::vector<Finding> &findings);

} // namespace bhlint
