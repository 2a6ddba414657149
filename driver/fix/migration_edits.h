// MigrationEdits: conversions that one file's unit is enough for, as edits of the findings that they end: of what sleeps in an old
// handler, and of a setup that is found to be out of date.
#pragma once

#include "driver/fix/call_edit.h"
#include "driver/migrate/local_migration.h"

namespace bhlint {

/// Whether a conversion could be an edit of the finding; asked before any is looked for.
bool mayMigrate(const Finding &finding, const MigrationRules &rules);

std::vector<CallEdit> editsByMigration(const Finding &finding, const std::vector<LocalMigration> &migrations,
                                       const MigrationRules &rules);

} // namespace bhlint
