// Which share of the units is whose, when several machines extract the facts of one tree.
//
// A pure function of the units' names and the number of shards: machines that see the same units agree without talking
// to each other, whatever the order in which they list them. Units are dealt out in the order of a digest, so shards
// differ by at most one unit in size, and each gets a bit of every folder: none gets all of the large drivers.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bhlint {

/// Number K of N, as people count.
struct ShardNumber {
  unsigned number = 1; ///< from 1 to `count`
  unsigned count = 1;
  friend bool operator==(const ShardNumber &, const ShardNumber &) = default;
};

/// More machines than anybody has; a number beyond that is a mistake, or an attack.
inline constexpr unsigned maxShards = 100'000;

/// "3/10"
std::string toString(ShardNumber shard);

/// For each unit the number of its shard, from 1 to `count`. A name that occurs more than once (one file, built twice)
/// is as many units.
std::vector<unsigned> assignShards(llvm::ArrayRef<std::string> units, unsigned count);

} // namespace bhlint
