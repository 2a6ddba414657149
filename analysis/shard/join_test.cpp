#include "analysis/shard/join.h"

#include "analysis/shard/test_shards.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <functional>

using namespace llvm;
using testing::ElementsAre;
using testing::HasSubstr;

namespace bhlint {
namespace {

class JoinTest : public testing::Test {
protected:
  using Change = std::function<void(ShardIndex &)>;

  void add(unsigned number, const Change &change = [](ShardIndex &) {}) {
    ShardIndex index = TestShards::index(number);
    change(index);
    opened.push_back(cantFail(ShardFile::open(shards.write(index))));
  }

  std::string problem() {
    Expected<JoinedShards> joined = joinShards(opened, "0.1.0-test");
    return joined ? "" : toString(joined.takeError());
  }

  /// Of shard 1 as it is and shard 2 as `change` makes it.
  std::string problemWith(const Change &change) {
    opened.clear();
    add(1);
    add(2, change);
    return problem();
  }

  TestShards shards;
  std::vector<ShardFile> opened;
};

TEST_F(JoinTest, AllShards) {
  add(3);
  add(1);
  add(2);
  Expected<JoinedShards> joined = joinShards(opened, "0.1.0-test");
  ASSERT_TRUE(bool(joined)) << toString(joined.takeError());
  EXPECT_TRUE(joined->missing.empty());
  EXPECT_TRUE(joined->noFacts.empty());
}

TEST_F(JoinTest, MissingShardsAndTheirUnits) {
  add(2);
  Expected<JoinedShards> joined = joinShards(opened, "0.1.0-test");
  ASSERT_TRUE(bool(joined)) << toString(joined.takeError());
  EXPECT_THAT(joined->missing, ElementsAre(ShardNumber{1, 3}, ShardNumber{3, 3}));
  std::vector<std::uint32_t> expected;
  for (unsigned number : {1u, 3u})
    for (const ShardUnit &unit : TestShards::index(number).units)
      expected.push_back(unit.position);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(joined->noFacts, expected);
}

TEST_F(JoinTest, Nothing) { EXPECT_EQ(problem(), "there is no shard of facts"); }

TEST_F(JoinTest, Overlap) {
  add(1);
  add(2);
  add(1);
  EXPECT_THAT(problem(), HasSubstr("overlap: both are shard 1/3"));
}

TEST_F(JoinTest, OtherSplit) {
  EXPECT_THAT(problemWith([](ShardIndex &index) {
                index.shard = {2, 4};
                std::vector<unsigned> assigned = assignShards(index.allUnits, 4);
                index.units.clear();
                for (std::uint32_t i = 0; i < assigned.size(); ++i)
                  if (assigned[i] == 2)
                    index.units.push_back({i, "", 0, 0, {}});
              }),
              HasSubstr("they are shards 1/3 and 2/4"));
}

TEST_F(JoinTest, OtherTool) {
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.tool = "0.0.9-x"; }),
              HasSubstr("made by bhlint 0.0.9-x, and this is bhlint 0.1.0-test; make the facts again"));
}

TEST_F(JoinTest, OtherUnits) {
  EXPECT_THAT(problemWith([](ShardIndex &index) {
                // Shares of ten units stay as they are when the last one has another name only if it is not theirs.
                index.allUnits.push_back("drivers/more.c");
                std::vector<unsigned> assigned = assignShards(index.allUnits, index.shard.count);
                index.units.clear();
                for (std::uint32_t i = 0; i < assigned.size(); ++i)
                  if (assigned[i] == 2)
                    index.units.push_back({i, "", 0, 0, {}});
              }),
              HasSubstr("different units (10 and 11; the first difference is nothing against drivers/more.c)"));
}

TEST_F(JoinTest, OtherCommands) {
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.commands = {}; }), HasSubstr("different commands"));
}

TEST_F(JoinTest, OtherRules) {
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.constants.pop_back(); }), HasSubstr("different rules"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.constants[0].name = "FLAG_0"; }), HasSubstr("different rules"));
}

TEST_F(JoinTest, OtherTree) {
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.constants[0].value = 5; }),
              HasSubstr("different trees: FLAG_A is 1024 and 5"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.inputs[0].contents.bytes[0] = 6; }),
              HasSubstr("different trees: the contents of include/a.h differ"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.inputs[1].kind = FileState::Kind::Regular; }),
              HasSubstr("different trees: the contents of include/b.h differ"));
  EXPECT_THAT(problemWith([](ShardIndex &index) { index.kernelVersion = "6.1.2"; }),
              HasSubstr("different trees: versions '6.12.1' and '6.1.2'"));
  EXPECT_EQ(problemWith([](ShardIndex &index) { index.inputs[0].path = "include/c.h"; }), "") << "only it read that";
  EXPECT_EQ(problemWith([](ShardIndex &index) { index.tree = "/elsewhere"; }), "") << "machines differ in that";
}

} // namespace
} // namespace bhlint
