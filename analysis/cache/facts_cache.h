// FactsCache: the facts of units that were analysed before, found by what they were made from.
//
// A unit's facts depend on its key (tool, command, prelude: CacheKey) and on the contents of the files that it reads,
// which are only known once it was read. So there are two steps. The key names a manifest (input_list.h): which files
// the unit read. Key and contents of those files together name the facts. Nothing is ever out of date, because a name
// says all that the facts were made from; going back to an earlier state of the tree finds the facts of then.
//
//     FOLDER/inputs       paths and what is known of them (input_table.h)
//     FOLDER/lock         the lock of `inputs`
//     FOLDER/<0-f>/*.m    manifests, by key                 } sealed, and kept below a size
//     FOLDER/<0-f>/*.f    facts, by key and contents        } (named_files.h)
//
// Any number of threads and processes may use one folder at once, each may be killed at any moment, and whatever is
// found in the folder is checked before it is believed. Bytes are just bytes here: what they mean is facts/serialize.h.
#pragma once

#include "analysis/cache/input_digests.h"
#include "analysis/cache/input_table.h"
#include "analysis/cache/named_files.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>

namespace bhlint {

struct InputLists;

/// What happened in this run.
struct CacheCounts {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stored = 0;
  std::uint64_t notStored = 0; ///< an input changed during the run, or the cache can't be written
  std::uint64_t broken = 0;    ///< files that were damaged, and deleted
  std::uint64_t evicted = 0;
  std::uint64_t bytesFound = 0;   ///< of facts
  std::uint64_t bytesWritten = 0; ///< to the disk
};

class FactsCache {
public:
  using WarningHandler = std::function<void(llvm::StringRef)>;

  /// Makes the folder if need be. Fails when it can't be used at all; the caller then runs without a cache. `maxBytes`
  /// bounds the whole, 0: unbounded. `digests` must outlive the cache. `warn` is called from any thread, at most once
  /// for each thing that goes wrong.
  static llvm::Expected<std::unique_ptr<FactsCache>> open(llvm::StringRef folder, std::uint64_t maxBytes,
                                                          InputDigests &digests, WarningHandler warn);
  ~FactsCache();

  /// The facts that were put for this key when all inputs were as they are now.
  std::optional<std::string> find(const CacheKey &key);

  /// `inputs`: every file that was read or looked for, as absolute paths; ones that do not exist are worth naming,
  /// since the facts may change when they come into being. Does nothing, and says nothing, if an input was written
  /// since the run began, for then nobody knows what was read.
  void put(const CacheKey &key, llvm::ArrayRef<std::string> inputs, llvm::StringRef facts);

  /// Saves what this run has learnt about files. Also done when the object goes.
  void flush();

  CacheCounts counts() const;

private:
  FactsCache(std::unique_ptr<NamedFiles> opened, InputDigests &digests, WarningHandler warn);

  std::optional<InputLists> readManifest(const CacheKey &key);
  bool canResolve(const InputLists &manifest);
  Digest nameOfFacts(const CacheKey &key, llvm::ArrayRef<InputTable::Number> list);
  std::optional<Digest> nameOfFacts(const CacheKey &key, const InputLists &manifest,
                                    const std::vector<InputTable::Number> &list);
  std::optional<std::string> findFacts(const CacheKey &key);
  std::optional<std::vector<InputFile *>> unchangedFiles(llvm::ArrayRef<std::string> inputs);
  llvm::Error store(const CacheKey &key, llvm::ArrayRef<InputFile *> files, llvm::StringRef facts);
  llvm::Error storeManifest(const CacheKey &key, const Digest &table, std::vector<InputTable::Number> list);
  void stopWriting(llvm::Error reason);

  const std::unique_ptr<NamedFiles> disk;
  InputDigests &digests;
  const WarningHandler warn;
  std::shared_mutex tableMutex;
  InputTable table;
  std::atomic<bool> isWritable{true};
  std::atomic<std::uint64_t> hits{0}, misses{0}, stored{0}, notStored{0}, bytesFound{0};
};

} // namespace bhlint
