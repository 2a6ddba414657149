// Which units a gate analyses: those that a series changes, those that see what it changes, and those around them that
// tell where changed code runs. Everything else is as it was, and known from what was learned of the whole tree.
#pragma once

#include "driver/cli/database_view.h"
#include "driver/gate/series.h"
#include "driver/gate/users.h"

#include <set>
#include <string>
#include <vector>

namespace bhlint {

class GateUnits {
public:
  /// `most`: units of the scope; 0 = any number.
  GateUnits(DatabaseView &database, const Git &git, const Series &series, std::size_t most);

  /// What the series changes, with its surroundings; or the given paths and what it changes.
  llvm::Error begin(const std::vector<std::string> &paths);
  /// Adds sources that have a unit. False: nothing was added.
  bool add(const std::set<std::string> &sources, const std::string &why);

  /// Commands of the scope's units that are there in a state of the tree; new ones have a neighbour's.
  llvm::Expected<std::vector<CompileCommand>> commands(const TreeDifference &state, llvm::vfs::FileSystem &files);

  /// Sources that a step changes and that are there afterwards.
  bool isChanged(const std::string &file) const { return changed.count(file) != 0; }
  std::vector<std::string> notes;

private:
  bool hasUnit(const std::string &file) const { return database.units().count(file) != 0; }
  std::set<std::string> neighbours(const std::string &file) const;
  llvm::Expected<CompileCommand> newCommand(const std::string &file, llvm::vfs::FileSystem &files);

  DatabaseView &database;
  const Git &git;
  const Series &series;
  const std::size_t most;
  std::set<std::string> changed; ///< sources and headers, by any name that they have in the series
  std::map<std::string, std::string> earlierName;
  std::set<std::string> scope;
};

} // namespace bhlint
