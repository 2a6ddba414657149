#include "driver/cli/prelude_store.h"

#include "driver/cli/build_id.h"
#include "driver/kbuild/compile_database.h"

#include "llvm/Support/Path.h"

#include <set>

namespace bhlint {

namespace path = llvm::sys::path;

namespace {

constexpr llvm::StringLiteral preludeKind = "p";
constexpr unsigned oneShard = 1; // files of 10 MB and more would not fill several evenly

std::vector<std::string> inputsOf(const Prelude &prelude, llvm::StringRef directory) {
  std::set<std::string> inputs;
  for (const auto &entry : prelude.includes)
    for (const std::string &header : entry.second)
      inputs.insert(absolutePath(directory, header));
  return {inputs.begin(), inputs.end()};
}

std::string bytesOf(const Digest &digest) { return digest.view().str(); }

} // namespace

std::unique_ptr<PreludeStore> PreludeStore::open(const RunOptions &options, UnitCache &cache) {
  std::string program = buildId(), libraries = libraryBuildIds();
  if (!cache.isOpen() || program.empty())
    return nullptr;
  auto files =
      NamedFiles::open(options.cacheFolder + "/preludes", options.cacheBytes / RunOptions::preludeShare, oneShard);
  if (!files) {
    cache.warn("preludes are not kept: " + llvm::toString(files.takeError()));
    return nullptr;
  }
  return std::unique_ptr<PreludeStore>(new PreludeStore(cache, std::move(*files), program + libraries));
}

CacheKey PreludeStore::keyOf(const PreludePlace &place, const CommandShape &shape,
                             const ExtractRequest &request) const {
  std::vector<std::string> parts{"prelude", program,           std::to_string(static_cast<unsigned>(place.kind)),
                                 place.of,  request.directory, request.treeRoot,
                                 shape.base};
  parts.insert(parts.end(), shape.macros.begin(), shape.macros.end());
  return CacheKey::of(parts);
}

std::optional<Digest> PreludeStore::find(const PreludePlace &place, const CommandShape &shape,
                                         const ExtractRequest &request) {
  CacheKey key = keyOf(place, shape, request);
  std::lock_guard lock(mutex);
  auto [entry, isNew] = known.try_emplace(bytesOf(key.digest));
  if (isNew)
    if (std::optional<std::string> name = cache.find(key); name && name->size() == Digest::size)
      entry->second = Digest::read(*name);
  return entry->second;
}

std::optional<Digest> PreludeStore::findAbove(llvm::StringRef folder, const CommandShape &shape,
                                              const ExtractRequest &request, bool onlyCommon) {
  for (; !folder.empty(); folder = path::parent_path(folder))
    for (PreludePlace::Kind kind : {PreludePlace::Kind::Folder, PreludePlace::Kind::Common})
      if (kind == PreludePlace::Kind::Common || !onlyCommon)
        if (std::optional<Digest> name = find({kind, folder.str()}, shape, request))
          return name;
  return std::nullopt;
}

std::shared_ptr<const PreludeImage> PreludeStore::load(const Digest &name, const CommandShape &shape) {
  std::lock_guard lock(mutex);
  std::weak_ptr<const PreludeImage> &slot = loaded[bytesOf(name)];
  std::shared_ptr<const PreludeImage> image = slot.lock();
  if (!image) {
    std::optional<std::string> bytes = files->read(name, preludeKind);
    if (!bytes || !(image = readPrelude(*bytes)))
      return nullptr;
    slot = image;
    names[image->prelude->pch] = name;
  }
  return mayUse(*image->prelude, shape) ? image : nullptr;
}

/// The name that it has now. The lock is not held while the file is made, which takes a while.
std::optional<Digest> PreludeStore::store(const Prelude &prelude) {
  {
    std::lock_guard lock(mutex);
    if (auto entry = names.find(prelude.pch); entry != names.end())
      return entry->second;
  }
  std::optional<Digest> name;
  if (std::optional<std::string> bytes = isWritable ? writePrelude(prelude) : std::nullopt) {
    name = Hasher().add(*bytes).finish();
    if (llvm::Error error = files->write(*name, preludeKind, *bytes)) {
      name.reset();
      isWritable = false;
      cache.warn("preludes are not kept any more in this run: " + llvm::toString(std::move(error)));
    }
  }
  std::lock_guard lock(mutex);
  return names[prelude.pch] = name;
}

void PreludeStore::put(const PreludeImage &image, const PreludePlace &place, const CommandShape &shape,
                       const ExtractRequest &request) {
  CacheKey key = keyOf(place, shape, request);
  std::optional<Digest> name = store(*image.prelude);
  if (!name)
    return;
  {
    std::lock_guard lock(mutex);
    std::optional<Digest> &mine = known[bytesOf(key.digest)];
    if (mine == name)
      return;
    mine = name;
  }
  cache.put(key, request, inputsOf(*image.prelude, request.directory), name->view());
}

} // namespace bhlint
