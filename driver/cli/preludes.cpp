#include "driver/cli/preludes.h"
#include "driver/cli/include_scan.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace bhlint {

namespace {

constexpr std::size_t fewestUnits = 6; ///< a prelude for fewer costs more than it saves
constexpr std::size_t rarestHeader =
    100; ///< a header is worth it when one unit in so many includes it, and at least two

/// A header is common when one unit in so many includes it. A prelude of these pays in a group of so many units.
constexpr std::size_t rarestCommonHeader = 12, fewestForSmaller = 40;

constexpr std::size_t fewestInPart = 150; ///< units that make a folder a part of the tree with preludes of its own

std::string absoluteFile(const ExtractRequest &request) {
  llvm::SmallString<256> path(request.file);
  if (!llvm::sys::path::is_absolute(path))
    llvm::sys::fs::make_absolute(request.directory, path);
  return path.str().str();
}

/// For each unit the deepest folder above it that has enough units left for itself. Subsystems share headers that
/// others do not want, and whose names may clash with theirs.
std::vector<std::string> partsOf(llvm::ArrayRef<std::string> paths) {
  std::map<std::string, std::size_t> count; // units in and below a folder
  for (const std::string &path : paths)
    for (llvm::StringRef folder = llvm::sys::path::parent_path(path); !folder.empty();
         folder = folder == "/" ? "" : llvm::sys::path::parent_path(folder))
      ++count[folder.str()];
  std::vector<std::string> parts;
  for (const std::string &path : paths) {
    llvm::StringRef folder = llvm::sys::path::parent_path(path);
    while (!folder.empty() && folder != "/" && count[folder.str()] < fewestInPart)
      folder = llvm::sys::path::parent_path(folder);
    parts.push_back(folder.str());
  }
  return parts;
}

/// The <...> headers of units, also by way of the headers that lie beside them: some drivers include nothing else.
class HeaderScan {
public:
  explicit HeaderScan(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) : files(std::move(files)) {}

  std::vector<std::string> headersOf(const ExtractRequest &request, const std::string &unit) {
    std::vector<std::string> folders, result, open{unit};
    for (std::size_t i = 0; i < request.arguments.size(); ++i) {
      llvm::StringRef argument = request.arguments[i];
      if (argument == "-I" && i + 1 < request.arguments.size())
        folders.push_back(request.arguments[++i]);
      else if (argument.consume_front("-I"))
        folders.push_back(argument.str());
    }
    llvm::StringSet<> seen;
    constexpr std::size_t mostFiles = 400;
    while (!open.empty() && seen.size() < mostFiles) {
      std::string path = std::move(open.back());
      open.pop_back();
      if (!seen.insert(path).second)
        continue;
      std::shared_ptr<const IncludedFiles> headers = read(path);
      if (!headers)
        continue;
      result.insert(result.end(), headers->system.begin(), headers->system.end());
      for (const std::string &name : headers->own)
        if (std::string found = locate(name, path, folders, request.directory); !found.empty())
          open.push_back(std::move(found));
    }
    return result;
  }

private:
  std::shared_ptr<const IncludedFiles> read(const std::string &path) {
    {
      std::lock_guard lock(mutex);
      if (auto known = scanned.find(path); known != scanned.end())
        return known->second;
    }
    std::shared_ptr<const IncludedFiles> headers;
    if (auto buffer = files->getBufferForFile(path))
      headers = std::make_shared<const IncludedFiles>(scanIncludes((*buffer)->getBuffer()));
    std::lock_guard lock(mutex);
    scanned[path] = headers;
    return headers;
  }
  std::string locate(const std::string &name, llvm::StringRef includer, llvm::ArrayRef<std::string> folders,
                     llvm::StringRef directory) {
    auto isThere = [&](llvm::StringRef folder) {
      llvm::SmallString<256> path(folder);
      if (!llvm::sys::path::is_absolute(path)) {
        path = directory;
        llvm::sys::path::append(path, folder);
      }
      llvm::sys::path::append(path, name);
      llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
      return read(path.str().str()) ? path.str().str() : std::string();
    };
    if (std::string beside = isThere(llvm::sys::path::parent_path(includer)); !beside.empty())
      return beside;
    for (const std::string &folder : folders)
      if (std::string found = isThere(folder); !found.empty())
        return found;
    return {};
  }

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
  std::mutex mutex;
  llvm::StringMap<std::shared_ptr<const IncludedFiles>> scanned; ///< null: not there
};

/// Headers by how many units include them, and how many of them are common; ties by name, so that the choice does not
/// depend on the order of units.
std::pair<std::vector<std::string>, std::size_t> chooseHeaders(const std::vector<std::vector<std::string>> &headersOf,
                                                               llvm::ArrayRef<std::size_t> units) {
  std::map<std::string, std::size_t> count;
  for (std::size_t unit : units) {
    std::vector<std::string> headers = headersOf[unit];
    std::sort(headers.begin(), headers.end());
    headers.erase(std::unique(headers.begin(), headers.end()), headers.end());
    for (const std::string &header : headers)
      ++count[header];
  }
  std::size_t fewest = std::max<std::size_t>(2, units.size() / rarestHeader);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto &[header, uses] : count)
    if (uses >= fewest && !llvm::StringRef(header).starts_with("trace/"))
      ranked.emplace_back(uses, header);
  std::sort(ranked.begin(), ranked.end(), [](const auto &a, const auto &b) {
    return std::make_pair(b.first, a.second) < std::make_pair(a.first, b.second);
  });
  std::vector<std::string> result;
  std::size_t common = 0;
  for (auto &[uses, header] : ranked) {
    common += uses * rarestCommonHeader >= units.size();
    result.push_back(std::move(header));
  }
  return {std::move(result), common};
}

} // namespace

PreludeFolder::PreludeFolder() {
  llvm::SmallString<128> path;
  if (!llvm::sys::fs::createUniqueDirectory("bhlint-prelude", path))
    folder = path.str().str();
}

PreludeFolder::~PreludeFolder() {
  if (!folder.empty())
    llvm::sys::fs::remove_directories(folder);
}

std::size_t PreludeGroup::unitCount() const {
  std::size_t count = 0;
  for (const MacroSet &set : sets)
    count += set.units.size();
  return count;
}

void PreludeGroup::build(llvm::ArrayRef<ExtractRequest> allRequests, llvm::StringRef inFolder, unsigned ownNumber,
                         llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  requests = allRequests;
  folder = inFolder.str();
  number = ownNumber;
  files = std::move(fileSystem);
  std::vector<std::pair<std::shared_ptr<const Prelude>, std::size_t>> preludes;
  for (std::size_t s = 0; s < sets.size(); ++s) {
    MacroSet &set = sets[s];
    for (const auto &[prelude, builtAs] : preludes)
      if (mayUse(*prelude, set.shape)) {
        set.prelude = prelude;
        set.builtAs = builtAs;
        break;
      }
    if (set.prelude || set.units.size() < fewestUnits || headers.empty())
      continue;
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path, "prelude-" + std::to_string(number) + "-" + std::to_string(preludes.size()) + ".pch");
    paths.push_back(path.str().str());
    // Few units do not earn what all headers cost.
    bool isSmall = set.units.size() < fewestForSmaller && commonHeaders != 0;
    auto made = buildPrelude(requests[set.units.front()], isSmall ? common() : headers, path, files);
    if (made) {
      set.prelude = *made;
      set.builtAs = s;
      if (!isSmall)
        smaller[s];
      preludes.emplace_back(set.prelude, s);
    } else {
      llvm::consumeError(made.takeError()); // without one, the units are parsed plainly: slower, not wrong
    }
  }
  built.set_value();
}

std::shared_ptr<const Prelude> PreludeGroup::preludeOf(std::size_t set) {
  isBuilt.wait();
  return sets[set].prelude;
}

std::shared_ptr<const Prelude> PreludeGroup::smallerPreludeOf(std::size_t set) {
  auto known = smaller.find(sets[set].builtAs);
  if (!sets[set].prelude || known == smaller.end() || unitCount() < fewestForSmaller || commonHeaders == 0 ||
      commonHeaders == headers.size())
    return nullptr;
  std::call_once(known->second.once, [&] {
    llvm::SmallString<256> path(folder);
    llvm::sys::path::append(path,
                            "prelude-" + std::to_string(number) + "-small-" + std::to_string(known->first) + ".pch");
    {
      std::lock_guard lock(pathsMutex);
      paths.push_back(path.str().str());
    }
    auto made = buildPrelude(requests[sets[known->first].units.front()], common(), path, files);
    if (made)
      known->second.prelude = *made;
    else
      llvm::consumeError(made.takeError());
  });
  return known->second.prelude;
}

void PreludeGroup::finishUnit() {
  if (++finished == unitCount())
    for (const std::string &path : paths)
      llvm::sys::fs::remove(path);
}

std::vector<std::unique_ptr<PreludeGroup>> planPreludes(llvm::ArrayRef<ExtractRequest> requests, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  std::vector<std::vector<std::string>> headersOf(requests.size());
  std::vector<CommandShape> shapes(requests.size());
  std::vector<std::string> paths(requests.size());
  HeaderScan scan(files);
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
  for (std::size_t i = 0; i < requests.size(); ++i)
    pool.async([&, i] {
      shapes[i] = shapeOf(requests[i]);
      paths[i] = absoluteFile(requests[i]);
      headersOf[i] = scan.headersOf(requests[i], paths[i]);
    });
  pool.wait();
  std::vector<std::string> parts = partsOf(paths);

  // One base (target, language) may have several sets of macros (module or built in, -DDEBUG, ...).
  std::map<std::pair<std::string, std::string>, std::map<std::vector<std::string>, PreludeGroup::MacroSet>> byBase;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    PreludeGroup::MacroSet &set = byBase[{parts[i], shapes[i].base}][shapes[i].macros];
    set.shape = shapes[i];
    set.units.push_back(i);
  }
  std::vector<std::unique_ptr<PreludeGroup>> groups;
  for (auto &[base, byMacros] : byBase) {
    auto group = std::make_unique<PreludeGroup>();
    // Headers are counted over all sets of the base: what most units want is what a small set will want, too.
    std::vector<std::size_t> all;
    for (auto &[macros, set] : byMacros) {
      all.insert(all.end(), set.units.begin(), set.units.end());
      group->sets.push_back(std::move(set));
    }
    std::stable_sort(group->sets.begin(), group->sets.end(),
                     [](const auto &a, const auto &b) { return a.units.size() > b.units.size(); });
    std::tie(group->headers, group->commonHeaders) = chooseHeaders(headersOf, all);
    groups.push_back(std::move(group));
  }
  return groups;
}

} // namespace bhlint
