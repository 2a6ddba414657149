#include "driver/cli/preludes.h"
#include "driver/cli/header_scan.h"
#include "driver/kbuild/compile_database.h"

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

/// Whether a prelude that was built for other units has nearly all of what these want. Some headers are never in one,
/// since they don't parse on their own.
bool covers(const Prelude &prelude, llvm::ArrayRef<std::string> headers) {
  constexpr std::size_t missingOf = 10; // one may be missing of so many
  const std::set<std::string> has(prelude.headers.begin(), prelude.headers.end());
  auto missing = static_cast<std::size_t>(
      llvm::count_if(headers, [&](const std::string &header) { return !has.contains(header); }));
  return missing * missingOf <= headers.size();
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

PreludePtr PreludeWorkshop::build(const ExtractRequest &request, std::vector<std::string> headers,
                                  const std::string &name, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, name + ".pch");
  auto made = buildPrelude(request, std::move(headers), path, std::move(files));
  if (!made) {
    llvm::consumeError(made.takeError()); // without one, units are parsed plainly: slower, not wrong
    return nullptr;
  }
  ++built;
  auto image = std::make_shared<PreludeImage>();
  image->prelude = std::move(*made);
  return image;
}

PreludePtr PreludeWorkshop::load(const std::optional<Digest> &name, const CommandShape &shape,
                                 llvm::ArrayRef<std::string> headers) {
  PreludePtr image = store && name ? store->load(*name, shape) : nullptr;
  if (!image || !covers(*image->prelude, headers))
    return nullptr;
  std::lock_guard lock(foundMutex);
  found.insert(image->prelude->pch);
  return image;
}

void PreludeWorkshop::keep(const PreludePtr &image, const PreludePlace &place, const CommandShape &shape,
                           const ExtractRequest &request) {
  if (store && image && !image->isInMemory())
    store->put(*image, place, shape, request);
}

void CommonPreludes::addUnits(const std::vector<std::string> &macros, std::size_t more) {
  std::lock_guard lock(mutex);
  unitCount[macros] += more;
}

PreludePtr CommonPreludes::preludeFor(const CommandShape &shape, const ExtractRequest &request,
                                      PreludeWorkshop &workshop, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files,
                                      std::size_t units) {
  std::lock_guard lock(mutex);
  for (const std::weak_ptr<const PreludeImage> &one : made)
    if (PreludePtr image = one.lock(); image && mayUse(*image->prelude, shape))
      return image;
  PreludePtr image;
  if (workshop.store && !unsuitable.contains(shape.macros))
    image = workshop.load(workshop.store->findAbove(place.of, shape, request, /*onlyCommon=*/true), shape, headers);
  if (!image) {
    unsuitable.insert(shape.macros);
    const bool pays = std::max(units, unitCount[shape.macros]) >= fewestForCommon;
    if (!pays || headers.empty() || failed.contains(shape.macros))
      return nullptr;
    image = workshop.build(request, headers, "common-" + std::to_string(number) + "-" + std::to_string(count++),
                           std::move(files));
  }
  if (image)
    made.push_back(image);
  else
    failed.insert(shape.macros);
  return image;
}

std::size_t PreludeGroup::unitCount() const {
  std::size_t count = 0;
  for (const MacroSet &set : sets)
    count += set.units.size();
  return count;
}

/// Of all headers that the part wants.
PreludePtr PreludeGroup::partPrelude(const MacroSet &set, const std::string &name) {
  if (PreludeStore *store = workshop->store) {
    const ExtractRequest &example = exampleOf(set);
    std::optional<Digest> name = place.kind == PreludePlace::Kind::Header
                                     ? store->find(place, set.shape, example)
                                     : store->findAbove(place.of, set.shape, example);
    if (PreludePtr kept = workshop->load(name, set.shape, headers))
      return kept;
  }
  return workshop->build(exampleOf(set), headers, name, files);
}

void PreludeGroup::build(PreludeWorkshop &theWorkshop, unsigned number,
                         llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  workshop = &theWorkshop;
  files = std::move(fileSystem);
  std::vector<PreludePtr> preludes;
  struct Made {
    PreludePtr image;
    const PreludePlace &place;
    const CommandShape &shape;
    const ExtractRequest &request;
  };
  std::vector<Made> toKeep;
  for (MacroSet &set : sets) {
    const ExtractRequest &example = exampleOf(set);
    auto usable = llvm::find_if(preludes, [&](const auto &image) { return mayUse(*image->prelude, set.shape); });
    if (usable != preludes.end()) {
      set.prelude = *usable;
    } else if ((set.prelude = workshop->load(set.kept, set.shape, {}))) {
      continue;
    } else if (set.units.size() < fewestForPart || headers.empty()) {
      if (set.kept) // it can't be read
        common->addUnits(set.shape.macros, set.units.size());
      set.prelude = set.smaller = common->preludeFor(set.shape, example, *workshop, files);
      toKeep.push_back({set.prelude, common->place, set.shape, example});
      continue;
    } else {
      std::string name = "part-" + std::to_string(number) + "-" + std::to_string(preludes.size());
      if ((set.prelude = partPrelude(set, name)))
        preludes.push_back(set.prelude);
    }
    toKeep.push_back({set.prelude, place, set.shape, example});
  }
  built.set_value();
  for (const Made &made : toKeep)
    workshop->keep(made.image, made.place, made.shape, made.request);
}

PreludePtr PreludeGroup::preludeOf(std::size_t set) {
  isBuilt.wait();
  return sets[set].prelude;
}

PreludePtr PreludeGroup::smallerPreludeOf(std::size_t set) {
  std::unique_lock lock(smallerMutex);
  MacroSet &mine = sets[set];
  const std::size_t clashes = ++mine.clashes;
  if (!mine.smaller) {
    const ExtractRequest &example = exampleOf(mine);
    mine.smaller = common->preludeFor(mine.shape, example, *workshop, files, clashes);
    PreludePtr made = mine.smaller;
    lock.unlock();
    workshop->keep(made, common->place, mine.shape, example);
    lock.lock();
  }
  return mine.smaller != mine.prelude ? mine.smaller : nullptr;
}

void PreludeGroup::finishUnit() {
  if (++finished == unitCount())
    for (MacroSet &set : sets) {
      set.prelude.reset();
      set.smaller.reset();
    }
}

UnitView::UnitView(llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, bool hasStore) : all(std::move(files)) {
  if (!hasStore)
    return;
  memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  auto layers = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(all);
  layers->pushOverlay(memory);
  all = layers;
}

std::shared_ptr<const Prelude> UnitView::open(const PreludePtr &image) {
  if (!image)
    return nullptr;
  if (image->isInMemory() && memory)
    image->addFiles(*memory);
  return {image, image->prelude.get()};
}

namespace {

/// The folder above all of them.
std::string folderOf(llvm::ArrayRef<std::size_t> units, llvm::ArrayRef<std::string> paths) {
  llvm::StringRef folder = llvm::sys::path::parent_path(paths[units.front()]);
  for (std::size_t unit : units)
    while (!liesIn(paths[unit], folder))
      folder = llvm::sys::path::parent_path(folder);
  return folder.str();
}

/// For which of the units of a set there is a prelude of an earlier run: a set for each, and one of those without.
/// `first`: headers of their own that units begin with.
std::vector<PreludeGroup::MacroSet> splitByKept(const PreludeGroup::MacroSet &set, const PreludeWorkshop &workshop,
                                                llvm::ArrayRef<std::string> paths, llvm::ArrayRef<std::string> first) {
  std::map<std::string, PreludeGroup::MacroSet> byName; // in an order of their own
  for (std::size_t unit : set.units) {
    const ExtractRequest &request = workshop.requests[unit];
    std::optional<Digest> kept;
    if (!first[unit].empty())
      kept = workshop.store->find({PreludePlace::Kind::Header, first[unit]}, set.shape, request);
    if (!kept)
      kept = workshop.store->findAbove(llvm::sys::path::parent_path(paths[unit]), set.shape, request);
    PreludeGroup::MacroSet &part = byName[kept ? kept->view().str() : std::string()];
    part.shape = set.shape;
    part.kept = kept;
    part.units.push_back(unit);
  }
  std::vector<PreludeGroup::MacroSet> out;
  for (auto &[name, part] : byName)
    out.push_back(std::move(part));
  return out;
}

} // namespace

std::vector<std::unique_ptr<PreludeGroup>> planPreludes(const PreludeWorkshop &workshop, unsigned jobs,
                                                        llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  llvm::ArrayRef<ExtractRequest> requests = workshop.requests;
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
  std::vector<std::string> first(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (!headersOf[i].leading.empty())
      ++begins[first[i] = headersOf[i].leading.front()];
  for (std::size_t i = 0; i < requests.size(); ++i)
    if (!first[i].empty() && begins[first[i]] >= fewestForPart)
      parts[i] = first[i];
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
    common->place = {PreludePlace::Kind::Common, folderOf(units, paths)};
    common->number = static_cast<unsigned>(commons.size());
    commons[base] = std::move(common);
  }
  std::vector<std::unique_ptr<PreludeGroup>> groups;
  for (auto &[part, byMacros] : byPart) {
    auto group = std::make_unique<PreludeGroup>();
    std::vector<std::size_t> all;
    group->common = commons[part.second];
    for (const auto &[macros, set] : byMacros) {
      llvm::append_range(all, set.units);
      if (workshop.store && set.units.size() < fewestForPart)
        llvm::append_range(group->sets, splitByKept(set, workshop, paths, first));
      else
        group->sets.push_back(set);
    }
    for (const PreludeGroup::MacroSet &set : group->sets)
      if (!set.kept)
        group->common->addUnits(set.shape.macros, set.units.size());
    std::stable_sort(group->sets.begin(), group->sets.end(),
                     [](const auto &a, const auto &b) { return a.units.size() > b.units.size(); });
    if (part.first == first[all.front()])
      group->place = {PreludePlace::Kind::Header, part.first};
    else
      group->place = {PreludePlace::Kind::Folder, folderOf(all, paths)};
    group->headers = chooseLeading(headersOf, all);
    llvm::append_range(group->headers, chooseHeaders(headersOf, all, rarestHeader));
    groups.push_back(std::move(group));
  }
  return groups;
}

} // namespace bhlint
