// cache_bench: what a warm run pays for the cache, on a made-up tree of headers and units.
//
//     cache_bench [UNITS [HEADERS [INPUTS [FACTS...]]]]        default 2000 20000 2000
//
// FACTS: files written by facts::serialize(), dealt out to the units; without them random ones, which are larger than a
// driver's and compress worse.
// Each unit reads its own file and INPUTS/2 to 3*INPUTS/2 headers, the popular ones most often, as in the kernel. Every
// phase is a run of its own: a new InputDigests and a newly opened cache. The files are written and read by this
// program, so they are in the page cache: what is measured is processor time and system calls, not a disk.
#include "analysis/cache/facts_cache.h"
#include "analysis/cache/sealed_file.h"
#include "analysis/facts/random_facts.h"
#include "analysis/facts/serialize.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>

using namespace llvm;
using namespace bhlint;

namespace {

constexpr int functionsPerUnit = 100;
constexpr int randomUnits = 20; ///< units share them, so that the benchmark needs little memory

struct Tree {
  std::string folder;
  std::vector<std::string> headers;
  std::vector<std::vector<std::string>> inputs; ///< by unit
};

double wallSeconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Prints how long `work` takes.
void phase(StringRef name, const std::function<std::string()> &work) {
  double wall = wallSeconds(), cpu = cpuSeconds();
  std::string remark = work();
  outs() << left_justify(name, 44)
         << format("%8.1f ms wall %8.1f ms cpu   ", (wallSeconds() - wall) * 1e3, (cpuSeconds() - cpu) * 1e3) << remark
         << "\n";
  outs().flush();
}

std::string writeText(const std::string &path, std::size_t size, unsigned seed) {
  std::string text(size, static_cast<char>('a' + seed % 26));
  std::ofstream(path) << path << text;
  return path;
}

Tree makeTree(const std::string &folder, int units, int headers, int inputs) {
  Tree tree;
  tree.folder = folder;
  std::mt19937 random(1);
  for (int i = 0; i < headers; ++i) {
    std::string below = folder + "/include/linux/sub" + std::to_string(i % 200);
    sys::fs::create_directories(below);
    tree.headers.push_back(writeText(below + "/header" + std::to_string(i) + ".h", 500 + random() % 8000, random()));
  }
  sys::fs::create_directories(folder + "/drivers");
  for (int i = 0; i < units; ++i) {
    std::vector<std::string> &mine = tree.inputs.emplace_back();
    mine.push_back(writeText(folder + "/drivers/unit" + std::to_string(i) + ".c", 20000, random()));
    for (auto n = inputs / 2 + random() % inputs; n; --n) {
      // The cube of an even distribution: a tenth of the headers gets half of the uses.
      double x = random() / 4294967296.0;
      mine.push_back(tree.headers[static_cast<std::size_t>(x * x * x * headers)]);
    }
    std::sort(mine.begin(), mine.end());
    mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
  }
  return tree;
}

/// As if the tree had been there for a day.
InputDigests::Times longAfter() {
  constexpr std::int64_t day = 24 * 3600'000'000'000;
  return {currentTime() + day, -day};
}

CacheKey keyOf(std::size_t unit) { return CacheKey::of({"cache_bench", std::to_string(unit)}); }

/// A run over all units: looks for each, and puts those that are missing.
std::string run(const Tree &tree, ArrayRef<std::string> facts, unsigned threadCount) {
  InputDigests digests(longAfter());
  double begin = wallSeconds();
  auto cache =
      cantFail(FactsCache::open(tree.folder + "/cache", 0, digests, [](StringRef text) { errs() << text << "\n"; }));
  double opened = wallSeconds() - begin;
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    for (std::size_t unit; (unit = next++) < tree.inputs.size();)
      if (!cache->find(keyOf(unit)))
        cache->put(keyOf(unit), tree.inputs[unit], facts[unit % facts.size()]);
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < threadCount; ++i)
    threads.emplace_back(work);
  for (std::thread &thread : threads)
    thread.join();
  CacheCounts counts = cache->counts();
  std::string out;
  raw_string_ostream stream(out);
  stream << counts.hits << " hits, " << counts.stored << " stored, " << digests.filesRead() << " files read, "
         << format("%.1f MB found, %.1f MB written, open %.1f ms", counts.bytesFound / 1e6, counts.bytesWritten / 1e6,
                   opened * 1e3);
  return out;
}

void touch(const std::string &path) {
  timespec times[] = {{1000000000, 0}, {1000000000, 0}};
  ::utimensat(AT_FDCWD, path.c_str(), times, 0);
}

std::string rate(ArrayRef<std::string> facts, double seconds) {
  std::size_t bytes = 0;
  for (const std::string &unit : facts)
    bytes += unit.size();
  std::string out;
  raw_string_ostream(out) << format("%.1f KB a unit, %.0f MB/s", bytes / 1e3 / facts.size(), bytes / 1e6 / seconds);
  return out;
}

facts::UnitFacts readFacts(const std::string &path) {
  Expected<facts::UnitFacts> unit = facts::deserialize(readFile(path).value_or(""));
  if (unit)
    return std::move(*unit);
  errs() << path << ": " << toString(unit.takeError()) << "\n";
  std::exit(2);
}

/// The bytes of the facts in the files, or of random ones.
std::vector<std::string> benchFacts(ArrayRef<std::string> files) {
  std::vector<facts::UnitFacts> units;
  for (const std::string &file : files)
    units.push_back(readFacts(file));
  for (int i = 0; files.empty() && i < randomUnits; ++i)
    units.push_back(facts::randomFacts(i, functionsPerUnit));
  std::vector<std::string> bytes;
  phase("serialize", [&] {
    double begin = wallSeconds();
    for (const facts::UnitFacts &unit : units)
      bytes.push_back(facts::serialize(unit));
    return rate(bytes, wallSeconds() - begin);
  });
  phase("deserialize", [&] {
    double begin = wallSeconds();
    for (const std::string &unit : bytes)
      cantFail(facts::deserialize(unit).takeError());
    return rate(bytes, wallSeconds() - begin);
  });
  return bytes;
}

void benchCache(const Tree &tree, ArrayRef<std::string> facts) {
  phase("stat() of every header, for comparison", [&] {
    std::size_t regular = 0;
    for (const std::string &header : tree.headers)
      regular += FileState::of(header).kind == FileState::Kind::Regular;
    return std::to_string(regular) + " files";
  });
  phase("cold: every unit stored", [&] { return run(tree, facts, 1); });
  phase("warm", [&] { return run(tree, facts, 1); });
  phase("warm, two threads", [&] { return run(tree, facts, 2); });
  touch(tree.headers[0]);
  phase("warm, most popular header touched", [&] { return run(tree, facts, 1); });
  phase("warm again", [&] { return run(tree, facts, 1); });
  writeText(tree.headers.back(), 10, 1);
  phase("least popular header changed", [&] { return run(tree, facts, 1); });
  for (const std::string &header : tree.headers)
    touch(header);
  phase("all headers touched", [&] { return run(tree, facts, 1); });
}

int argument(int count, char **values, int index, int fallback) {
  int number = index < count ? std::atoi(values[index]) : fallback;
  return number > 0 ? number : fallback;
}

} // namespace

int main(int argc, char **argv) {
  int units = argument(argc, argv, 1, 2000), headers = argument(argc, argv, 2, 20000);
  int inputs = argument(argc, argv, 3, 2000);
  SmallString<128> folder;
  if (std::error_code code = sys::fs::createUniqueDirectory("cache_bench", folder)) {
    errs() << "can't create a folder: " << code.message() << "\n";
    return 2;
  }
  auto remove = make_scope_exit([&] { sys::fs::remove_directories(folder); });
  Tree tree = makeTree(folder.str().str(), units, headers, inputs);
  std::size_t total = 0;
  for (const auto &list : tree.inputs)
    total += list.size();
  outs() << units << " units, " << headers << " headers, " << total / tree.inputs.size() << " inputs a unit\n";
  benchCache(tree, benchFacts(std::vector<std::string>(argv + std::min(argc, 4), argv + argc)));
  return 0;
}
