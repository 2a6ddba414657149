#include "analysis/cache/input_digests.h"

#include "analysis/cache/test_folder.h"

#include "gtest/gtest.h"

#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bhlint {
namespace {

Digest digestOf(const std::string &path) {
  InputDigests digests;
  return digests.digest(digests.file(path));
}

/// What a run knows of a file that an earlier run has read.
KnownContents learntBefore(const std::string &path) {
  InputDigests before(longAfter());
  InputFile &file = before.file(path);
  before.digest(file);
  const KnownContents *known = before.learnt(file);
  EXPECT_TRUE(known);
  return known ? *known : KnownContents();
}

/// How often a run that knows this much reads the file.
std::uint64_t readsWith(const KnownContents &known, const std::string &path) {
  InputDigests digests(longAfter());
  digests.digest(digests.file(path, &known));
  return digests.filesRead();
}

TEST(InputDigests, DependOnPathAndContents) {
  TestFolder folder;
  std::string a = folder.write("a.h", "int x;"), b = folder.write("b.h", "int x;");
  Digest before = digestOf(a);
  EXPECT_EQ(digestOf(a), before);
  EXPECT_NE(digestOf(b), before);
  folder.write("a.h", "int y;");
  EXPECT_NE(digestOf(a), before);
  folder.write("a.h", "int x;");
  EXPECT_EQ(digestOf(a), before);
}

TEST(InputDigests, AbsentFilesFoldersAndEmptyFilesDiffer) {
  TestFolder folder;
  Digest absent = digestOf(folder.path("x"));
  folder.write("x", "");
  Digest empty = digestOf(folder.path("x"));
  ::unlink(folder.path("x").c_str());
  EXPECT_EQ(digestOf(folder.path("x")), absent);
  ::mkdir(folder.path("x").c_str(), 0700);
  Digest directory = digestOf(folder.path("x"));
  EXPECT_NE(absent, empty);
  EXPECT_NE(absent, directory);
  EXPECT_NE(empty, directory);
  folder.write("file", "");
  EXPECT_EQ(InputDigests().digest(InputDigests().file("/")).hex().size(), 32u);
  EXPECT_NE(digestOf(folder.path("file/below")), Digest());
}

TEST(InputDigests, FilesLargerThanTheReadBuffer) {
  TestFolder folder;
  std::string text(300000, 'x');
  std::string path = folder.write("big", text);
  Digest before = digestOf(path);
  text[299999] = 'y';
  folder.write("big", text);
  EXPECT_NE(digestOf(path), before);
}

TEST(InputDigests, EachFileIsReadOnce) {
  TestFolder folder;
  std::string path = folder.write("a.h", "x");
  InputDigests digests;
  Digest first = digests.digest(digests.file(path));
  folder.write("a.h", "another");
  EXPECT_EQ(digests.digest(digests.file(path)), first);
  EXPECT_EQ(digests.filesRead(), 1u);
}

TEST(InputDigests, KnownFilesAreNotRead) {
  TestFolder folder;
  std::string path = folder.write("a.h", "x");
  KnownContents known = learntBefore(path);
  EXPECT_EQ(readsWith(known, path), 0u);
  InputDigests digests;
  EXPECT_EQ(digests.digest(digests.file(path, &known)), digestOf(path));
}

TEST(InputDigests, TouchedFilesAreReadAgainAndLearnt) {
  TestFolder folder;
  std::string path = folder.write("a.h", "x");
  KnownContents known = learntBefore(path);
  setModifiedLongAgo(path);
  EXPECT_EQ(readsWith(known, path), 1u);
  EXPECT_EQ(readsWith(learntBefore(path), path), 0u);
}

/// As when another kernel version is unpacked over the first: same length, same time in the archive.
TEST(InputDigests, AReplacementOfTheSameSizeAndTimeIsNoticed) {
  TestFolder folder;
  std::string path = folder.write("a.h", "one"), other = folder.write("b.h", "two");
  setModifiedLongAgo(path);
  KnownContents known = learntBefore(path);
  Digest before = digestOf(path);
  setModifiedLongAgo(other);
  ASSERT_EQ(::rename(other.c_str(), path.c_str()), 0);
  EXPECT_EQ(readsWith(known, path), 1u);
  EXPECT_NE(digestOf(path), before);

  // In place: only the change time tells.
  known = learntBefore(path);
  ::usleep(30000); // the next tick of the file system's clock
  folder.write("a.h", "six");
  setModifiedLongAgo(path);
  EXPECT_EQ(readsWith(known, path), 1u);
}

/// A second write within the same clock tick leaves all times as they are.
TEST(InputDigests, NothingIsLearntOfAFileThatWasJustWritten) {
  TestFolder folder;
  InputDigests digests;
  InputFile &file = digests.file(folder.write("a.h", "x"));
  digests.digest(file);
  EXPECT_EQ(digests.learnt(file), nullptr);
}

TEST(InputDigests, UnchangedMeansSinceTheRunBegan) {
  TestFolder folder;
  std::string path = folder.write("a.h", "x");
  InputDigests tooEarly;
  EXPECT_FALSE(tooEarly.isUnchanged(tooEarly.file(path))) << "written at the same time as the run began";

  InputDigests later(longAfter());
  InputFile &file = later.file(path);
  EXPECT_TRUE(later.isUnchanged(file));
  folder.write("a.h", "longer");
  EXPECT_FALSE(later.isUnchanged(file));
}

TEST(InputDigests, AbsenceIsUnchangedUntilTheFileAppears) {
  TestFolder folder;
  InputDigests digests;
  InputFile &file = digests.file(folder.path("a.h"));
  EXPECT_TRUE(digests.isUnchanged(file));
  folder.write("a.h", "x");
  EXPECT_FALSE(digests.isUnchanged(file));
}

TEST(InputDigests, WhatCannotBeReadIsNeverUnchanged) {
  TestFolder folder;
  std::string loop = folder.path("loop");
  ASSERT_EQ(::symlink(loop.c_str(), loop.c_str()), 0);
  InputDigests digests(longAfter());
  EXPECT_FALSE(digests.isUnchanged(digests.file(loop)));
}

TEST(InputDigests, AnOverlayCountsAsTheFile) {
  TestFolder folder;
  std::string path = folder.write("a.h", "on disk");
  Digest before = digestOf(path);
  InputDigests digests(longAfter());
  digests.setContents(path, "overlaid");
  InputFile &file = digests.file(path);
  EXPECT_NE(digests.digest(file), before);
  EXPECT_TRUE(digests.isUnchanged(file));
  EXPECT_EQ(digests.learnt(file), nullptr) << "it is not what is on disk";
  EXPECT_EQ(digests.filesRead(), 0u);
  folder.write("a.h", "overlaid");
  EXPECT_EQ(digestOf(path), digests.digest(file));
}

/// Opening a pipe would wait for a writer that never comes.
TEST(InputDigests, PipesAreNotRead) {
  TestFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  InputDigests digests;
  digests.digest(digests.file(folder.path("pipe")));
  EXPECT_EQ(digests.filesRead(), 0u);
}

TEST(InputDigests, ThreadsAgreeAndReadOnce) {
  TestFolder folder;
  std::vector<std::string> paths;
  for (int i = 0; i < 200; ++i)
    paths.push_back(folder.write("f" + std::to_string(i), std::to_string(i)));
  InputDigests digests;
  std::vector<std::vector<Digest>> seen(8);
  std::vector<std::thread> threads;
  for (std::vector<Digest> &mine : seen)
    threads.emplace_back([&] {
      for (const std::string &path : paths)
        mine.push_back(digests.digest(digests.file(path)));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(digests.filesRead(), paths.size());
  for (const std::vector<Digest> &mine : seen)
    EXPECT_EQ(mine, seen[0]);
}

TEST(CacheKeys, PartsDoNotRunIntoEachOther) {
  EXPECT_EQ(CacheKey::of({"a", "bc"}), CacheKey::of({"a", "bc"}));
  EXPECT_NE(CacheKey::of({"a", "bc"}), CacheKey::of({"ab", "c"}));
  EXPECT_NE(CacheKey::of({"a", ""}), CacheKey::of({"a"}));
  EXPECT_NE(CacheKey::of({"a", "b"}), CacheKey::of({"b", "a"}));
}

} // namespace
} // namespace bhlint
