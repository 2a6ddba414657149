#include "driver/cli/unit_cache.h"

#include "analysis/cache/packed_bytes.h"
#include "driver/cli/build_id.h"
#include "driver/cli/include_folders.h"

#include "llvm/ADT/StringExtras.h"

#include <mutex>
#include <set>

namespace bhlint {

namespace {

CacheKey keyOf(llvm::StringRef what, const ExtractRequest &request) {
  std::vector<std::string> parts{BHLINT_EXTRACTOR, std::to_string(facts::formatVersion), request.directory, what.str(),
                                 request.treeRoot};
  parts.insert(parts.end(), request.arguments.begin(), request.arguments.end());
  return CacheKey::of(parts);
}

/// Writes down which files Clang asks for, whether they are there or not.
class RecordingFileSystem : public llvm::vfs::ProxyFileSystem {
public:
  RecordingFileSystem(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, std::string directory)
      : ProxyFileSystem(std::move(files)), directory(std::move(directory)) {}

  llvm::ErrorOr<llvm::vfs::Status> status(const llvm::Twine &path) override {
    add(path);
    return ProxyFileSystem::status(path);
  }
  llvm::ErrorOr<std::unique_ptr<llvm::vfs::File>> openFileForRead(const llvm::Twine &path) override {
    add(path);
    return ProxyFileSystem::openFileForRead(path);
  }

  std::vector<std::string> paths() const { return {asked.begin(), asked.end()}; }

private:
  void add(const llvm::Twine &path) { asked.insert(absolutePath(directory, path.str())); }

  const std::string directory;
  std::set<std::string> asked;
};

constexpr llvm::StringLiteral unknownConstant = "-";

/// One line for each query, in their order.
std::string writeConstants(const std::vector<ConstantQuery> &queries, const TreeConstants &constants) {
  std::string text;
  for (const ConstantQuery &query : queries) {
    auto found = llvm::find_if(constants, [&](const auto &known) { return known.first == query.name; });
    text += (found == constants.end() ? unknownConstant.str() : std::to_string(found->second)) + "\n";
  }
  return text;
}

std::optional<TreeConstants> readConstants(const std::vector<ConstantQuery> &queries, llvm::StringRef text) {
  TreeConstants constants;
  for (const ConstantQuery &query : queries) {
    llvm::StringRef line;
    std::tie(line, text) = text.split('\n');
    std::uint64_t value = 0;
    if (line == unknownConstant)
      continue;
    if (line.getAsInteger(10, value))
      return std::nullopt;
    constants.emplace_back(query.name, value);
  }
  return text.empty() ? std::optional(std::move(constants)) : std::nullopt;
}

} // namespace

std::string extractorName() { return BHLINT_EXTRACTOR "-" + std::to_string(facts::formatVersion); }

UnitCache::UnitCache(const RunOptions &options, const Warning &tell) : tell(tell) {
  if (!options.useCache || options.cacheFolder.empty())
    return;
  auto opened =
      FactsCache::open(options.cacheFolder, options.factBytes(), digests, [this](llvm::StringRef text) { warn(text); });
  if (opened)
    cache = std::move(*opened);
  else
    warn("no cache: " + llvm::toString(opened.takeError()));
}

void UnitCache::warn(llvm::StringRef text) {
  if (!isTold.exchange(true) && tell)
    tell(text);
}

void UnitCache::setOverlay(const Overlay &overlay) {
  for (const auto &[path, text] : overlay) {
    if (text)
      digests.setContents(path, *text);
    else
      digests.setAbsent(path);
  }
}

bool UnitCache::find(const ExtractRequest &request, ExtractedUnit &unit) {
  if (!cache)
    return false;
  std::optional<std::string> packed = cache->find(keyOf(request.file, request));
  if (!packed)
    return false;
  unit.packed = std::move(*packed);
  unit.isFromCache = true;
  return true;
}

void UnitCache::put(const ExtractRequest &request, const ExtractedUnit &unit, const std::vector<std::string> &inputs) {
  if (unit.error.empty())
    put(keyOf(request.file, request), request, inputs, unit.packed);
}

std::optional<std::string> UnitCache::find(const CacheKey &key) { return cache ? cache->find(key) : std::nullopt; }

void UnitCache::put(const CacheKey &key, const ExtractRequest &request, std::vector<std::string> inputs,
                    llvm::StringRef bytes) {
  if (!cache)
    return;
  llvm::append_range(inputs, absentBefore(request, inputs, digests));
  cache->put(key, inputs, bytes);
}

TreeConstants UnitCache::constants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                                   llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  if (!cache)
    return extractConstants(request, queries, std::move(files));
  std::string what = "constants";
  for (const ConstantQuery &query : queries)
    what += "\n" + query.name + " " + query.header;
  CacheKey key = keyOf(what, request);
  if (std::optional<std::string> found = cache->find(key))
    if (std::optional<TreeConstants> known = readConstants(queries, *found))
      return *known;
  auto recording = llvm::makeIntrusiveRefCnt<RecordingFileSystem>(std::move(files), request.directory);
  TreeConstants constants = extractConstants(request, queries, recording);
  cache->put(key, recording->paths(), writeConstants(queries, constants));
  return constants;
}

/// What is in an index is decided all over the program (which units count, what the tree is), hence the build ID.
static CacheKey keyOfIndex(const std::string &file) { return CacheKey::of({"database", buildId(), file}); }

std::optional<DatabaseIndex> UnitCache::databaseIndex(const std::string &file) {
  std::optional<std::string> packed = cache ? cache->find(keyOfIndex(file)) : std::nullopt;
  std::optional<std::string> bytes = packed ? unpackBytes(*packed) : std::nullopt;
  return bytes ? DatabaseIndex::read(*bytes) : std::nullopt;
}

void UnitCache::putDatabaseIndex(const std::string &file, const DatabaseIndex &index) {
  if (cache && !buildId().empty())
    cache->put(keyOfIndex(file), {file}, packBytes(index.write()));
}

} // namespace bhlint
