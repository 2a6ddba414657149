#include "driver/cli/preludes.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <map>

namespace bhlint {

namespace {

constexpr std::size_t fewestUnits = 6;   ///< a prelude for fewer costs more than it saves
constexpr std::size_t rarestHeader = 100; ///< a header is worth it when one unit in so many includes it, and at least two

struct Group {
  CommandShape shape;
  std::vector<std::size_t> units;
};

/// Headers by how many units include them; ties by name, so that the choice does not depend on the order of units.
std::vector<std::string> commonHeaders(const std::vector<std::vector<std::string>> &headersOf,
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
  for (auto &[uses, header] : ranked)
    result.push_back(std::move(header));
  return result;
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

void choosePreludes(std::vector<ExtractRequest> &requests, llvm::StringRef folder, unsigned jobs,
                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  if (folder.empty())
    return;
  std::vector<std::vector<std::string>> headersOf(requests.size());
  std::vector<CommandShape> shapes(requests.size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
  for (std::size_t i = 0; i < requests.size(); ++i)
    pool.async([&, i] {
      shapes[i] = shapeOf(requests[i]);
      llvm::SmallString<256> path(requests[i].file);
      if (!llvm::sys::path::is_absolute(path))
        llvm::sys::fs::make_absolute(requests[i].directory, path);
      if (auto buffer = files->getBufferForFile(path))
        headersOf[i] = includedHeaders((*buffer)->getBuffer());
    });
  pool.wait();

  // One base (target, language) may have several sets of macros (module or built in, -DDEBUG, ...).
  std::map<std::string, std::map<std::vector<std::string>, Group>> byBase;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Group &group = byBase[shapes[i].base][shapes[i].macros];
    group.shape = shapes[i];
    group.units.push_back(i);
  }
  struct Plan {
    std::vector<std::size_t> units;
    std::shared_ptr<const Prelude> prelude;
  };
  unsigned number = 0;
  for (auto &[base, byMacros] : byBase) {
    std::vector<Group *> groups;
    for (auto &[macros, group] : byMacros)
      groups.push_back(&group);
    std::stable_sort(groups.begin(), groups.end(),
                     [](const Group *a, const Group *b) { return a->units.size() > b->units.size(); });
    // Headers are counted over all groups of the base: what most units want is what a small group will want, too.
    std::vector<std::size_t> all;
    for (Group *group : groups)
      all.insert(all.end(), group->units.begin(), group->units.end());
    std::vector<std::string> headers = commonHeaders(headersOf, all);
    std::vector<std::shared_ptr<const Prelude>> preludes;
    for (Group *group : groups) {
      std::shared_ptr<const Prelude> chosen;
      for (const auto &prelude : preludes)
        if (mayUse(*prelude, group->shape)) {
          chosen = prelude;
          break;
        }
      if (!chosen && group->units.size() >= fewestUnits && !headers.empty()) {
        llvm::SmallString<256> path(folder);
        llvm::sys::path::append(path, "prelude-" + std::to_string(number++) + ".pch");
        auto built = buildPrelude(requests[group->units.front()], headers, path, files);
        if (built) {
          chosen = *built;
          preludes.push_back(chosen);
        } else {
          llvm::consumeError(built.takeError()); // without one, the units are parsed plainly: slower, not wrong
        }
      }
      for (std::size_t unit : group->units)
        requests[unit].prelude = chosen;
    }
  }
}

} // namespace bhlint
