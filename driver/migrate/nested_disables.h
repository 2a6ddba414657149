// Disables of an object that is disabled already, on some path of a function and of what it calls.
#pragma once

#include "driver/migrate/migration.h"

namespace bhlint {

/// Adds a refusal for each call that disables again: enabling queues what a work item dropped only when the last of the
/// disables is taken back, and who counts them is not to be seen from one function.
void refuseNestedDisables(MigratedGroup &migrated, const MigrationRules &rules, const Run &run, FileText textOf);

} // namespace bhlint
