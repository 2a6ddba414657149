// Several processes at once, processes that are killed, files that are damaged, disks that are full: whatever happens,
// the cache gives what was put or nothing.
#include "analysis/cache/facts_cache.h"

#include "analysis/cache/test_folder.h"

#include "gtest/gtest.h"

#include <csignal>
#include <functional>
#include <random>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {
namespace {

class FactsCacheProcessTest : public testing::Test {
protected:
  static constexpr int unitCount = 40;

  FactsCacheProcessTest() {
    for (int i = 0; i < unitCount; ++i)
      folder.write("src/" + std::to_string(i) + ".c", std::to_string(i));
    for (int i = 0; i < 20; ++i)
      folder.write("src/" + std::to_string(i) + ".h", std::to_string(i));
  }

  std::string cache() const { return folder.path("cache"); }
  static CacheKey keyOf(int unit) { return CacheKey::of({"unit", std::to_string(unit)}); }
  static std::string factsOf(int unit) {
    return noise(static_cast<std::size_t>(unit) * 300 + 10, static_cast<unsigned>(unit));
  }
  std::vector<std::string> inputsOf(int unit) const {
    std::vector<std::string> inputs{folder.path("src/" + std::to_string(unit) + ".c")};
    for (int i = unit % 5; i < 20; i += 1 + unit % 3)
      inputs.push_back(folder.path("src/" + std::to_string(i) + ".h"));
    return inputs;
  }

  struct Outcome {
    int found = 0;
    int wrong = 0;
    std::vector<std::string> warnings;
    CacheCounts counts;
  };

  /// One run of the program: every unit is looked for, and put when it isn't there. Begins with unit `first`.
  Outcome run(int first, int last = unitCount) const {
    Outcome outcome;
    InputDigests digests(longAfter());
    auto opened =
        FactsCache::open(cache(), 0, digests, [&](StringRef text) { outcome.warnings.push_back(text.str()); });
    if (!opened) {
      outcome.warnings.push_back(toString(opened.takeError()));
      return outcome;
    }
    for (int i = 0; i < last; ++i) {
      int unit = (first + i) % unitCount;
      std::optional<std::string> found = (*opened)->find(keyOf(unit));
      outcome.found += found.has_value();
      outcome.wrong += found && *found != factsOf(unit);
      if (!found)
        (*opened)->put(keyOf(unit), inputsOf(unit), factsOf(unit));
    }
    outcome.counts = (*opened)->counts();
    return outcome;
  }

  /// In a process of its own; its exit status is what `body` returns.
  static pid_t fork(const std::function<int()> &body) {
    pid_t child = ::fork();
    if (child == 0)
      ::_exit(body());
    return child;
  }

  static int statusOf(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  void expectAllFound() const {
    Outcome outcome = run(0);
    EXPECT_EQ(outcome.found, unitCount);
    EXPECT_EQ(outcome.wrong, 0);
    EXPECT_EQ(outcome.counts.broken, 0u);
    EXPECT_TRUE(outcome.warnings.empty());
  }

  TestFolder folder;
};

TEST_F(FactsCacheProcessTest, ProcessesFillOneCache) {
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i)
    children.push_back(fork([&, i] {
      Outcome outcome = run(i * 5);
      return outcome.wrong + static_cast<int>(outcome.warnings.size() + outcome.counts.broken);
    }));
  for (pid_t child : children)
    EXPECT_EQ(statusOf(child), 0);
  expectAllFound();
  EXPECT_TRUE(TestFolder::below(cache() + "/tmp").empty());
}

TEST_F(FactsCacheProcessTest, KilledAtAnyMoment) {
  std::mt19937 random(4);
  int killed = 0;
  for (int round = 0; round < 150; ++round) {
    std::vector<pid_t> children;
    for (int i = 0; i < 2; ++i)
      children.push_back(fork([&] {
        // Puts again and again, also what is there, so that it is always writing something.
        while (true) {
          Outcome outcome = run(static_cast<int>(::getpid()) % unitCount, 10);
          if (outcome.wrong || outcome.counts.broken)
            return 1;
          for (const std::string &file : TestFolder::below(cache()))
            if (file.back() == 'm')
              ::unlink(file.c_str());
        }
      }));
    ::usleep(random() % 15000);
    for (pid_t child : children)
      ::kill(child, SIGKILL);
    for (pid_t child : children)
      killed += statusOf(child) == -1;
    Outcome outcome = run(round % unitCount, 5);
    ASSERT_EQ(outcome.wrong, 0);
    ASSERT_EQ(outcome.counts.broken, 0u);
    ASSERT_TRUE(outcome.warnings.empty());
  }
  EXPECT_EQ(killed, 300) << "none of them saw anything wrong";
  run(0);
  expectAllFound();
}

/// Damages one file after another, a thousand in all, and runs the program on what is left.
TEST_F(FactsCacheProcessTest, DamagedFilesAreRebuiltNeverBelieved) {
  run(0);
  std::mt19937 random(5);
  int rebuilt = 0;
  for (int round = 0; round < 1000; ++round) {
    std::vector<std::string> files = TestFolder::below(cache());
    std::string path = files[random() % files.size()];
    std::string bytes = readFile(path).value_or("");
    if (bytes.empty())
      continue; // the lock
    if (random() % 2)
      bytes[random() % bytes.size()] ^= static_cast<char>(1u << random() % 8);
    else
      bytes.resize(random() % bytes.size());
    std::ofstream(path, std::ios::binary) << bytes;
    Outcome outcome = run(0);
    ASSERT_EQ(outcome.wrong, 0) << path;
    ASSERT_TRUE(outcome.warnings.empty()) << path;
    rebuilt += unitCount - outcome.found;
    ASSERT_EQ(run(0).found, unitCount) << path;
  }
  EXPECT_GT(rebuilt, 800);
}

/// RLIMIT_FSIZE makes writing fail in the middle of a file, as a full disk does.
TEST_F(FactsCacheProcessTest, WhenAFileCannotBeWrittenTheRunGoesOn) {
  for (rlim_t limit : {0, 50, 2000, 9000}) {
    pid_t child = fork([&] {
      ::signal(SIGXFSZ, SIG_IGN);
      rlimit limits{limit, limit};
      ::setrlimit(RLIMIT_FSIZE, &limits);
      Outcome outcome = run(0);
      bool isRight = outcome.wrong == 0 && outcome.warnings.size() == 1 &&
                     outcome.warnings[0].find("File too large") != std::string::npos;
      return isRight ? 42 : 1;
    });
    EXPECT_EQ(statusOf(child), 42) << limit;
    Outcome outcome = run(0);
    EXPECT_EQ(outcome.wrong, 0);
    EXPECT_EQ(outcome.counts.broken, 0u);
    EXPECT_TRUE(TestFolder::below(cache() + "/tmp").empty());
    expectAllFound();
    sys::fs::remove_directories(cache());
  }
}

/// Mounts that are made from now on are seen by this process only, and need no rights outside.
bool enterNameSpaces() {
  std::string user = std::to_string(::geteuid()), group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
    return false;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// A file system of 64 KiB.
TEST_F(FactsCacheProcessTest, AFullDisk) {
  constexpr int noNameSpaces = 77;
  sys::fs::create_directories(cache());
  pid_t child = fork([&] {
    if (!enterNameSpaces() || ::mount("tmpfs", cache().c_str(), "tmpfs", 0, "size=65536") != 0)
      return noNameSpaces;
    Outcome first = run(0), second = run(0);
    bool isRight = first.wrong == 0 && second.wrong == 0 && first.warnings.size() == 1 && second.found > 0 &&
                   second.found < unitCount && second.counts.broken == 0 &&
                   first.warnings[0].find("No space left on device") != std::string::npos;
    return isRight ? 42 : 1;
  });
  int status = statusOf(child);
  if (status == noNameSpaces)
    GTEST_SKIP() << "this machine does not let a user mount a file system";
  EXPECT_EQ(status, 42);
}

TEST_F(FactsCacheProcessTest, AStoppedProcessDoesNotStopTheOthers) {
  run(0, 1);
  pid_t child = fork([&] {
    auto lock = FolderLock::acquire(cache() + "/lock", 1000);
    ::pause();
    return lock ? 0 : 1;
  });
  ::usleep(100000);
  Outcome outcome = run(0, 3);
  EXPECT_EQ(outcome.found, 1);
  ASSERT_EQ(outcome.warnings.size(), 1u);
  EXPECT_NE(outcome.warnings[0].find("can't lock"), std::string::npos);
  ::kill(child, SIGKILL);
  statusOf(child);
  run(0);
  expectAllFound();
}

} // namespace
} // namespace bhlint
