// Which units a run looks at, from the compile database and the paths that were asked for.
#pragma once

#include "driver/cli/pipeline.h"

namespace bhlint {

struct SelectedUnits {
  std::string tree;
  std::vector<CompileCommand> commands; ///< never empty
};

/// Where paths are given and the cache has an index of the database, only the entries of those paths are read. The
/// outcome is the same.
llvm::Expected<SelectedUnits> selectUnits(const RunOptions &options, UnitCache &cache);

} // namespace bhlint
