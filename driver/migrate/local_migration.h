// LocalMigration: objects of the old mechanism that one source file has to itself, converted. Such a conversion can be decided by
// who sees nothing but that file's unit, as Clang-Tidy does.
//
// Where an object may have users elsewhere, or what migration.h looks at after the edits would be needed to know, there is none here.
// Whether the edited unit parses and has no new finding is for the caller to look at.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/migrate/plan.h"
#include "driver/cli/pipeline.h"

namespace bhlint {

struct LocalMigration {
  std::vector<SourceSpan> setups;    ///< names of the calls that set its objects up
  std::vector<std::string> handlers; ///< names of functions
  std::vector<TextEdit> edits;       ///< with the #include that it needs
  std::string what;                  ///< "tasklet 'task' becomes a BH workqueue"
  std::string note;                  ///< what changes with it, and what the runtime model says
};

/// `run`: with the unit in it, analysed; `findings`: what was found there.
std::vector<LocalMigration> migrateLocally(const DeferralSites &sites, const MigrationRules &rules, const Run &run,
                                           const std::vector<Finding> &findings, FileText textOf);

} // namespace bhlint
