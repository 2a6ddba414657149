// SizeBound: keeps a folder of cache files below a size by deleting those that were not used for the longest time.
//
// The folder is split into `shardCount` shards by the first letter of the files' names, which are digests, so shards
// fill evenly and each is kept below its share: what is looked through for one new file is a sixteenth. There is no
// list of what is there that could go wrong: sizes and times of use are those of the file system. Several processes may
// do this at once; at worst a little more than necessary is deleted.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace bhlint {

class SizeBound {
public:
  static constexpr unsigned shardCount = 16;

  /// `maxBytes` 0: no bound.
  SizeBound(std::string folder, std::uint64_t maxBytes) : folder(std::move(folder)), shardMax(maxBytes / shardCount) {}

  /// The folder of a shard, by the first letter of the name.
  std::string shardFolder(char letter) const { return folder + "/" + letter; }

  /// To be called after a file of `bytes` was put into the shard.
  void added(char letter, std::uint64_t bytes);

  std::uint64_t evictedFiles() const { return evicted; }

private:
  struct Shard {
    std::mutex mutex;
    bool isMeasured = false;
    std::uint64_t size = 0; ///< when it was last measured, and what this process has added since
  };
  std::uint64_t measureAndEvict(const std::string &shard);

  const std::string folder;
  const std::uint64_t shardMax;
  std::array<Shard, shardCount> shards;
  std::atomic<std::uint64_t> evicted{0};
};

} // namespace bhlint
