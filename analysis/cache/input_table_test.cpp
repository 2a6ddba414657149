#include "analysis/cache/input_table.h"

#include "analysis/cache/input_list.h"
#include "analysis/cache/test_folder.h"

#include "llvm/ADT/STLExtras.h"

#include "gtest/gtest.h"

#include <map>
#include <random>

#include <unistd.h>

using namespace llvm;

namespace bhlint {
namespace {

constexpr std::uint64_t noLimit = 1 << 30;

class InputTableTest : public testing::Test {
protected:
  InputTableTest() { sys::fs::create_directories(folder.path("cache/tmp")); }

  std::string cache() const { return folder.path("cache"); }
  std::string tablePath() const { return folder.path("cache/inputs"); }

  std::string source(int i) { return folder.write("src/file" + std::to_string(i) + ".h", std::to_string(i)); }

  std::vector<InputTable::Number> add(InputTable &table, const std::vector<std::string> &paths) {
    std::vector<InputFile *> files;
    for (const std::string &path : paths) {
      files.push_back(&digests.file(path));
      digests.digest(*files.back());
    }
    auto numbers = table.numbersOf(files, digests);
    EXPECT_TRUE(bool(numbers)) << toString(numbers.takeError());
    return numbers ? *numbers : std::vector<InputTable::Number>();
  }

  static std::vector<std::string> pathsIn(const InputTable &table) {
    std::vector<std::string> out;
    for (InputTable::Number i = 0; i < table.size(); ++i)
      out.push_back(table.row(i).path.str());
    return out;
  }

  void overwrite(const std::string &bytes) { folder.write("cache/inputs", bytes); }

  TestFolder folder;
  InputDigests digests{longAfter()};
};

TEST_F(InputTableTest, NumbersStay) {
  std::string a = source(0), b = source(1), c = source(2);
  Digest id;
  {
    InputTable table(cache(), noLimit);
    EXPECT_EQ(add(table, {a, b}), (std::vector<InputTable::Number>{0, 1}));
    EXPECT_EQ(add(table, {c, a}), (std::vector<InputTable::Number>{2, 0}));
    id = table.id();
  }
  InputTable table(cache(), noLimit);
  EXPECT_EQ(table.id(), id);
  EXPECT_EQ(pathsIn(table), (std::vector<std::string>{a, b, c}));
  EXPECT_EQ(add(table, {b}), std::vector<InputTable::Number>{1});
}

TEST_F(InputTableTest, WhatWasLearntIsThereInTheNextRun) {
  std::string a = source(0);
  {
    InputTable table(cache(), noLimit);
    add(table, {a, folder.path("absent")});
  }
  InputTable table(cache(), noLimit);
  EXPECT_EQ(table.row(0).known.state, FileState::of(a));
  EXPECT_EQ(table.row(1).known.state.kind, FileState::Kind::Absent);

  // A touched file: known anew after saveLearnt().
  setModifiedLongAgo(a);
  InputDigests later(longAfter());
  EXPECT_EQ(table.digest(0, later), later.digest(later.file(a)));
  EXPECT_EQ(later.filesRead(), 1u);
  EXPECT_EQ(toString(table.saveLearnt(later)), "");
  EXPECT_EQ(InputTable(cache(), noLimit).row(0).known.state, FileState::of(a));
}

TEST_F(InputTableTest, NothingNewWritesNothing) {
  InputTable table(cache(), noLimit);
  add(table, {source(0)});
  std::string before = folder.read("cache/inputs");
  add(table, {source(0)});
  EXPECT_EQ(toString(table.saveLearnt(digests)), "");
  EXPECT_EQ(folder.read("cache/inputs"), before);
}

TEST_F(InputTableTest, TwoWritersGiveDifferentNumbers) {
  InputTable one(cache(), noLimit), two(cache(), noLimit);
  EXPECT_EQ(add(one, {source(0)}), std::vector<InputTable::Number>{0});
  EXPECT_EQ(add(two, {source(1)}), std::vector<InputTable::Number>{1});
  EXPECT_EQ(add(one, {source(2), source(1)}), (std::vector<InputTable::Number>{2, 1}));
  two.refresh();
  EXPECT_EQ(pathsIn(one), pathsIn(two));
}

TEST_F(InputTableTest, AHalfRecordAtTheEndIsVoidAndGoesAway) {
  {
    InputTable table(cache(), noLimit);
    add(table, {source(0), source(1)});
  }
  std::string whole = folder.read("cache/inputs");
  overwrite(whole.substr(0, whole.size() - 5));
  InputTable reader(cache(), noLimit), writer(cache(), noLimit);
  EXPECT_EQ(pathsIn(reader), std::vector<std::string>{source(0)});
  EXPECT_EQ(add(writer, {source(2)}), std::vector<InputTable::Number>{1});
  reader.refresh();
  EXPECT_EQ(pathsIn(reader), (std::vector<std::string>{source(0), source(2)}));
  EXPECT_EQ(pathsIn(InputTable(cache(), noLimit)), pathsIn(reader));
}

TEST_F(InputTableTest, EveryTruncationLeavesAPrefix) {
  std::vector<std::string> paths{source(0), source(1), source(2)};
  {
    InputTable table(cache(), noLimit);
    add(table, paths);
  }
  std::string whole = folder.read("cache/inputs");
  for (std::size_t length = 0; length < whole.size(); ++length) {
    overwrite(whole.substr(0, length));
    InputTable table(cache(), noLimit);
    ASSERT_LT(table.size(), paths.size());
    for (InputTable::Number i = 0; i < table.size(); ++i)
      ASSERT_EQ(table.row(i).path, paths[i]);
    InputTable::Number next = table.size();
    ASSERT_EQ(add(table, {paths[2]}), std::vector<InputTable::Number>{next}) << "cut to " << length;
  }
}

TEST_F(InputTableTest, FlippedBitsAreNeverBelieved) {
  std::vector<std::string> paths;
  for (int i = 0; i < 20; ++i)
    paths.push_back(source(i));
  std::map<std::string, KnownContents> truth;
  {
    InputTable table(cache(), noLimit);
    add(table, paths);
  }
  {
    InputTable table(cache(), noLimit);
    for (InputTable::Number i = 0; i < table.size(); ++i)
      truth[table.row(i).path.str()] = table.row(i).known;
    ASSERT_EQ(truth.size(), paths.size());
  }
  std::string whole = folder.read("cache/inputs");
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::string changed = whole;
    changed[random() % changed.size()] ^= static_cast<char>(1u << random() % 8);
    overwrite(changed);
    InputTable table(cache(), noLimit);
    for (InputTable::Number i = 0; i < table.size(); ++i) {
      auto it = truth.find(table.row(i).path.str());
      ASSERT_NE(it, truth.end()) << table.row(i).path.str();
      ASSERT_EQ(it->second, table.row(i).known);
    }
    ASSERT_EQ(add(table, {paths[7]}).size(), 1u);
    InputTable again(cache(), noLimit);
    ASSERT_TRUE(is_contained(pathsIn(again), paths[7]));
  }
}

TEST_F(InputTableTest, GarbageIsBegunAnew) {
  overwrite("not a table at all, but long enough to hold a header of one");
  InputTable table(cache(), noLimit);
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(add(table, {source(0)}), std::vector<InputTable::Number>{0});
}

TEST_F(InputTableTest, ATableThatIsTooLargeIsBegunAnew) {
  Digest id;
  std::vector<std::string> paths;
  for (int i = 0; i < 40000; ++i)
    paths.push_back("/absent/" + std::to_string(i) + std::string(100, 'x'));
  {
    InputTable table(cache(), noLimit);
    id = table.id();
    add(table, paths);
  }
  EXPECT_EQ(InputTable(cache(), noLimit).id(), id);
  InputTable table(cache(), 1 << 20);
  EXPECT_NE(table.id(), id);
  EXPECT_EQ(table.size(), 0u);
}

TEST_F(InputTableTest, OutdatedRecordsAreLeftOutInTime) {
  std::string a = source(0), b = source(1);
  {
    InputTable table(cache(), noLimit);
    add(table, {a, b});
  }
  std::string table = folder.read("cache/inputs");
  // As if one file had been touched and read again in 100,000 runs.
  setModifiedLongAgo(b);
  InputTable first(cache(), noLimit);
  InputDigests later(longAfter());
  first.digest(1, later);
  ASSERT_EQ(toString(first.saveLearnt(later)), "");
  std::string grown = folder.read("cache/inputs");
  std::string record = grown.substr(table.size());
  ASSERT_FALSE(record.empty());
  for (int i = 0; i < 100000; ++i)
    grown += record;
  overwrite(grown);
  InputTable tidied(cache(), noLimit);
  EXPECT_EQ(tidied.id(), first.id());
  EXPECT_EQ(pathsIn(tidied), (std::vector<std::string>{a, b}));
  EXPECT_EQ(tidied.row(1).known.state, FileState::of(b));
  EXPECT_LT(folder.read("cache/inputs").size(), 1000u);
  // Who still has the old one follows.
  EXPECT_EQ(add(first, {source(2)}), std::vector<InputTable::Number>{2});
}

TEST_F(InputTableTest, WithoutAFolderNothingWorksButNothingBreaks) {
  InputTable table(folder.path("nowhere"), noLimit);
  EXPECT_EQ(table.size(), 0u);
  table.refresh();
  InputFile &file = digests.file(source(0));
  auto numbers = table.numbersOf(&file, digests);
  ASSERT_FALSE(bool(numbers));
  EXPECT_NE(toString(numbers.takeError()).find("can't lock"), std::string::npos);
}

TEST(InputLists, ComeBack) {
  InputLists lists;
  lists.table.bytes[3] = 7;
  lists.add({});
  lists.add({0, 1, 5, 300, 70000, 0xffffffff});
  lists.add({9});
  auto back = InputLists::read(lists.write());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->table, lists.table);
  EXPECT_EQ(back->lists, (std::vector<InputList>{{9}, {0, 1, 5, 300, 70000, 0xffffffff}, {}}));
}

TEST(InputLists, TheLastOneComesFirstAndOnce) {
  InputLists lists;
  for (InputTable::Number i = 0; i < 20; ++i)
    lists.add({i});
  lists.add({17});
  ASSERT_EQ(lists.lists.size(), InputLists::maxLists);
  EXPECT_EQ(lists.lists[0], InputList{17});
  EXPECT_EQ(lists.lists[1], InputList{19});
  EXPECT_EQ(lists.lists[2], InputList{18});
  EXPECT_EQ(lists.lists[3], InputList{16});
}

TEST(InputLists, AnyBytesAreReadSafely) {
  std::mt19937 random(2);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (char &byte : bytes)
      byte = static_cast<char>(random() % 3 ? random() % 8 : random());
    InputLists lists = InputLists::read(bytes).value_or(InputLists());
    for (const InputList &list : lists.lists)
      EXPECT_TRUE(is_sorted(list));
  }
  EXPECT_FALSE(InputLists::read(""));
  EXPECT_FALSE(InputLists::read(std::string(16, '\0') + "\x05\x01"));
}

} // namespace
} // namespace bhlint
