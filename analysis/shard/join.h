// Do these shards belong together? Facts of different trees, programs or ways of splitting must not become one result.
#pragma once

#include "analysis/shard/shard_file.h"

namespace bhlint {

/// What the shards have in common, and what is not there.
struct JoinedShards {
  std::vector<ShardNumber> missing;   ///< shards that nobody has brought
  std::vector<std::uint32_t> noFacts; ///< positions of their units
};

/// Fails when there is no shard, one occurs twice, or two do not fit together; names the files and what differs.
/// `tool`: what the shards must be made by.
llvm::Expected<JoinedShards> joinShards(llvm::ArrayRef<ShardFile> shards, llvm::StringRef tool);

} // namespace bhlint
