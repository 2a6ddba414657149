#include "analysis/shard/shard_file.h"

#include "analysis/shard/test_shards.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <random>

using namespace llvm;
using testing::HasSubstr;

namespace bhlint {
namespace {

/// Opens the file and reads all that is in it: the first error, or nothing.
std::string problem(const std::string &path) {
  Expected<ShardFile> shard = ShardFile::open(path);
  if (!shard)
    return toString(shard.takeError());
  for (std::size_t i = 0; i < shard->index().units.size(); ++i)
    if (auto packed = shard->packedFacts(i); !packed)
      return toString(packed.takeError());
    else if (auto facts = unpackFacts(*packed); !facts)
      return toString(facts.takeError());
  return "";
}

TEST(ShardFile, ComesBack) {
  TestShards shards;
  ShardIndex written = TestShards::index(2);
  Expected<ShardFile> shard = ShardFile::open(shards.write(written));
  ASSERT_TRUE(bool(shard)) << toString(shard.takeError());
  const ShardIndex &read = shard->index();
  EXPECT_EQ(read.tool, written.tool);
  EXPECT_EQ(read.shard, written.shard);
  EXPECT_EQ(read.tree, written.tree);
  EXPECT_EQ(read.kernelVersion, written.kernelVersion);
  EXPECT_EQ(read.allUnits, written.allUnits);
  EXPECT_EQ(read.commands, written.commands);
  EXPECT_EQ(read.constants, written.constants);
  EXPECT_EQ(read.sources, written.sources);
  EXPECT_EQ(read.inputs, written.inputs);
  ASSERT_EQ(read.units.size(), written.units.size());
  ASSERT_FALSE(read.units.empty());
  for (std::size_t i = 0; i < read.units.size(); ++i) {
    EXPECT_EQ(read.units[i].position, written.units[i].position);
    EXPECT_EQ(read.units[i].error, written.units[i].error);
    auto packed = shard->packedFacts(i);
    ASSERT_TRUE(bool(packed)) << toString(packed.takeError());
    auto facts = unpackFacts(*packed);
    ASSERT_TRUE(bool(facts)) << toString(facts.takeError());
    EXPECT_EQ(*facts, TestShards::factsOf(read.units[i].position));
  }
}

TEST(ShardFile, TheSameShardIsTheSameBytes) {
  TestShards one, other;
  EXPECT_EQ(TestShards::read(one.write(TestShards::index(1))), TestShards::read(other.write(TestShards::index(1))));
}

TEST(ShardFile, NothingIsLeftBesideIt) {
  TestShards shards;
  std::string path = shards.write(TestShards::index(1));
  shards.write(TestShards::index(1));
  std::vector<std::string> files;
  for (const auto &entry : std::filesystem::directory_iterator(shards.folder))
    files.push_back(entry.path().string());
  EXPECT_EQ(files, std::vector<std::string>{path});
}

TEST(ShardFile, NoShard) {
  TestShards shards;
  EXPECT_THAT(problem(shards.path(1)), HasSubstr("shard-1-of-3.facts: No such file"));
  TestShards::overwrite(shards.path(1), "int main(void) { return 0; }\n");
  EXPECT_THAT(problem(shards.path(1)), HasSubstr("shard-1-of-3.facts: this is not a shard of facts"));
  TestShards::overwrite(shards.path(1), "BHSHARD1");
  EXPECT_THAT(problem(shards.path(1)), HasSubstr("the file ends too early"));
}

TEST(ShardFile, EveryTruncationIsNoticed) {
  TestShards shards;
  std::string path = shards.write(TestShards::index(1)), bytes = TestShards::read(path);
  for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 40) {
    TestShards::overwrite(path, bytes.substr(0, length));
    EXPECT_THAT(problem(path), HasSubstr("make this shard again")) << length << " of " << bytes.size();
  }
}

TEST(ShardFile, EveryFlippedBitIsNoticed) {
  TestShards shards;
  std::string path = shards.write(TestShards::index(1)), bytes = TestShards::read(path);
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::string changed = bytes;
    changed[random() % changed.size()] ^= static_cast<char>(1u << random() % 8);
    TestShards::overwrite(path, changed);
    EXPECT_THAT(problem(path), HasSubstr("make this shard again"));
  }
}

TEST(ShardFile, DamagedFactsAreNamed) {
  TestShards shards;
  ShardIndex index = TestShards::index(1);
  std::string path = shards.write(index), bytes = TestShards::read(path);
  bytes.back() ^= 1;
  TestShards::overwrite(path, bytes);
  EXPECT_THAT(problem(path), HasSubstr("the facts of " + index.allUnits[index.units.back().position] + " are damaged"));
}

/// Whole and sealed, but not what this program writes.
TEST(ShardFile, ContradictionsAreNoticed) {
  TestShards shards;
  auto problemWith = [&](auto change) {
    ShardIndex index = TestShards::index(1);
    change(index);
    return problem(shards.write(index));
  };
  EXPECT_EQ(problemWith([](ShardIndex &) {}), "");
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.units.pop_back(); }), HasSubstr("contradicts itself"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.units.push_back(index.units.back()); }),
              HasSubstr("contradicts itself"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.shard.number = 2; }), HasSubstr("contradicts itself"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.shard.number = 0; }), HasSubstr("contradicts itself"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.shard.count = 0xffffffff; }), HasSubstr("contradicts itself"));
}

TEST(ShardFile, Names) {
  EXPECT_EQ(shardFileName({3, 10}), "shard-3-of-10.facts");
  EXPECT_TRUE(isShardFileName(shardFileName({1, 1})));
  EXPECT_FALSE(isShardFileName("notes.txt"));
}

} // namespace
} // namespace bhlint
