// A migration: from units to edited files that were verified. What is printed or written is command_migrate.cpp.
//
//   collect -> group -> decide -> edit -> replay in the runtime model -> parse again -> look for findings again ->
//   compile
//
// A group that fails one of the last four is refused with what went wrong, and the rest is done again without it.
#pragma once

#include "analysis/migrate/apply.h"
#include "driver/migrate/edited_tree.h"
#include "driver/migrate/include_graph.h"

#include <optional>

namespace bhlint {

struct MigrationRequest {
  RunOptions run;
  std::string to = "auto"; ///< a target's name
  bool compiles = false;   ///< every edited unit with the command of the database
};

/// A group, what it becomes and why, or why not (group.refusals).
struct MigratedGroup {
  MigrationGroup group;
  const MigrationTarget *target = nullptr;
  std::string why; ///< of the target
  std::vector<TextEdit> edits;
  std::string proof; ///< what the runtime model says of this conversion
  bool isConverted() const { return group.refusals.empty(); }
};

struct MigrationResult {
  MigrationRules rules;
  std::string tree;
  std::vector<MigratedGroup> groups;                            ///< sorted by place
  std::vector<MigratedFile> files;                              ///< sorted
  std::vector<std::pair<std::string, std::string>> failedUnits; ///< that can't be looked at, and why
  unsigned parsed = 0, analysed = 0, compiled = 0;              ///< edited units that were verified so
};

/// The rules of migrations in this folder, or the first thing that is wrong with them.
llvm::Expected<MigrationRules> readMigrationRules(const std::string &folder);

llvm::Expected<MigrationResult> migrate(const MigrationRequest &request, const Warning &warn);

} // namespace bhlint
