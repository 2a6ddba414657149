// TreeUnits: the units of a compile database, as edits are written into them and proven by them.
#pragma once

#include "driver/fix/fix.h"
#include "driver/fix/migration_edits.h"

namespace bhlint {

class TreeUnits {
public:
  /// `options`: of the run that found what is to be edited, with their defaults filled in.
  static llvm::Expected<TreeUnits> make(const RunOptions &options, const Warning &warn);

  /// Valid as long as this is. With `compiles`, by the database's own compiler.
  EditableUnits editable(bool compiles);

private:
  TreeUnits(const RunOptions &options, const Warning &warn, PreparedRun prepared, FixRules rules, MigrationRules migrations)
      : options(options), warn(warn), prepared(std::move(prepared)), rules(std::move(rules)),
        migrationRules(std::move(migrations)) {}
  std::vector<CallEdit> migrationsFor(const Finding &finding);
  const AnalysedTree *analysed();
  std::string whyAtomic(const std::string &file, const std::string &function);
  std::optional<std::uint64_t> mostGiven(const std::string &file, const std::string &function, unsigned parameter);
  bool returnsNothing(const std::string &function);
  llvm::Expected<FoundIn> analyse(const std::vector<MigratedFile> &edited) const;
  llvm::Expected<CompiledUnits> compile(const std::vector<MigratedFile> &edited) const;

  RunOptions options;
  Warning warn;
  PreparedRun prepared;
  FixRules rules;
  MigrationRules migrationRules;
  std::unique_ptr<AnalysedTree> before;                     ///< made when it is needed first
  std::map<std::string, std::vector<LocalMigration>> local; ///< by unit
};

/// All of it for one question.
llvm::Expected<FixResult> fixFindingsOf(const RunOptions &options, bool compiles, const FoundIn &before,
                                        std::vector<Finding> asked, const Warning &warn);

} // namespace bhlint
