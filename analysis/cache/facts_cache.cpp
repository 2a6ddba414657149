#include "analysis/cache/facts_cache.h"

#include "analysis/cache/input_list.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <mutex>

using namespace llvm;

namespace bhlint {

namespace {

constexpr std::uint64_t maxTableBytes = 64 << 20;
constexpr StringLiteral manifestKind = "m", factsKind = "f";

} // namespace

Expected<std::unique_ptr<FactsCache>> FactsCache::open(StringRef folder, std::uint64_t maxBytes, InputDigests &digests,
                                                       WarningHandler warn) {
  Expected<std::unique_ptr<NamedFiles>> files = NamedFiles::open(folder, maxBytes);
  if (!files)
    return files.takeError();
  return std::unique_ptr<FactsCache>(new FactsCache(std::move(*files), digests, std::move(warn)));
}

FactsCache::FactsCache(std::unique_ptr<NamedFiles> opened, InputDigests &digests, WarningHandler warn)
    : disk(std::move(opened)), digests(digests), warn(std::move(warn)), table(disk->folder(), maxTableBytes) {}

FactsCache::~FactsCache() { flush(); }

std::optional<InputLists> FactsCache::readManifest(const CacheKey &key) {
  std::optional<std::string> payload = disk->read(key.digest, manifestKind);
  return payload ? InputLists::read(*payload) : std::nullopt;
}

/// Do we know every number of it? Another process may have given some out since the table was read.
bool FactsCache::canResolve(const InputLists &manifest) {
  auto isKnown = [&] {
    return manifest.table == table.id() &&
           all_of(manifest.lists, [&](const InputList &list) { return list.empty() || list.back() < table.size(); });
  };
  {
    std::shared_lock lock(tableMutex);
    if (isKnown())
      return true;
  }
  std::unique_lock lock(tableMutex);
  table.refresh();
  return isKnown();
}

/// With the table locked for reading.
Digest FactsCache::nameOfFacts(const CacheKey &key, ArrayRef<InputTable::Number> list) {
  std::string contents;
  contents.reserve(list.size() * Digest::size);
  for (InputTable::Number number : list)
    contents += table.digest(number, digests).view();
  return Hasher().add(key.digest).add(contents).finish();
}

/// Nothing when another thread has met a table that was replaced since canResolve().
std::optional<Digest> FactsCache::nameOfFacts(const CacheKey &key, const InputLists &manifest, const InputList &list) {
  std::shared_lock lock(tableMutex);
  if (manifest.table != table.id() || (!list.empty() && list.back() >= table.size()))
    return std::nullopt;
  return nameOfFacts(key, list);
}

std::optional<std::string> FactsCache::findFacts(const CacheKey &key) {
  std::optional<InputLists> manifest = readManifest(key);
  if (!manifest || !canResolve(*manifest))
    return std::nullopt;
  for (const InputList &list : manifest->lists) {
    std::optional<Digest> name = nameOfFacts(key, *manifest, list);
    if (!name)
      return std::nullopt;
    if (std::optional<std::string> packed = disk->read(*name, factsKind))
      return packed;
  }
  return std::nullopt;
}

std::optional<std::string> FactsCache::find(const CacheKey &key) {
  std::optional<std::string> facts = findFacts(key);
  ++(facts ? hits : misses);
  bytesFound += facts ? facts->size() : 0;
  return facts;
}

std::optional<std::vector<InputFile *>> FactsCache::unchangedFiles(ArrayRef<std::string> inputs) {
  std::vector<InputFile *> files;
  for (const std::string &input : inputs) {
    if (!sys::path::is_absolute(input))
      return std::nullopt;
    files.push_back(&digests.file(input));
    if (!digests.isUnchanged(*files.back()))
      return std::nullopt;
  }
  return files;
}

void FactsCache::put(const CacheKey &key, ArrayRef<std::string> inputs, StringRef facts) {
  std::optional<std::vector<InputFile *>> files;
  if (isWritable)
    files = unchangedFiles(inputs);
  if (!files) {
    ++notStored;
    return;
  }
  if (Error error = store(key, *files, facts)) {
    ++notStored;
    stopWriting(std::move(error));
    return;
  }
  ++stored;
}

Error FactsCache::store(const CacheKey &key, ArrayRef<InputFile *> files, StringRef facts) {
  InputList list;
  Digest tableId, name;
  {
    std::unique_lock lock(tableMutex);
    Expected<std::vector<InputTable::Number>> numbers = table.numbersOf(files, digests);
    if (!numbers)
      return numbers.takeError();
    list = std::move(*numbers);
    llvm::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    tableId = table.id();
    name = nameOfFacts(key, list);
  }
  // In this order, so that a manifest never promises what is not there.
  if (Error error = disk->write(name, factsKind, facts))
    return error;
  return storeManifest(key, tableId, std::move(list));
}

Error FactsCache::storeManifest(const CacheKey &key, const Digest &tableId, InputList list) {
  std::optional<InputLists> manifest = readManifest(key);
  if (!manifest || manifest->table != tableId)
    manifest = InputLists{tableId, {}};
  if (!manifest->lists.empty() && manifest->lists.front() == list)
    return Error::success();
  manifest->add(std::move(list));
  return disk->write(key.digest, manifestKind, manifest->write());
}

/// A full disk is full for the next unit, too.
void FactsCache::stopWriting(Error reason) {
  std::string text = toString(std::move(reason));
  if (isWritable.exchange(false) && warn)
    warn("the cache is not written any more in this run: " + text);
}

void FactsCache::flush() {
  std::unique_lock lock(tableMutex);
  if (isWritable)
    if (Error error = table.saveLearnt(digests))
      stopWriting(std::move(error));
}

CacheCounts FactsCache::counts() const {
  return {hits,
          misses,
          stored,
          notStored,
          disk->brokenFiles(),
          disk->evictedFiles(),
          bytesFound,
          disk->bytesWritten()};
}

} // namespace bhlint
