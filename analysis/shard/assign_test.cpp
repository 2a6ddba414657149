#include "analysis/shard/assign.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <algorithm>
#include <map>
#include <random>

namespace bhlint {
namespace {

std::vector<std::string> someUnits(int count) {
  std::vector<std::string> units;
  for (int i = 0; i < count; ++i)
    units.push_back("drivers/net/unit" + std::to_string(i) + ".c");
  return units;
}

/// Machines of today and of tomorrow, and other programs, must agree: this never changes.
TEST(AssignShards, IsWrittenInStone) {
  EXPECT_THAT(assignShards(someUnits(12), 3), testing::ElementsAre(1, 1, 1, 3, 2, 3, 3, 2, 2, 3, 2, 1));
}

TEST(AssignShards, SharesDifferByOneAtMost) {
  for (unsigned count : {1u, 2u, 7u, 100u}) {
    std::map<unsigned, unsigned> sizes;
    for (unsigned shard : assignShards(someUnits(1000), count))
      ++sizes[shard];
    ASSERT_EQ(sizes.size(), count);
    EXPECT_EQ(sizes.begin()->first, 1u);
    EXPECT_EQ(sizes.rbegin()->first, count);
    for (auto [shard, size] : sizes)
      EXPECT_TRUE(size == 1000 / count || size == 1000 / count + 1) << shard << " of " << count << " has " << size;
  }
}

TEST(AssignShards, OrderDoesNotMatter) {
  std::vector<std::string> units = someUnits(500);
  std::vector<unsigned> shards = assignShards(units, 9);
  std::map<std::string, unsigned> shardOf;
  for (std::size_t i = 0; i < units.size(); ++i)
    shardOf[units[i]] = shards[i];
  std::shuffle(units.begin(), units.end(), std::mt19937(1));
  shards = assignShards(units, 9);
  for (std::size_t i = 0; i < units.size(); ++i)
    EXPECT_EQ(shards[i], shardOf[units[i]]) << units[i];
}

TEST(AssignShards, AFileThatIsBuiltTwiceIsTwoUnits) {
  std::vector<std::string> units(100, "lib/same.c");
  std::vector<unsigned> shards = assignShards(units, 2);
  EXPECT_EQ(std::count(shards.begin(), shards.end(), 1u), 50);
}

TEST(AssignShards, MoreShardsThanUnits) {
  EXPECT_TRUE(assignShards({}, 5).empty());
  EXPECT_EQ(assignShards({"a.c"}, 5), std::vector<unsigned>{1});
}

} // namespace
} // namespace bhlint
