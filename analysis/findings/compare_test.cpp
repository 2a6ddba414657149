#include "analysis/findings/compare.h"

#include "analysis/findings/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;
using Partner = std::optional<std::size_t>;

Finding finding(const std::string &file, unsigned line, const std::string &function = "bar_flush") {
  Finding f;
  f.rule = "bh-mutex-in-atomic";
  f.place = {file, line, 2};
  f.function = function;
  f.sink = "mutex_lock";
  f.context = "tasklet";
  f.root = {"bar_task", {file, 1, 1}, "bar_task() is a tasklet"};
  f.chain = {{function, f.place, "mutex_lock() sleeps"}};
  return f;
}

Changes changes(const std::string &file, std::vector<Hunk> hunks) {
  Changes result;
  result.files[file] = {file, std::move(hunks)};
  return result;
}

std::vector<Partner> match(const std::vector<Finding> &before, const std::vector<Finding> &after,
                           const Changes &change, const FunctionTable &old = {}, const FunctionTable &now = {}) {
  return matchFindings(before, after, {change, old, now});
}

TEST(Changes, LinesMoveWithTheHunksAboveThem) {
  const Changes change = changes("a.c", {{3, 0, 4, 2}, {10, 2, 13, 1}});
  EXPECT_EQ(change.newLine("a.c", 3), 3u);
  EXPECT_EQ(change.newLine("a.c", 4), 6u);
  EXPECT_EQ(change.newLine("a.c", 10), 13u);
  EXPECT_EQ(change.newLine("a.c", 12), 13u + 0u + 0u);
  EXPECT_EQ(change.newLine("b.c", 12), 12u);
  EXPECT_TRUE(change.isChanged("a.c", 5));
  EXPECT_FALSE(change.isChanged("a.c", 6));
}

TEST(Changes, WhatIsRemovedCountsAtTheLineBehindIt) {
  const Changes change = changes("a.c", {{5, 2, 4, 0}});
  EXPECT_EQ(change.firstChange("a.c", 1, 4), 0u);
  EXPECT_EQ(change.firstChange("a.c", 1, 5), 5u);
  EXPECT_FALSE(change.isChanged("a.c", 5));
}

TEST(Match, TheOneThatIsAddedAboveIsTheNewOne) {
  const Changes change = changes("a.c", {{9, 0, 10, 1}});
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("a.c", 10), finding("a.c", 11)}, change),
              ElementsAre(std::nullopt, Partner(0)));
}

TEST(Match, RenamedFile) {
  Changes change;
  change.files["b.c"] = {"a.c", {}};
  change.renames["a.c"] = "b.c";
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("b.c", 10)}, change), ElementsAre(Partner(0)));
}

TEST(Match, CodeMovesBetweenFilesOfThePatchOnly) {
  Changes change = changes("b.c", {{0, 0, 1, 20}});
  change.deleted = {"a.c"};
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("b.c", 10)}, change), ElementsAre(Partner(0)));
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("c.c", 10)}, change), ElementsAre(std::nullopt));
}

TEST(Match, RenamedFunction) {
  const Changes change = changes("a.c", {{10, 1, 10, 1}});
  const FunctionTable old({{"a.c", "bar_flush", 9, 12}}), now({{"a.c", "bar_drain", 9, 12}});
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("a.c", 10, "bar_drain")}, change, old, now),
              ElementsAre(Partner(0)));
  // A function that was there before is another one.
  const FunctionTable both({{"a.c", "bar_flush", 9, 12}, {"a.c", "bar_drain", 20, 30}});
  EXPECT_THAT(match({finding("a.c", 10)}, {finding("a.c", 25, "bar_drain")}, change, both, both),
              ElementsAre(std::nullopt));
}

TEST(Match, AnotherWitnessIsNewOnlyWhenThePatchHasToDoWithIt) {
  Finding other = finding("a.c", 10);
  other.root.function = "bar_timer";
  EXPECT_THAT(match({finding("a.c", 10)}, {other}, changes("b.c", {{5, 0, 6, 1}})), ElementsAre(Partner(0)));
  EXPECT_THAT(match({finding("a.c", 10)}, {other}, changes("a.c", {{1, 1, 1, 1}})), ElementsAre(std::nullopt));
}

TEST(Cause, ChangedStepThenChangedFunctionThenFile) {
  Finding f = finding("a.c", 10);
  f.chain = {{"bar_task", {"a.c", 30, 3}, "bar_task() calls core_wait()"}, {"core_wait", {"core.c", 7, 3}, "msleep() sleeps"}};
  const FunctionTable functions({{"core.c", "core_wait", 4, 9}, {"a.c", "bar_task", 28, 33}});
  const auto cause = [&](const Changes &change) { return causeOf(f, {change, functions, functions}); };
  EXPECT_EQ(cause(changes("core.c", {{6, 0, 7, 1}})), (SourcePlace{"core.c", 7, 3}));
  EXPECT_EQ(cause(changes("core.c", {{5, 1, 4, 0}})), (SourcePlace{"core.c", 5, 0}));
  EXPECT_EQ(cause(changes("core.c", {{20, 1, 20, 1}})), (SourcePlace{"core.c", 20, 0}));
  EXPECT_EQ(cause(changes("other.h", {{3, 1, 3, 1}})), (SourcePlace{"other.h", 3, 0}));
}

} // namespace
} // namespace bhlint
