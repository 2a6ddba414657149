#include "analysis/findings/suppress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> rules{"bh-gfp-in-atomic", "bh-mutex-in-atomic", "bh-sleep-in-atomic"};

/// One file and what bhlint finds in it: a sleep in every line that contains `@`.
struct Scene {
  std::string source;
  std::vector<SourceComment> comments;

  explicit Scene(llvm::StringRef text) : source(text) {
    for (std::size_t at = text.find("bhlint:"); at != llvm::StringRef::npos; at = text.find("bhlint:", at + 1)) {
      const std::size_t begin = std::max(text.take_front(at).rfind("//") + 1, text.take_front(at).rfind("/*") + 1) - 1;
      const std::size_t end =
          text.substr(begin).starts_with("//") ? text.find('\n', begin) : text.find("*/", begin) + 2;
      const unsigned line = 1 + static_cast<unsigned>(text.take_front(begin).count('\n'));
      const unsigned column = static_cast<unsigned>(begin - (text.rfind('\n', begin) + 1)) + 1;
      comments.push_back({{"a.c", line, column}, text.slice(begin, end).str()});
    }
  }

  std::vector<Finding> findings() const {
    std::vector<Finding> result;
    unsigned line = 1;
    for (const char c : source) {
      if (c == '@')
        result.push_back({.rule = "bh-sleep-in-atomic",
                          .place = {"a.c", line, 1},
                          .function = {},
                          .sink = {},
                          .context = {},
                          .fingerprint = {},
                          .message = {},
                          .root = {},
                          .chain = {},
                          .suggestion = {},
                          .assumptions = {},
                          .evidence = {}});
      line += c == '\n';
    }
    return result;
  }

  struct Outcome {
    std::vector<unsigned> remaining; ///< lines
    SuppressionResult result;
  };

  Outcome apply(bool isReadable = true) const {
    std::vector<Finding> all = findings();
    const auto read = [&](llvm::StringRef file) -> std::optional<llvm::StringRef> {
      return isReadable && file == "a.c" ? std::optional<llvm::StringRef>(source) : std::nullopt;
    };
    Outcome outcome;
    outcome.result = applySuppressions(comments, rules, read, all);
    for (const Finding &finding : all)
      outcome.remaining.push_back(finding.place.line);
    return outcome;
  }
};

TEST(Suppress, BehindCodeSpeaksForItsOwnLineOnly) {
  const auto outcome =
      Scene("  msleep(1); // bhlint: allow(bh-sleep-in-atomic) polled mode @\n  msleep(2); @\n").apply();
  EXPECT_THAT(outcome.remaining, ElementsAre(2u));
  EXPECT_EQ(outcome.result.suppressed, 1u);
  EXPECT_THAT(outcome.result.warnings, IsEmpty());
}

TEST(Suppress, OnALineOfItsOwnSpeaksForTheNextLineWithCode) {
  const auto outcome = Scene("  /* bhlint: allow(bh-sleep-in-atomic) the controller\n"
                             "   * is idle here\n"
                             "   */\n"
                             "\n"
                             "  // another comment\n"
                             "  msleep(1); @\n"
                             "  msleep(2); @\n")
                           .apply();
  EXPECT_THAT(outcome.remaining, ElementsAre(7u));
  EXPECT_THAT(outcome.result.warnings, IsEmpty());
}

TEST(Suppress, BeforeCodeSpeaksForThatLine) {
  EXPECT_THAT(Scene("/* bhlint: allow(bh-sleep-in-atomic) idle */ msleep(1); @\nmsleep(2); @\n").apply().remaining,
              ElementsAre(2u));
}

TEST(Suppress, SeveralCommentsAndSeveralRules) {
  EXPECT_THAT(Scene("// bhlint: allow(bh-mutex-in-atomic) idle\n"
                    "// bhlint: allow(bh-gfp-in-atomic, bh-sleep-in-atomic) idle\n"
                    "msleep(1); @\n")
                  .apply()
                  .remaining,
              IsEmpty());
}

TEST(Suppress, OfAnotherRuleOrFileChangesNothing) {
  EXPECT_THAT(Scene("msleep(1); // bhlint: allow(bh-mutex-in-atomic) idle @\n").apply().remaining, ElementsAre(1u));
  Scene elsewhere("msleep(1); // bhlint: allow(bh-sleep-in-atomic) idle @\n");
  elsewhere.comments[0].place.file = "b.c";
  EXPECT_THAT(elsewhere.apply().remaining, ElementsAre(1u));
}

TEST(Suppress, WithoutAReasonWarnsAndAllowsNothing) {
  for (const char *comment : {"// bhlint: allow(bh-sleep-in-atomic) @\n", "/* bhlint: allow(bh-sleep-in-atomic) */ @\n",
                              "/* bhlint: allow(bh-sleep-in-atomic) -- */ @\n"}) {
    const auto outcome = Scene(std::string("msleep(1); ") + comment).apply();
    EXPECT_THAT(outcome.remaining, ElementsAre(1u)) << comment;
    ASSERT_EQ(outcome.result.warnings.size(), 1u) << comment;
    EXPECT_EQ(outcome.result.warnings[0].place, (SourcePlace{"a.c", 1, 12}));
    EXPECT_THAT(outcome.result.warnings[0].message, HasSubstr("without a reason"));
  }
}

TEST(Suppress, OfAnUnknownRuleWarnsWithTheNearestName) {
  const auto outcome = Scene("msleep(1); // bhlint: allow(bh-slep-in-atomic) idle @\n").apply();
  EXPECT_THAT(outcome.remaining, ElementsAre(1u));
  ASSERT_EQ(outcome.result.warnings.size(), 1u);
  EXPECT_EQ(outcome.result.warnings[0].message,
            "no rule is called 'bh-slep-in-atomic'; did you mean 'bh-sleep-in-atomic'?");
}

TEST(Suppress, AnUnknownRuleBesideAKnownOneLeavesTheKnownOneInForce) {
  const auto outcome = Scene("msleep(1); // bhlint: allow(frobnicate, bh-sleep-in-atomic) idle @\n").apply();
  EXPECT_THAT(outcome.remaining, IsEmpty());
  ASSERT_EQ(outcome.result.warnings.size(), 1u);
  EXPECT_EQ(outcome.result.warnings[0].message, "no rule is called 'frobnicate'");
}

TEST(Suppress, ThatIsNotUnderstoodWarns) {
  for (const char *comment :
       {"// bhlint: alow(bh-sleep-in-atomic) idle @\n", "// bhlint: allow bh-sleep-in-atomic idle @\n",
        "// bhlint: allow(bh-sleep-in-atomic idle @\n", "// bhlint: @\n"}) {
    const auto outcome = Scene(comment).apply();
    EXPECT_THAT(outcome.remaining, ElementsAre(1u)) << comment;
    ASSERT_EQ(outcome.result.warnings.size(), 1u) << comment;
    EXPECT_THAT(outcome.result.warnings[0].message, HasSubstr("bhlint: allow(rule-id) reason"));
  }
}

TEST(Suppress, OfAHeaderReadByManyUnitsWarnsOnce) {
  Scene scene("// bhlint: allow(bh-sleep-in-atomic)\n");
  scene.comments.push_back(scene.comments.front());
  EXPECT_EQ(scene.apply().result.warnings.size(), 1u);
}

TEST(Suppress, WithoutTheSourceSpeaksForItsOwnAndTheNextLine) {
  const Scene scene("/* bhlint: allow(bh-sleep-in-atomic)\n idle */\nmsleep(1); @\nmsleep(2); @\n");
  EXPECT_THAT(scene.apply(/*isReadable=*/false).remaining, ElementsAre(4u));
}

TEST(Suppress, OfAFileThatChangedMeanwhileDoesNotReadBeyondIt) {
  Scene scene("msleep(1); @\n");
  scene.comments = {{{"a.c", 900, 80}, "// bhlint: allow(bh-sleep-in-atomic) idle"}};
  EXPECT_THAT(scene.apply().remaining, ElementsAre(1u));
  scene.comments = {{{"a.c", 1, 4000}, "// bhlint: allow(bh-sleep-in-atomic) idle"}};
  EXPECT_THAT(scene.apply().remaining, IsEmpty()); // its line is still known
}

} // namespace
} // namespace bhlint
