// UnitCache: what the units and the constants of a tree, and its compile database, came to in earlier runs.
//
// It knows which parts of a request the result depends on, and makes keys of them. How cached things are kept, found and
// verified is analysis/cache. The prelude is not part of a key, because it must not change the facts.
#pragma once

#include "analysis/cache/facts_cache.h"
#include "driver/cli/pipeline.h"
#include "driver/kbuild/database_index.h"

namespace bhlint {

class UnitCache {
public:
  /// Without a cache (--no-cache, no folder, or one that can't be used, which is warned of) it finds nothing.
  UnitCache(const RunOptions &options, const Warning &warn);

  /// In this run, these files have these contents. To be called before a unit is looked up.
  void setOverlay(const Overlay &overlay);

  /// Fills in the facts.
  bool find(const ExtractRequest &request, ExtractedUnit &unit);
  void put(const ExtractRequest &request, const ExtractedUnit &unit, const std::vector<std::string> &inputs);

  /// The values of `queries` with the flags of `request`: found, else read from the tree.
  TreeConstants constants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                          llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

  /// Of this compile_commands.json as it is now. Not for an overlay, which replaces sources only.
  std::optional<DatabaseIndex> databaseIndex(const std::string &file);
  void putDatabaseIndex(const std::string &file, const DatabaseIndex &index);

  /// What else was made of files: `key` says all that it depends on but their contents. `request`: where they were
  /// looked for.
  std::optional<std::string> find(const CacheKey &key);
  void put(const CacheKey &key, const ExtractRequest &request, std::vector<std::string> inputs, llvm::StringRef bytes);

  /// Of the disk; said once in a run, however many notice it.
  void warn(llvm::StringRef text);

  bool isOpen() const { return cache != nullptr; }
  InputDigests &inputs() { return digests; } ///< of all files that were looked at

private:
  InputDigests digests;
  const Warning tell;
  std::atomic<bool> isTold{false};
  std::unique_ptr<FactsCache> cache; ///< the first to go: it still writes, and may warn
};

} // namespace bhlint
