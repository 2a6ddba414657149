#include "analysis/findings/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace bhlint {
namespace {

using ::testing::ElementsAre;

Finding findingAt(std::string file, unsigned line, unsigned column = 1) {
  Finding finding;
  finding.rule = "bh-sleep-in-atomic";
  finding.place = {std::move(file), line, column};
  finding.function = "f";
  finding.sink = "msleep";
  return finding;
}

TEST(SortFindings, OrdersByFileThenLineAsANumberThenColumn) {
  std::vector<Finding> findings{findingAt("b.c", 1), findingAt("a.c", 10), findingAt("a.c", 9, 8),
                                findingAt("a.c", 9, 2)};
  sortFindings(findings);
  EXPECT_THAT(findings,
              ElementsAre(findingAt("a.c", 9, 2), findingAt("a.c", 9, 8), findingAt("a.c", 10), findingAt("b.c", 1)));
}

TEST(SortFindings, DoesNotDependOnTheOrderOfItsInput) {
  std::vector<Finding> findings;
  for (unsigned i = 0; i < 40; ++i) {
    Finding finding = findingAt(i % 2 ? "a.c" : "b.c", i % 5);
    finding.context = i % 3 ? "tasklet" : "hardirq";
    finding.confidence = i % 7 ? Confidence::High : Confidence::Low;
    finding.chain.resize(i % 4);
    finding.message = std::to_string(i);
    findings.push_back(finding);
  }
  std::vector<Finding> shuffled = findings;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(7));
  sortFindings(findings);
  sortFindings(shuffled);
  EXPECT_EQ(findings, shuffled);
}

TEST(RemoveDuplicates, KeepsTheMostCertainThenTheShortestExplanation) {
  Finding uncertain = findingAt("a.c", 3);
  uncertain.confidence = Confidence::Medium;
  Finding longer = findingAt("a.c", 3);
  longer.chain.resize(4);
  Finding shorter = findingAt("a.c", 3);
  shorter.chain.resize(2);
  std::vector<Finding> findings{uncertain, longer, shorter};
  removeDuplicates(findings);
  EXPECT_THAT(findings, ElementsAre(shorter));
}

TEST(RemoveDuplicates, KeepsWhatDiffersInRuleOrSink) {
  Finding mutex = findingAt("a.c", 3);
  mutex.rule = "bh-mutex-in-atomic";
  Finding other = findingAt("a.c", 3);
  other.sink = "schedule";
  std::vector<Finding> findings{findingAt("a.c", 3), mutex, other};
  removeDuplicates(findings);
  EXPECT_EQ(findings.size(), 3u);
}

} // namespace
} // namespace bhlint
