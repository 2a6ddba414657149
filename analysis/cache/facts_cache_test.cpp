#include "analysis/cache/facts_cache.h"

#include "analysis/cache/test_folder.h"

#include "gtest/gtest.h"

#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {
namespace {

/// One run of the program.
struct ProgramRun {
  explicit ProgramRun(const std::string &folder, std::uint64_t maxBytes = 0, InputDigests::Times times = longAfter())
      : digests(times) {
    cache = cantFail(
        FactsCache::open(folder, maxBytes, digests, [this](StringRef text) { warnings.push_back(text.str()); }));
  }
  FactsCache *operator->() { return cache.get(); }

  std::vector<std::string> warnings;
  InputDigests digests;
  std::unique_ptr<FactsCache> cache;
};

class FactsCacheTest : public testing::Test {
protected:
  std::string cache() const { return folder.path("cache"); }
  std::string source(const std::string &name, const std::string &text) { return folder.write("src/" + name, text); }
  std::optional<std::string> findInNewRun(const CacheKey &key) { return ProgramRun(cache())->find(key); }

  TestFolder folder;
  CacheKey key = CacheKey::of({"bhlint 1", "cc", "-c", "a.c"});
  CacheKey otherKey = CacheKey::of({"bhlint 2", "cc", "-c", "a.c"});
};

TEST_F(FactsCacheTest, FindsWhatWasPut) {
  std::string a = source("a.c", "1"), h = source("h.h", "2");
  EXPECT_EQ(findInNewRun(key), std::nullopt);
  ProgramRun run(cache());
  run->put(key, {a, h}, std::string("fa\0cts", 6));
  EXPECT_EQ(run->find(key), std::string("fa\0cts", 6));
  EXPECT_EQ(run->find(otherKey), std::nullopt);
  EXPECT_EQ(findInNewRun(key), std::string("fa\0cts", 6));
  EXPECT_EQ(findInNewRun(otherKey), std::nullopt);
  EXPECT_EQ(run->counts().hits, 1u);
  EXPECT_EQ(run->counts().misses, 1u);
  EXPECT_EQ(run->counts().stored, 1u);
}

TEST_F(FactsCacheTest, EmptyFactsAndNoInputs) {
  ProgramRun(cache())->put(key, {}, "");
  EXPECT_EQ(findInNewRun(key), "");
}

TEST_F(FactsCacheTest, AChangedInputIsAMissAndChangingItBackAHit) {
  std::string a = source("a.c", "1"), h = source("h.h", "2");
  ProgramRun(cache())->put(key, {a, h}, "two");
  source("h.h", "3");
  EXPECT_EQ(findInNewRun(key), std::nullopt);
  ProgramRun(cache())->put(key, {a, h}, "three");
  EXPECT_EQ(findInNewRun(key), "three");
  source("h.h", "2");
  EXPECT_EQ(findInNewRun(key), "two");
}

/// The changed header includes another one.
TEST_F(FactsCacheTest, DifferentListsOfInputsLiveSideBySide) {
  std::string a = source("a.c", "1"), h = source("h.h", "2"), more = source("more.h", "x");
  ProgramRun(cache())->put(key, {a, h}, "two");
  source("h.h", "3");
  ProgramRun(cache())->put(key, {a, h, more}, "three");
  EXPECT_EQ(findInNewRun(key), "three");
  source("more.h", "y");
  EXPECT_EQ(findInNewRun(key), std::nullopt);
  source("h.h", "2");
  EXPECT_EQ(findInNewRun(key), "two");
}

TEST_F(FactsCacheTest, ATouchedInputIsReadOnceForAllUnitsAndRuns) {
  std::string h = source("h.h", "2");
  std::vector<CacheKey> keys;
  {
    ProgramRun run(cache());
    for (int i = 0; i < 10; ++i) {
      keys.push_back(CacheKey::of({std::to_string(i)}));
      run->put(keys.back(), {source(std::to_string(i) + ".c", std::to_string(i)), h}, std::to_string(i));
    }
  }
  setModifiedLongAgo(h);
  for (std::uint64_t expectedReads : {1, 0}) {
    ProgramRun run(cache());
    for (int i = 0; i < 10; ++i)
      EXPECT_EQ(run->find(keys[i]), std::to_string(i));
    EXPECT_EQ(run.digests.filesRead(), expectedReads);
  }
}

TEST_F(FactsCacheTest, ARemovedHeaderIsAMiss) {
  std::string a = source("a.c", "1"), h = source("h.h", "2");
  ProgramRun(cache())->put(key, {a, h}, "facts");
  ::unlink(h.c_str());
  EXPECT_EQ(findInNewRun(key), std::nullopt);
  source("h.h", "2");
  EXPECT_EQ(findInNewRun(key), "facts");
}

/// A header earlier in the include path that was looked for and not there.
TEST_F(FactsCacheTest, AHeaderThatComesIntoBeingIsAMiss) {
  std::string a = source("a.c", "1");
  ProgramRun(cache())->put(key, {a, folder.path("src/early/h.h")}, "facts");
  EXPECT_EQ(findInNewRun(key), "facts");
  source("early/h.h", "2");
  EXPECT_EQ(findInNewRun(key), std::nullopt);
}

TEST_F(FactsCacheTest, InputsThatChangeDuringTheRunAreNotStored) {
  std::string a = source("a.c", "1");
  {
    ProgramRun run(cache());
    EXPECT_EQ(run->find(key), std::nullopt);
    run.digests.digest(run.digests.file(a));
    source("a.c", "edited");
    run->put(key, {a}, "facts of who knows what");
    EXPECT_EQ(run->counts().notStored, 1u);
    EXPECT_TRUE(run.warnings.empty());
  }
  EXPECT_EQ(findInNewRun(key), std::nullopt);
  ProgramRun justNow(cache(), 0, InputDigests::Times());
  source("a.c", "written after the run began");
  justNow->put(key, {a}, "facts");
  EXPECT_EQ(findInNewRun(key), std::nullopt);
}

TEST_F(FactsCacheTest, RelativePathsAreNotStored) {
  ProgramRun run(cache());
  run->put(key, {"a.c"}, "facts");
  EXPECT_EQ(run->find(key), std::nullopt);
}

TEST_F(FactsCacheTest, AFileInTheWrongPlaceIsNotBelieved) {
  std::string a = source("a.c", "1");
  ProgramRun run(cache());
  run->put(key, {a}, "one");
  run->put(otherKey, {a}, "two");
  // Each manifest and each facts file takes the place of each other one.
  std::vector<std::string> files = TestFolder::below(cache());
  for (const std::string &from : files)
    for (const std::string &to : files) {
      if (from == to || (!StringRef(to).ends_with(".m") && !StringRef(to).ends_with(".f")))
        continue;
      std::string saved = *readFile(to);
      sys::fs::remove(to);
      sys::fs::copy_file(from, to);
      auto one = findInNewRun(key), two = findInNewRun(otherKey);
      EXPECT_TRUE(one == "one" || !one) << *one;
      EXPECT_TRUE(two == "two" || !two) << *two;
      EXPECT_FALSE(one && two) << from << " for " << to;
      std::ofstream(to, std::ios::binary) << saved;
    }
  EXPECT_EQ(findInNewRun(key), "one");
  EXPECT_EQ(findInNewRun(otherKey), "two");
}

TEST_F(FactsCacheTest, OpensOnlyAbsoluteFoldersThatCanBeMade) {
  InputDigests digests;
  auto relative = FactsCache::open("cache", 0, digests, nullptr);
  EXPECT_EQ(toString(relative.takeError()), "the cache folder must be an absolute path, not 'cache'");
  std::string file = folder.write("file", "");
  auto below = FactsCache::open(file + "/cache", 0, digests, nullptr);
  EXPECT_NE(toString(below.takeError()).find("can't create " + file + "/cache: "), std::string::npos);
}

TEST_F(FactsCacheTest, ACacheThatIsDeletedMeanwhileWarnsOnce) {
  ProgramRun run(cache());
  std::string a = source("a.c", "1");
  run->put(key, {a}, "facts");
  sys::fs::remove_directories(cache());
  EXPECT_EQ(run->find(key), std::nullopt);
  run->put(otherKey, {a}, "facts");
  run->put(otherKey, {a, source("b.h", "1")}, "facts");
  ASSERT_EQ(run.warnings.size(), 1u);
  EXPECT_NE(run.warnings[0].find("the cache is not written any more in this run: can't "), std::string::npos);
}

TEST_F(FactsCacheTest, AbandonedTemporaryFilesGoAway) {
  { ProgramRun run(cache()); }
  std::string old = folder.write("cache/tmp/1.1.1", "x"), young = folder.write("cache/tmp/2.2.2", "y");
  setModifiedLongAgo(old);
  { ProgramRun run(cache()); }
  EXPECT_FALSE(sys::fs::exists(old));
  EXPECT_TRUE(sys::fs::exists(young));
}

/// Units take 8 KiB each (two files of a block), so 1600 of them about 800 KiB in each of the 16 shards.
TEST_F(FactsCacheTest, TheOldestAreEvicted) {
  std::string a = source("a.c", "1"), facts = noise(4000, 1);
  constexpr std::uint64_t bound = 16 * 1300 * 1024;
  auto keyOf = [](int i) { return CacheKey::of({std::to_string(i)}); };
  {
    ProgramRun run(cache(), bound);
    for (int i = 0; i < 1600; ++i)
      run->put(keyOf(i), {a}, facts);
    EXPECT_EQ(run->counts().evicted, 0u);
  }
  for (const std::string &path : TestFolder::below(cache()))
    setModifiedLongAgo(path);
  ProgramRun run(cache(), bound);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(run->find(keyOf(i)), facts);
  for (int i = 1600; i < 3200; ++i)
    run->put(keyOf(i), {a}, facts);
  EXPECT_GT(run->counts().evicted, 1000u);
  std::uint64_t size = 0;
  for (const std::string &path : TestFolder::below(cache())) {
    std::uint64_t bytes = 0;
    sys::fs::file_size(path, bytes);
    size += bytes;
  }
  EXPECT_LE(size, bound);
  EXPECT_GT(size, bound / 3);
  // Those that were used since, and the new ones, are still there.
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(run->find(keyOf(i)), facts) << i;
  for (int i = 1600; i < 3200; ++i)
    EXPECT_EQ(run->find(keyOf(i)), facts) << i;
}

/// Large ones in one shard: ten of a tenth of the bound don't all fit beside their neighbours, were they spread evenly.
TEST_F(FactsCacheTest, FewLargeFilesShareTheirBound) {
  constexpr std::uint64_t fileSize = 64 << 10, bound = 10 * fileSize;
  auto nameOf = [](int i) { return CacheKey::of({std::to_string(i)}).digest; };
  auto files = cantFail(NamedFiles::open(folder.path("large"), bound, /*shards=*/1));
  auto isThere = [&](int i) { return files->read(nameOf(i), "p").has_value(); };
  auto write = [&](int i) { cantFail(files->write(nameOf(i), "p", noise(fileSize - 100, static_cast<unsigned>(i)))); };
  for (int i = 0; i < 10; ++i)
    write(i);
  EXPECT_EQ(files->evictedFiles(), 0u);
  for (const std::string &path : TestFolder::below(folder.path("large")))
    setModifiedLongAgo(path);
  EXPECT_TRUE(isThere(3)); // used now
  write(10);
  EXPECT_EQ(files->evictedFiles(), 3u);
  EXPECT_TRUE(isThere(3));
  EXPECT_TRUE(isThere(10));
  int left = 0;
  for (int i = 0; i <= 10; ++i)
    left += isThere(i);
  EXPECT_EQ(left, 8);
}

TEST_F(FactsCacheTest, ThreadsShareOneCache) {
  std::string common = source("h.h", "h");
  for (int i = 0; i < 60; ++i)
    source(std::to_string(i) + ".c", std::to_string(i));
  for (int round = 0; round < 3; ++round) {
    ProgramRun run(cache());
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 60; ++i) {
          std::string name = std::to_string((i * 7 + t) % 60);
          CacheKey unit = CacheKey::of({name});
          auto found = run->find(unit);
          EXPECT_EQ(found.value_or("facts " + name), "facts " + name);
          if (!found)
            run->put(unit, {folder.path("src/" + name + ".c"), common}, "facts " + name);
        }
      });
    for (std::thread &thread : threads)
      thread.join();
    EXPECT_TRUE(run.warnings.empty());
    EXPECT_EQ(run->counts().broken, 0u);
    EXPECT_EQ(run->counts().hits == 8 * 60, round > 0);
  }
}

} // namespace
} // namespace bhlint
