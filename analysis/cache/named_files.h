// NamedFiles: a folder of sealed files under names that say all that they were made from, kept below a size.
//
//     FOLDER/<0-f>/<rest of the name>.KIND    sealed (sealed_file.h), evicted by time of last use (size_bound.h)
//     FOLDER/tmp                              files being written
//
// Nothing in here is ever out of date: whoever asks computes the name from what holds now. What the bytes mean, and
// what goes into a name, is the business of who uses it: FactsCache, the results of runs (driver/cli/results.h) and
// their preludes (driver/cli/prelude_store.h). Any number of threads and processes may use one folder at once, and each
// may be killed at any moment.
#pragma once

#include "analysis/cache/digest.h"
#include "analysis/cache/size_bound.h"

#include "llvm/Support/Error.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace bhlint {

class NamedFiles {
public:
  /// Makes the folders if need be. `maxBytes` bounds all kinds of files together; 0: unbounded. `shards`: see
  /// size_bound.h; always the same for one folder.
  static llvm::Expected<std::unique_ptr<NamedFiles>> open(llvm::StringRef folder, std::uint64_t maxBytes,
                                                          unsigned shards = SizeBound::maxShards);

  /// What was written under this name, as one kind of file. Damaged files are deleted.
  std::optional<std::string> read(const Digest &name, llvm::StringRef kind);

  llvm::Error write(const Digest &name, llvm::StringRef kind, llvm::StringRef bytes);

  const std::string &folder() const { return root; }
  std::uint64_t brokenFiles() const { return broken; } ///< damaged, and deleted
  std::uint64_t evictedFiles() const { return sizeBound.evictedFiles(); }
  std::uint64_t bytesWritten() const { return written; }

private:
  NamedFiles(std::string folder, std::uint64_t maxBytes, unsigned shards)
      : root(folder), sizeBound(folder, maxBytes, shards) {}
  std::string pathOf(const Digest &name, llvm::StringRef kind) const;

  const std::string root;
  SizeBound sizeBound;
  std::atomic<std::uint64_t> broken{0}, written{0};
};

} // namespace bhlint
