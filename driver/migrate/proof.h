// What the runtime model says of a conversion: who schedules, cancels, disables and enables this object, and from
// where, becomes a scenario in the old form and in the new one; both are explored completely and compared.
//
// Two questions. Does the new form have a problem that the old one doesn't have (it runs twice at once, or after it was
// stopped, or waits for ever)? And does an observer of one event see something else? What the rules declare to differ
// (ReplacingCall::likeOld, likeNew) is taken away then; what is left refuses the group.
#pragma once

#include "driver/migrate/migration.h"

namespace bhlint {

/// Sets migrated.proof, or adds a refusal with what differs.
void proveMigration(MigratedGroup &migrated, const MigrationRules &rules, const Run &run);

} // namespace bhlint
