#include "analysis/findings/defects.h"
#include "analysis/findings/sample_finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;

/// One more sleep behind the call that the sample's tasklet makes.
Finding behindTheCall(unsigned line, const std::string &sink) {
  Finding finding = sampleFinding();
  finding.place.line = line;
  finding.sink = sink;
  finding.fingerprint = sink;
  finding.chain.back() = {"bar_flush", finding.place, sink + "() sleeps"};
  return finding;
}

TEST(JoinDefects, TheMostCertainSpeaksForTheOthers) {
  Finding uncertain = behindTheCall(190, "vfree");
  uncertain.confidence = Confidence::Medium;
  std::vector<Finding> findings{uncertain, behindTheCall(220, "msleep"), behindTheCall(230, "mutex_lock")};
  joinDefects(findings);
  Finding expected = behindTheCall(220, "msleep");
  expected.otherSinks = {{{"drivers/foo/bar.c", 230, 2}, "bar_flush", "mutex_lock", Confidence::High, "mutex_lock"},
                         {{"drivers/foo/bar.c", 190, 2}, "bar_flush", "vfree", Confidence::Medium, "vfree"}};
  EXPECT_THAT(findings, ElementsAre(expected));
  EXPECT_EQ(otherSinksText(expected), "mutex_lock() (drivers/foo/bar.c:230:2), vfree() (drivers/foo/bar.c:190:2)");
}

TEST(JoinDefects, TheCallIsTheOneBehindTheLock) {
  auto underLock = [](unsigned line, const std::string &sink) {
    Finding finding = behindTheCall(line, sink);
    finding.root.why = "bar_task() takes &p->lock";
    finding.chain.insert(finding.chain.begin(), {"bar_task", finding.root.place, finding.root.why});
    return finding;
  };
  Finding other = underLock(230, "msleep");
  other.chain[1].place.line = 250;
  std::vector<Finding> findings{underLock(210, "mutex_lock"), underLock(220, "msleep"), other};
  joinDefects(findings);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].otherSinks.size(), 1u);
  EXPECT_EQ(findings[1].place.line, 230u);
}

TEST(JoinDefects, WhatSleepsInTheSectionItselfIsOneDefectEach) {
  auto direct = [](unsigned line) {
    Finding finding = sampleFinding();
    finding.place.line = line;
    finding.chain = {{"bar_task", finding.place, "mutex_lock() sleeps"}};
    return finding;
  };
  std::vector<Finding> findings{direct(1), direct(2)};
  joinDefects(findings);
  EXPECT_EQ(findings.size(), 2u);
}

TEST(JoinDefects, RulesRootsPatchesAndWhatIsNotAboutSleepingAreKeptApart) {
  Finding first = behindTheCall(210, "mutex_lock"), rule = behindTheCall(220, "msleep"), root = behindTheCall(230, "msleep"),
          patch = behindTheCall(240, "msleep"), other = behindTheCall(250, "del_timer_sync"), same = other;
  rule.rule = "bh-sleep-in-atomic";
  root.root.place.line = 1;
  patch.introduced = Introduction{1, {"drivers/foo/bar.c", 240, 1}};
  other.sinkKind = same.sinkKind = SinkKind::Other;
  same.place.line = 260;
  std::vector<Finding> findings{first, rule, root, patch, other, same};
  const std::vector<Finding> before = findings;
  joinDefects(findings);
  EXPECT_EQ(findings, before);
}

TEST(OtherSinksText, NamesSomeAndCountsTheRest) {
  Finding finding = sampleFinding();
  for (unsigned line = 1; line <= 5; ++line)
    finding.otherSinks.push_back({{"a.c", line, 1}, "f", "msleep", Confidence::High, ""});
  EXPECT_EQ(otherSinksText(finding), "msleep() (a.c:1:1), msleep() (a.c:2:1), msleep() (a.c:3:1) and 2 more");
  finding.otherSinks.clear();
  EXPECT_EQ(otherSinksText(finding), "");
}

} // namespace
} // namespace bhlint
