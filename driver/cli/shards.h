// Shards: the facts of a share of the units, extracted here to be joined elsewhere, and findings from such shards.
//
// What lies in a shard is analysis/shard/; here is how a run fills one, and how a run is made of some.
#pragma once

#include "driver/cli/pipeline.h"

#include "analysis/shard/assign.h"

namespace bhlint {

struct WrittenShard {
  std::string file;
  std::size_t allUnits = 0;         ///< of all shards
  std::vector<ExtractedUnit> units; ///< of this one, without their facts
};

/// Extracts the facts of the shard's units and writes its file into `folder`, which is made if need be.
llvm::Expected<WrittenShard> writeShardOf(const RunOptions &options, ShardNumber shard, const std::string &folder,
                                          const Progress &progress, const Warning &warn);

/// The run that extracting everything here would have been. Units of shards that are missing are failed ones.
llvm::Expected<Run> readShards(const RunOptions &options, const Progress &progress, const Warning &warn);

} // namespace bhlint
