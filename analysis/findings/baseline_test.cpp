#include "analysis/findings/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Finding findingWith(std::string fingerprint, std::string function = "f") {
  Finding finding;
  finding.rule = "bh-sleep-in-atomic";
  finding.place = {"drivers/a.c", 12, 3};
  finding.function = std::move(function);
  finding.sink = "msleep";
  finding.fingerprint = std::move(fingerprint);
  return finding;
}

std::string written(const std::vector<Finding> &findings, const Baseline &previous = {}) {
  std::string text;
  llvm::raw_string_ostream out(text);
  writeBaseline(findings, previous, out);
  return text;
}

Baseline parsed(llvm::StringRef text) {
  auto baseline = parseBaseline(text, "b.yaml");
  if (!baseline) {
    ADD_FAILURE() << llvm::toString(baseline.takeError());
    return {};
  }
  return *baseline;
}

std::string errorOf(llvm::StringRef text) {
  auto baseline = parseBaseline(text, "b.yaml");
  return baseline ? "no error" : llvm::toString(baseline.takeError());
}

TEST(Baseline, ReadsWhatItWrites) {
  const std::vector<Finding> findings{findingWith("00ff"), findingWith("0100", "an: odd 'name' #x")};
  EXPECT_THAT(
      parsed(written(findings)).entries,
      ElementsAre(BaselineEntry{"00ff", "bh-sleep-in-atomic", "drivers/a.c", "f", "msleep", ""},
                  BaselineEntry{"0100", "bh-sleep-in-atomic", "drivers/a.c", "an: odd 'name' #x", "msleep", ""}));
}

TEST(Baseline, ReadsAnEmptyOneThatItWrites) { EXPECT_TRUE(parsed(written({})).entries.empty()); }

TEST(Baseline, KeepsAFingerprintOfDigitsAsText) {
  EXPECT_EQ(parsed(written({findingWith("00000000000000000012")})).entries.front().fingerprint, "00000000000000000012");
}

TEST(Baseline, KeepsTheReasonsOfWhatStillMatches) {
  const Baseline previous{{{"aa", "", "", "", "", "reviewed: the queue is idle"}, {"bb", "", "", "", "", "gone"}}};
  EXPECT_THAT(parsed(written({findingWith("aa"), findingWith("cc")}, previous)).entries,
              ElementsAre(::testing::Field(&BaselineEntry::reason, "reviewed: the queue is idle"),
                          ::testing::Field(&BaselineEntry::reason, "")));
}

TEST(Baseline, RemovesAcceptedFindingsAndNamesStaleEntries) {
  std::vector<Finding> findings{findingWith("aa"), findingWith("bb"), findingWith("cc")};
  const BaselineResult result = applyBaseline({{{"bb", "", "", "", "", ""}, {"dd", "r", "", "", "", ""}}}, findings);
  EXPECT_EQ(result.accepted, 1u);
  EXPECT_THAT(result.stale, ElementsAre(BaselineEntry{"dd", "r", "", "", "", ""}));
  EXPECT_THAT(findings, ElementsAre(findingWith("aa"), findingWith("cc")));
}

TEST(Baseline, LocatesAnUnknownKey) {
  const std::string error = errorOf("version: 1\nfindings:\n  - fingerprint: aa\n    rulle: x\n");
  EXPECT_THAT(error, StartsWith("b.yaml:4:5: error:"));
  EXPECT_THAT(error, HasSubstr("unknown key 'rulle'"));
}

TEST(Baseline, LocatesAMissingFingerprint) {
  const std::string error = errorOf("version: 1\nfindings:\n  - rule: x\n");
  EXPECT_THAT(error, StartsWith("b.yaml:3:5: error:"));
  EXPECT_THAT(error, HasSubstr("missing required key 'fingerprint'"));
}

TEST(Baseline, LocatesAFingerprintThatIsNone) {
  const std::string error = errorOf("version: 1\nfindings:\n  - fingerprint: bar_flush\n");
  EXPECT_THAT(error, StartsWith("b.yaml:3:5: error:"));
  EXPECT_THAT(error, HasSubstr("hexadecimal"));
}

TEST(Baseline, LocatesAWrongTypeAndASyntaxError) {
  EXPECT_THAT(errorOf("version: 1\nfindings: none\n"), StartsWith("b.yaml:2:11: error:"));
  EXPECT_THAT(errorOf("version: 1\nfindings:\n  - fingerprint: 'aa\n"), StartsWith("b.yaml:3:21: error:"));
}

TEST(Baseline, RefusesAnotherVersion) {
  EXPECT_THAT(errorOf("version: 7\nfindings: []\n"), HasSubstr("this is version 7 of the format"));
}

TEST(Baseline, RefusesWhatIsNoBaselineAtAll) {
  EXPECT_THAT(errorOf(""), StartsWith("b.yaml:1:1: error: the baseline is empty"));
  EXPECT_THAT(errorOf("# only a comment\n"), StartsWith("b.yaml:"));
  EXPECT_THAT(errorOf("[1, 2]\n"), StartsWith("b.yaml:1:2: error: not a mapping"));
  EXPECT_THAT(errorOf("{\"findings\": []}"), HasSubstr("missing required key 'version'"));
}

TEST(Baseline, NoEntryIsAnEmptyList) {
  EXPECT_EQ(errorOf("version: 1\nfindings:\n"), "no error");
  // It is what follows that is wrong, not that the list is empty.
  EXPECT_THAT(errorOf("version: 1\nfindings:\nbogus: 1\n"), StartsWith("b.yaml:3:1: error: unknown key 'bogus'"));
}

TEST(Baseline, RefusesNestingThatWouldExhaustTheStack) {
  for (const char *unit : {"[", "{", "[\n", "- ", "? "}) {
    std::string text = "version: 1\nfindings:\n";
    for (int i = 0; i < 200000; ++i)
      text += unit;
    EXPECT_THAT(errorOf(text), HasSubstr("nested too deep")) << unit;
  }
}

} // namespace
} // namespace bhlint
