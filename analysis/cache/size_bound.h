// SizeBound: keeps a folder of cache files below a size by deleting those that were not used for the longest time.
//
// The folder is split into up to `maxShards` shards by the first letter of the files' names, which are digests, so
// shards fill evenly and each is kept below its share: what is looked through for one new file is a sixteenth. Few
// large files do not fill shards evenly; they have one shard. There is no list of what is there that could go wrong:
// sizes and times of use are those of the file system. Several processes may do this at once; at worst a little more
// than necessary is deleted.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace bhlint {

class SizeBound {
public:
  static constexpr unsigned maxShards = 16;

  /// `maxBytes` 0: no bound. `shardCount`: 1 or maxShards.
  SizeBound(std::string folder, std::uint64_t maxBytes, unsigned shardCount = maxShards)
      : folder(std::move(folder)), shardCount(shardCount), shardMax(maxBytes / shardCount) {}

  /// The folders of all shards.
  std::vector<std::string> shardFolders() const;
  /// Of the shard that a name belongs to, by its first letter.
  std::string shardFolder(char letter) const;

  /// To be called after a file of `bytes` was put into the shard of `letter`.
  void added(char letter, std::uint64_t bytes);

  std::uint64_t evictedFiles() const { return evicted; }

private:
  struct Shard {
    std::mutex mutex;
    bool isMeasured = false;
    std::uint64_t size = 0; ///< when it was last measured, and what this process has added since
  };
  unsigned shardOf(char letter) const;
  std::uint64_t measureAndEvict(const std::string &shard);

  const std::string folder;
  const unsigned shardCount;
  const std::uint64_t shardMax;
  std::array<Shard, maxShards> shards;
  std::atomic<std::uint64_t> evicted{0};
};

} // namespace bhlint
