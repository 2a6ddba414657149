// Shards: the facts of a share of the units, extracted here to be joined elsewhere, and findings from such shards.
//
// What lies in a shard is analysis/shard/; here is how a run fills one, and how a run is made of some.
#pragma once

#include "driver/cli/pipeline.h"

#include "analysis/shard/assign.h"
#include "analysis/shard/join.h"

namespace bhlint {

struct WrittenShard {
  std::string file;
  std::size_t allUnits = 0;         ///< of all shards
  std::vector<ExtractedUnit> units; ///< of this one, without their facts
};

/// Extracts the facts of the shard's units and writes its file into `folder`, which is made if need be.
llvm::Expected<WrittenShard> writeShardOf(const RunOptions &options, ShardNumber shard, const std::string &folder,
                                          const Progress &progress, const Warning &warn);

/// Shards that belong together, checked as they have to be before anything in them is believed.
struct OpenedShards {
  std::vector<ShardFile> files; ///< at least one
  JoinedShards joined;
};
/// `places`: shards, or folders with some.
llvm::Expected<OpenedShards> openShards(llvm::ArrayRef<std::string> places, unsigned jobs);

/// Where a path of ShardIndex::inputs is on this machine.
std::string localPath(llvm::StringRef portable, llvm::StringRef tree, llvm::StringRef build);

/// The run that extracting everything here would have been. Units of shards that are missing are failed ones.
llvm::Expected<Run> readShards(const RunOptions &options, const Progress &progress, const Warning &warn);

} // namespace bhlint
