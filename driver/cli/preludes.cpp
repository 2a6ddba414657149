#include "driver/cli/preludes.h"
#include "driver/cli/header_scan.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

namespace bhlint {

namespace {

/// Preludes for fewer units cost more than they save: one of the common headers, and one of all that the part wants.
constexpr std::size_t fewestForCommon = 4, fewestForPart = 40;
/// A header is worth it when one unit in so many includes it, and at least two.
constexpr std::size_t rarestCommonHeader = 12, rarestHeader = 100, rarestLeadingHeader = 8;

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

/// Headers that one of `rarest` of the units include, most used first; ties by name, so that the choice does not depend
/// on the order of units.
std::vector<std::string> chooseHeaders(const std::vector<UnitHeaders> &headersOf,
                                       llvm::ArrayRef<std::size_t> units, std::size_t rarest) {
  std::map<std::string, std::size_t> count;
  for (std::size_t unit : units)
    for (const std::string &header : std::set<std::string>(headersOf[unit].system.begin(), headersOf[unit].system.end()))
      ++count[header];
  std::size_t fewest = std::max<std::size_t>(2, (units.size() + rarest - 1) / rarest);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto &[header, uses] : count)
    if (uses >= fewest && !llvm::StringRef(header).starts_with("trace/"))
      ranked.emplace_back(uses, header);
  std::sort(ranked.begin(), ranked.end(), [](const auto &a, const auto &b) {
    return std::make_pair(b.first, a.second) < std::make_pair(a.first, b.second);
  });
  std::vector<std::string> result;
  for (auto &[uses, header] : ranked)
    result.push_back(std::move(header));
  return result;
}

/// Of the units' own headers those that many include, in the order in which units do on average: they build on each
/// other.
std::vector<std::string> chooseLeading(const std::vector<UnitHeaders> &headersOf, llvm::ArrayRef<std::size_t> units) {
  struct Use {
    std::size_t units = 0, places = 0;
  };
  std::map<std::string, Use> uses;
  for (std::size_t unit : units)
    for (const auto &[place, header] : llvm::enumerate(headersOf[unit].leading)) {
      if (llvm::StringRef(header).ends_with(".c"))
        continue; // code of each unit, not a header
      Use &use = uses[header];
      ++use.units;
      use.places += place;
    }
  std::vector<std::pair<double, std::string>> ranked;
  for (const auto &[header, use] : uses)
    if (use.units >= std::max<std::size_t>(2, units.size() / rarestLeadingHeader))
      ranked.emplace_back(static_cast<double>(use.places) / static_cast<double>(use.units), header);
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> result;
  for (auto &[place, header] : ranked)
    result.push_back(std::move(header));
  return result;
}

std::shared_ptr<const Prelude> preludeOrNone(const ExtractRequest &request, std::vector<std::string> headers,
                                             llvm::StringRef folder, const std::string &name,
                                             llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name + ".pch");
  auto made = buildPrelude(request, std::move(headers), path, std::move(files));
  if (made)
    return std::move(*made);
  llvm::consumeError(made.takeError()); // without one, units are parsed plainly: slower, not wrong
  return nullptr;
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

std::shared_ptr<const Prelude> CommonPreludes::preludeFor(const CommandShape &shape, const ExtractRequest &request,
                                                          llvm::StringRef folder,
                                                          llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                                          bool mayMake) {
  std::lock_guard lock(mutex);
  for (const std::weak_ptr<const Prelude> &one : made)
    if (std::shared_ptr<const Prelude> prelude = one.lock(); prelude && mayUse(*prelude, shape))
      return prelude;
  if (!mayMake || unitCount[shape.macros] < fewestForCommon || headers.empty() || failed.contains(shape.macros))
    return nullptr;
  std::shared_ptr<const Prelude> prelude = preludeOrNone(
      request, headers, folder, "common-" + std::to_string(number) + "-" + std::to_string(count++), std::move(files));
  if (prelude)
    made.push_back(prelude);
  else
    failed.insert(shape.macros);
  return prelude;
}

std::size_t PreludeGroup::unitCount() const {
  std::size_t count = 0;
  for (const MacroSet &set : sets)
    count += set.units.size();
  return count;
}

void PreludeGroup::build(llvm::ArrayRef<ExtractRequest> allRequests, llvm::StringRef inFolder, unsigned number,
                         llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  requests = allRequests;
  folder = inFolder.str();
  files = std::move(fileSystem);
  std::vector<std::shared_ptr<const Prelude>> preludes;
  for (MacroSet &set : sets) {
    auto usable = llvm::find_if(preludes, [&](const auto &prelude) { return mayUse(*prelude, set.shape); });
    if (usable != preludes.end()) {
      set.prelude = *usable;
      continue;
    }
    const ExtractRequest &example = requests[set.units.front()];
    if (set.units.size() < fewestForPart || headers.empty()) {
      set.prelude = set.smaller = common->preludeFor(set.shape, example, folder, files);
      continue;
    }
    std::string name = "part-" + std::to_string(number) + "-" + std::to_string(preludes.size());
    if ((set.prelude = preludeOrNone(example, headers, folder, name, files)))
      preludes.push_back(set.prelude);
  }
  built.set_value();
}

std::shared_ptr<const Prelude> PreludeGroup::preludeOf(std::size_t set) {
  isBuilt.wait();
  return sets[set].prelude;
}

std::shared_ptr<const Prelude> PreludeGroup::smallerPreludeOf(std::size_t set) {
  std::lock_guard lock(smallerMutex);
  MacroSet &mine = sets[set];
  bool mayMake = ++mine.clashes >= fewestForCommon;
  if (!mine.smaller)
    mine.smaller = common->preludeFor(mine.shape, requests[mine.units.front()], folder, files, mayMake);
  return mine.smaller != mine.prelude ? mine.smaller : nullptr;
}

void PreludeGroup::finishUnit() {
  if (++finished == unitCount())
    for (MacroSet &set : sets) {
      set.prelude.reset();
      set.smaller.reset();
    }
}

std::vector<std::unique_ptr<PreludeGroup>> planPreludes(llvm::ArrayRef<ExtractRequest> requests, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  std::vector<UnitHeaders> headersOf(requests.size());
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
  // Units that begin with the same header of their own are a part, wherever they lie.
  std::map<std::string, std::size_t> begins;
  for (const UnitHeaders &headers : headersOf)
    if (!headers.leading.empty())
      ++begins[headers.leading.front()];
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (!headersOf[i].leading.empty() && begins[headersOf[i].leading.front()] >= fewestForPart)
      parts[i] = headersOf[i].leading.front();
    else
      headersOf[i].leading.clear();

  // One base (target, language) may have several sets of macros (module or built in, -DDEBUG, ...). Headers are counted
  // over all of them: what most units want is what a small set will want, too.
  std::map<std::string, std::vector<std::size_t>> byBase;
  std::map<std::pair<std::string, std::string>, std::map<std::vector<std::string>, PreludeGroup::MacroSet>> byPart;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    byBase[shapes[i].base].push_back(i);
    PreludeGroup::MacroSet &set = byPart[{parts[i], shapes[i].base}][shapes[i].macros];
    set.shape = shapes[i];
    set.units.push_back(i);
  }
  std::map<std::string, std::shared_ptr<CommonPreludes>> commons;
  for (const auto &[base, units] : byBase) {
    auto common = std::make_shared<CommonPreludes>();
    common->headers = chooseHeaders(headersOf, units, rarestCommonHeader);
    for (std::size_t unit : units)
      ++common->unitCount[shapes[unit].macros];
    common->number = static_cast<unsigned>(commons.size());
    commons[base] = std::move(common);
  }
  std::vector<std::unique_ptr<PreludeGroup>> groups;
  for (auto &[part, byMacros] : byPart) {
    auto group = std::make_unique<PreludeGroup>();
    std::vector<std::size_t> all;
    for (auto &[macros, set] : byMacros) {
      all.insert(all.end(), set.units.begin(), set.units.end());
      group->sets.push_back(std::move(set));
    }
    std::stable_sort(group->sets.begin(), group->sets.end(),
                     [](const auto &a, const auto &b) { return a.units.size() > b.units.size(); });
    group->common = commons[part.second];
    group->headers = chooseLeading(headersOf, all);
    llvm::append_range(group->headers, chooseHeaders(headersOf, all, rarestHeader));
    groups.push_back(std::move(group));
  }
  return groups;
}

} // namespace bhlint
