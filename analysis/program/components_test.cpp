#include "analysis/program/components.h"
#include "analysis/program/parallel.h"
#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace bhlint {
namespace {

/// `count` functions in a circle, each of which also calls some others.
std::string circle(unsigned count) {
  std::string code;
  auto name = [&](unsigned i) { return "f" + std::to_string(i % count); };
  for (unsigned i = 0; i < count; ++i)
    code += "void " + name(i) + "(int n);\n";
  for (unsigned i = 0; i < count; ++i)
    code += "void " + name(i) + "(int n) { if (n == 1) { msleep(1); return; } " + name(i + 1) + "(n); " +
            name(i * 7 + 3) + "(n); " + name(i * i) + "(n - 1); }\n";
  return code;
}

TEST(CallOrder, CalleesComeFirst) {
  auto unit = TestUnit::withCode("void leaf(void) { msleep(1); }\n"
                                 "void middle(void) { leaf(); }\n"
                                 "void top(void) { middle(); leaf(); }\n");
  Workers workers(2);
  const CallOrder order = callOrderOf(unit->program, unit->resolver, workers);
  std::map<FunctionId, std::uint32_t> level;
  for (const Component &component : order.components)
    for (FunctionId id : component.functions)
      level[id] = component.level;
  EXPECT_LT(level[unit->id("leaf")], level[unit->id("middle")]);
  EXPECT_LT(level[unit->id("middle")], level[unit->id("top")]);
  EXPECT_TRUE(std::is_sorted(order.components.begin(), order.components.end(),
                             [](const Component &a, const Component &b) { return a.level < b.level; }));
}

/// One by one, a function sees what was found for those before it in this round, and for those behind it in the last.
TEST(CallOrder, LayersShowWhatOneByOneShows) {
  auto unit = TestUnit::withCode(circle(40));
  Workers workers(2);
  const CallOrder order = callOrderOf(unit->program, unit->resolver, workers);
  auto recursive = std::find_if(order.components.begin(), order.components.end(),
                                [](const Component &component) { return component.isRecursive; });
  ASSERT_NE(recursive, order.components.end());
  ASSERT_THAT(recursive->functions, testing::SizeIs(40));
  std::map<FunctionId, std::size_t> layerOf;
  std::size_t count = 0;
  for (std::size_t layer = 0; layer < recursive->layers.size(); ++layer)
    for (FunctionId id : recursive->layers[layer]) {
      layerOf[id] = layer;
      ++count;
    }
  EXPECT_EQ(count, 40u);
  EXPECT_GT(recursive->layers.size(), 1u);
  EXPECT_LT(recursive->layers.size(), 40u);
  for (FunctionId caller : recursive->functions)
    for (FunctionId callee : order.callees[caller]) {
      if (layerOf.count(callee) == 0)
        continue;
      if (callee < caller)
        EXPECT_LT(layerOf[callee], layerOf[caller]);
      else
        EXPECT_GE(layerOf[callee], layerOf[caller]);
    }
}

TEST(Summaries, AreTheSameWithSeveralThreads) {
  auto unit = TestUnit::withCode(circle(60));
  const Summaries one = summarize(unit->program, unit->resolver, 1), four = summarize(unit->program, unit->resolver, 4);
  // Terms are numbered by who is first, so these have none of fields.
  for (FunctionId id = 0; id < unit->program.functions.size(); ++id)
    EXPECT_EQ(one[id], four[id]) << unit->program.text(unit->program.functions[id].name).str();
  EXPECT_FALSE(one[unit->id("f0")].sleeps.empty());
}

} // namespace
} // namespace bhlint
