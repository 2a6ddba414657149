#include "analysis/findings/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> rules = {"bh-gfp-in-atomic", "bh-mutex-in-atomic"};

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<Settings> settings = parseSettings(text, "drivers/.bhlint.yaml", rules);
  return settings ? "" : llvm::toString(settings.takeError());
}

TEST(Settings, AreRead) {
  llvm::Expected<Settings> settings = parseSettings("version: 1\nroot: true\nconfidence: medium\n"
                                                    "rules:\n  bh-gfp-in-atomic: note\n  bh-mutex-in-atomic: off\n",
                                                    "x", rules);
  ASSERT_TRUE(static_cast<bool>(settings)) << llvm::toString(settings.takeError());
  EXPECT_EQ(*settings, (Settings{true,
                                 Confidence::Medium,
                                 {{"bh-gfp-in-atomic", Severity::Note}, {"bh-mutex-in-atomic", std::nullopt}}}));
  EXPECT_EQ(errorOf(""), "");
  EXPECT_EQ(errorOf("rules: {}\n"), "");
}

TEST(Settings, ErrorsSayWhereAndWhatWouldBeRight) {
  const std::string good = "version: 1\nrules:\n  bh-mutex-in-atomic: note\n";
  EXPECT_THAT(errorOf(good + "  bh-gfp-in-atomc: off\n"), HasSubstr("drivers/.bhlint.yaml:4:20: error: no rule"));
  EXPECT_THAT(errorOf(good + "  bh-gfp-in-atomic: loud\n"), HasSubstr("drivers/.bhlint.yaml:4:21: error: 'loud' is"));
  EXPECT_THAT(errorOf(good + "confidence: sure\n"), HasSubstr("drivers/.bhlint.yaml:4:13: error: 'sure' is"));
  EXPECT_THAT(errorOf("root: true\nversion: 2\n"), HasSubstr("drivers/.bhlint.yaml:2:10: error: this is version 2"));
  EXPECT_THAT(errorOf("root: true\nversion: x\n"), HasSubstr("drivers/.bhlint.yaml:2:10: error: invalid number"));
  EXPECT_THAT(errorOf("rules:\n  bh-gfp-in-atomc: off\n"), HasSubstr("no rule is called 'bh-gfp-in-atomc'"));
  EXPECT_THAT(errorOf("rules:\n  bh-gfp-in-atomic: loud\n"), HasSubstr(":2:"));
  EXPECT_THAT(errorOf("rules:\n  bh-gfp-in-atomic: loud\n"), HasSubstr("error, warning, note or off"));
  EXPECT_THAT(errorOf("\nconfidense: high\n"), HasSubstr("drivers/.bhlint.yaml:2:1: error: unknown key 'confidense'"));
  EXPECT_THAT(errorOf("confidence: sure\n"), HasSubstr("high, medium or low"));
  EXPECT_THAT(errorOf("version: 2\n"), HasSubstr("this is version 2"));
  EXPECT_THAT(errorOf("- a\n"), HasSubstr("drivers/.bhlint.yaml:1:"));
  EXPECT_THAT(errorOf(std::string(70, '[')), HasSubstr("nested too deep"));
}

TEST(Settings, AKeyWithoutValueIsToldWhereItStands) {
  EXPECT_THAT(errorOf("confidence:\n\n# next\nroot: true\n"),
              HasSubstr("drivers/.bhlint.yaml:1:1: error: 'confidence' has no value"));
  EXPECT_THAT(errorOf("root: true\nversion:\n"), HasSubstr("drivers/.bhlint.yaml:2:1: error: 'version' has no value"));
  EXPECT_THAT(errorOf("rules:\n"), HasSubstr("drivers/.bhlint.yaml:1:1: error: 'rules' has no value"));
  EXPECT_THAT(errorOf("rules:\n  bh-gfp-in-atomic:\n  bh-mutex-in-atomic: off\n"),
              HasSubstr("drivers/.bhlint.yaml:2:3: error: 'bh-gfp-in-atomic' has no value"));
  EXPECT_THAT(errorOf("rules: {bh-gfp-in-atomic, bh-mutex-in-atomic: off}\n"),
              HasSubstr("drivers/.bhlint.yaml:1:9: error: 'bh-gfp-in-atomic' has no value"));
}

SettingsTree tree(std::map<std::string, std::string> files) {
  return {[files = std::move(files)](llvm::StringRef path) -> std::optional<std::string> {
            auto found = files.find(path.str());
            return found == files.end() ? std::nullopt : std::optional(found->second);
          },
          rules};
}

TEST(SettingsTree, TheNearestWins) {
  SettingsTree settings = tree({{".bhlint.yaml", "confidence: low\nrules: {bh-gfp-in-atomic: note}\n"},
                                {"drivers/net/.bhlint.yaml", "rules: {bh-gfp-in-atomic: warning}\n"},
                                {"drivers/usb/.bhlint.yaml", "root: true\n"}});
  EXPECT_EQ(settings.of("drivers/net/a/b.c").rules.at("bh-gfp-in-atomic"), Severity::Warning);
  EXPECT_EQ(settings.of("drivers/net/a/b.c").confidence, Confidence::Low);
  EXPECT_EQ(settings.of("kernel/x.c").rules.at("bh-gfp-in-atomic"), Severity::Note);
  EXPECT_EQ(settings.of("drivers/usb/core/b.c").confidence, std::nullopt);
  EXPECT_EQ(settings.of("/elsewhere/b.c").confidence, std::nullopt);
  EXPECT_THAT(settings.errors, IsEmpty());
}

TEST(SettingsTree, ABrokenFileIsNamedOnce) {
  SettingsTree settings = tree({{"drivers/.bhlint.yaml", "confidence: sure\n"}});
  EXPECT_EQ(settings.of("drivers/a.c").confidence, std::nullopt);
  EXPECT_EQ(settings.of("drivers/net/b.c").confidence, std::nullopt);
  EXPECT_THAT(settings.errors, ElementsAre(HasSubstr("drivers/.bhlint.yaml:1:")));
}

TEST(ApplySettings, SeverityOfTheRuleTheConfidenceAndTheFolder) {
  const std::vector<RuleText> texts = {{"bh-gfp-in-atomic", "", "", "", Severity::Error},
                                       {"bh-mutex-in-atomic", "", "", "", Severity::Error}};
  const auto finding = [](const char *rule, const char *file, Confidence confidence) {
    Finding result;
    result.rule = rule;
    result.place.file = file;
    result.confidence = confidence;
    return result;
  };
  std::vector<Finding> findings = {finding("bh-gfp-in-atomic", "a/x.c", Confidence::High),
                                   finding("bh-gfp-in-atomic", "a/x.c", Confidence::Medium),
                                   finding("bh-gfp-in-atomic", "b/x.c", Confidence::High),
                                   finding("bh-mutex-in-atomic", "b/x.c", Confidence::High)};
  SettingsTree settings = tree({{"b/.bhlint.yaml", "rules: {bh-gfp-in-atomic: note, bh-mutex-in-atomic: off}\n"}});
  applySettings(settings, texts, findings);
  std::vector<Severity> severities;
  for (const Finding &f : findings)
    severities.push_back(f.severity);
  EXPECT_THAT(severities, ElementsAre(Severity::Error, Severity::Warning, Severity::Note));
  EXPECT_TRUE(isShown(settings, std::nullopt, findings[0]));
  EXPECT_FALSE(isShown(settings, std::nullopt, findings[1]));
  EXPECT_TRUE(isShown(settings, Confidence::Medium, findings[1]));
}

TEST(ApplySettings, ARuleThatIsOffByDefaultSpeaksWhereItIsAskedFor) {
  std::vector<RuleText> texts = {{"bh-gfp-in-atomic", "", "", "", Severity::Note, /*isDefault=*/false}};
  std::vector<Finding> findings(2);
  for (Finding &finding : findings)
    finding.rule = "bh-gfp-in-atomic";
  findings[0].place.file = "a/x.c";
  findings[1].place.file = "b/x.c";
  SettingsTree settings = tree({{"b/.bhlint.yaml", "rules: {bh-gfp-in-atomic: warning}\n"}});
  std::vector<Finding> asked = findings;
  applySettings(settings, texts, asked);
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].place.file, "b/x.c");
  EXPECT_EQ(asked[0].severity, Severity::Warning);
  texts[0].isDefault = true; // as --enable does
  applySettings(settings, texts, findings);
  EXPECT_EQ(findings.size(), 2u);
}

} // namespace
} // namespace bhlint
