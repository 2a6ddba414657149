#include "analysis/findings/fingerprint.h"
#include "analysis/findings/sample_finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace bhlint {
namespace {

using ::testing::MatchesRegex;

std::string fingerprintOf(const Finding &finding) {
  std::vector<Finding> findings{finding};
  assignFingerprints(findings);
  return findings.front().fingerprint;
}

TEST(Fingerprint, IsTwentyHexDigits) { EXPECT_THAT(fingerprintOf(sampleFinding()), MatchesRegex("[0-9a-f]{20}")); }

// A change of the hash renames every finding in every baseline: it must be meant.
TEST(Fingerprint, IsStableBetweenVersions) { EXPECT_EQ(fingerprintOf(sampleFinding()), "9ea23acd87b008d30e18"); }

TEST(Fingerprint, SurvivesMovedCodeAndRewordedMessages) {
  Finding moved = sampleFinding();
  moved.place.line += 40;
  moved.place.column = 9;
  moved.root.place.line = 1;
  moved.root.why = "other words";
  moved.message = "other words";
  moved.chain.clear();
  moved.confidence = Confidence::Medium;
  moved.suggestion.mechanism = "workqueue";
  moved.evidence = {"kernel/softirq.c:788"};
  EXPECT_EQ(fingerprintOf(moved), fingerprintOf(sampleFinding()));
}

TEST(Fingerprint, DiffersWhenTheFindingIsAboutSomethingElse) {
  std::vector<Finding> others(7, sampleFinding());
  others[1].rule = "bh-sleep-in-atomic";
  others[2].place.file = "drivers/foo/baz.c";
  others[3].function = "bar_drain";
  others[4].sink = "mutex_lock_interruptible";
  others[5].root.function = "bar_timer";
  others[6].context = "hardirq";
  std::set<std::string> fingerprints;
  for (const Finding &finding : others)
    fingerprints.insert(fingerprintOf(finding));
  EXPECT_EQ(fingerprints.size(), others.size());
}

TEST(Fingerprint, DoesNotRunNeighbouringPartsTogether) {
  Finding a = sampleFinding();
  a.function = "ab";
  a.sink = "c";
  Finding b = sampleFinding();
  b.function = "a";
  b.sink = "bc";
  EXPECT_NE(fingerprintOf(a), fingerprintOf(b));
}

TEST(Fingerprint, TellsEqualOnesApartByPlaceInAnyInputOrder) {
  std::vector<Finding> findings(3, sampleFinding());
  findings[1].place.line = 300;
  findings[2].place.line = 250;
  std::vector<Finding> reversed(findings.rbegin(), findings.rend());
  assignFingerprints(findings);
  assignFingerprints(reversed);
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(findings, reversed);
  EXPECT_NE(findings[0].fingerprint, findings[1].fingerprint);
  EXPECT_NE(findings[1].fingerprint, findings[2].fingerprint);
  EXPECT_NE(findings[0].fingerprint, findings[2].fingerprint);
}

TEST(Fingerprint, OfTheFirstIsUntouchedByASecondBelow) {
  std::vector<Finding> findings(2, sampleFinding());
  findings[1].place.line = 300;
  assignFingerprints(findings);
  EXPECT_EQ(findings[0].fingerprint, fingerprintOf(sampleFinding()));
}

} // namespace
} // namespace bhlint
