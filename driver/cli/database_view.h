// DatabaseView: which units a compile database has, and the commands of those that are asked for. Where the cache has
// an index of the database, only these entries are read; the outcome is the same.
#pragma once

#include "driver/cli/pipeline.h"
#include "driver/kbuild/database_index.h"

#include "llvm/ADT/StringMap.h"

#include <optional>

namespace bhlint {

class DatabaseView {
public:
  static llvm::Expected<DatabaseView> open(const RunOptions &options, UnitCache &cache);

  const std::string &source() const { return from; }
  const std::string &tree() const { return root; }

  /// By path relative to the tree: the module that a unit is compiled for, as recordedModule() tells it; empty: it
  /// does not say.
  const llvm::StringMap<std::string> &units() const { return modules; }

  /// As selectCommands().
  llvm::Expected<std::vector<CompileCommand>> commands(llvm::ArrayRef<std::string> paths);

private:
  llvm::Error readWhole();

  std::string path, from, root;
  llvm::StringMap<std::string> modules;
  std::optional<DatabaseIndex> index;
  std::optional<CompileDatabase> whole; ///< set where there is no index, or one that does not fit
};

} // namespace bhlint
