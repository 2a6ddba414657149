// PreludeStore: preludes that earlier runs have built, in the cache, by where the units lie that they were built for.
//
// Two steps, as for facts. A key of the place and the commands of units leads, by way of the contents of all files that
// the prelude was made of (FactsCache), to a name; the name to one large file. So looking for what isn't there is
// cheap, and keys that share a prelude share its file. The large files have a bound of their own, so that they don't
// push the facts out:
//
//     CACHE/preludes/0/*.p    sealed (named_files.h), at most a quarter of RunOptions::cacheBytes
//
// Whether a unit may use what is found here is for extractUnit() to decide, as with any other prelude. Decision 045.
#pragma once

#include "analysis/cache/named_files.h"
#include "driver/cli/prelude_image.h"
#include "driver/cli/unit_cache.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <atomic>
#include <map>
#include <mutex>

namespace bhlint {

/// What units a prelude was built for.
struct PreludePlace {
  enum class Kind : std::uint8_t {
    Header, ///< that begin with this header of their own
    Folder, ///< many that lie in this folder
    Common  ///< all of a run, which lie in this folder
  };
  Kind kind = Kind::Folder;
  std::string of; ///< absolute
};

/// From any thread.
class PreludeStore {
public:
  /// Null without a cache, and in a program that has no build ID. `cache` must outlive it.
  static std::unique_ptr<PreludeStore> open(const RunOptions &options, UnitCache &cache);

  /// The name of one for such units, whose inputs are what they were; it isn't read yet.
  std::optional<Digest> find(const PreludePlace &place, const CommandShape &shape, const ExtractRequest &request);
  /// The nearest for units in `folder`: of a part, else a common one, there or in a folder above it.
  std::optional<Digest> findAbove(llvm::StringRef folder, const CommandShape &shape, const ExtractRequest &request,
                                  bool onlyCommon = false);

  /// Null: it isn't there any more, or damaged, or not for such commands. Read once for all that use it at a time.
  std::shared_ptr<const PreludeImage> load(const Digest &name, const CommandShape &shape);

  /// Keeps it for units of these commands; one that was loaded is only given the name. Does nothing when it was done
  /// before.
  void put(const PreludeImage &image, const PreludePlace &place, const CommandShape &shape,
           const ExtractRequest &request);

private:
  PreludeStore(UnitCache &cache, std::unique_ptr<NamedFiles> files, std::string program)
      : cache(cache), files(std::move(files)), program(std::move(program)) {}
  CacheKey keyOf(const PreludePlace &place, const CommandShape &shape, const ExtractRequest &request) const;
  std::optional<Digest> store(const Prelude &prelude);

  UnitCache &cache;
  const std::unique_ptr<NamedFiles> files;
  const std::string program; ///< and its libraries: Clang reads only what the same Clang has written
  std::mutex mutex;
  std::map<std::string, std::optional<Digest>> known;              ///< by key
  std::map<std::string, std::weak_ptr<const PreludeImage>> loaded; ///< by name
  std::map<std::string, std::optional<Digest>> names;              ///< by Prelude::pch; nothing: it can't be kept
  std::atomic<bool> isWritable{true};
};

} // namespace bhlint
