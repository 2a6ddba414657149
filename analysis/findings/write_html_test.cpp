#include "analysis/findings/write_html.h"

#include "analysis/findings/sample_finding.h"
#include "analysis/findings/source_excerpt.h"

#include "llvm/Support/JSON.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char *evil = "</script><script>alert(1)</script><!--";

Finding sample() {
  Finding finding = sampleFinding();
  finding.place.line = finding.chain[1].place.line = 6; // of source()
  finding.chain[0].place.line = 12;
  finding.root.place.line = 40;
  finding.fingerprint = "0123456789abcdef0123";
  finding.ambient = Context::Tasklet;
  return finding;
}

std::string source() {
  std::string text;
  for (int line = 1; line <= 60; ++line)
    text += "line " + std::to_string(line) + "\n";
  return text;
}

std::string html(const Report &report, const HtmlMaterial &material) {
  std::string result;
  llvm::raw_string_ostream out(result);
  writeHtml(report, material, out);
  return result;
}

HtmlMaterial materialOf(llvm::StringRef text) {
  HtmlMaterial material;
  material.source = [text](llvm::StringRef) { return std::optional(text); };
  material.detail = [](const Finding &) { return HtmlDetail{}; };
  return material;
}

/// What the element with that id holds.
llvm::json::Value dataOf(llvm::StringRef page, llvm::StringRef id) {
  const std::string head = ("<script type=\"application/json\" id=\"" + id + "\">").str();
  const std::size_t begin = page.find(head) + head.size();
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(page.slice(begin, page.find("</script>", begin)));
  if (!value) {
    ADD_FAILURE() << llvm::toString(value.takeError());
    return nullptr;
  }
  return std::move(*value);
}

TEST(WriteHtml, HasEachFindingInTheListAndOnAPageOfItsOwn) {
  const std::string text = source();
  const std::string page = html({"1.0", {sample(), sample()}, 3, {{"x.c", "no header"}}}, materialOf(text));
  const llvm::json::Value index = dataOf(page, "index");
  ASSERT_THAT(*index.getAsObject()->getArray("findings"), SizeIs(2));
  EXPECT_EQ((*index.getAsObject()->getArray("findings"))[0].getAsObject()->getString("id"), "0123456789abcdef0123");
  EXPECT_EQ((*index.getAsObject()->getArray("failed"))[0].getAsObject()->getString("reason"), "no header");
  const llvm::json::Value detail = dataOf(page, "finding-1");
  EXPECT_EQ(detail.getAsObject()->getString("ambient"), "tasklet context");
  EXPECT_THAT(*detail.getAsObject()->getArray("excerpts"), SizeIs(2));
}

TEST(WriteHtml, NothingFromTheTreeIsMarkup) {
  Finding finding = sample();
  finding.message = finding.function = finding.place.file = finding.root.why = finding.chain[0].what = evil;
  finding.chain[0].place.file = finding.held.by = finding.sink = evil;
  finding.assumptions = {evil};
  HtmlMaterial material = materialOf(evil);
  material.detail = [](const Finding &) {
    return HtmlDetail{{1, {{0, 'T', evil, evil, evil, true}}, evil, evil}, {{Context::Process, {evil}}}};
  };
  finding.chain[0].place.line = 1;
  const std::string page = html({evil, {finding}, 1, {{evil, evil}}}, material);
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  // They are there all the same.
  EXPECT_EQ(dataOf(page, "finding-0").getAsObject()->getString("rootWhy"), evil);
}

TEST(WriteHtml, LoadsNothingAndAllowsNoOtherScript) {
  const std::string text = source();
  const std::string page = html({"1.0", {sample()}, 1, {}}, materialOf(text));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("script-src 'sha256-"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
  EXPECT_THAT(page, Not(HasSubstr("src=")));
  EXPECT_THAT(page, Not(HasSubstr("url(")));
}

TEST(SourceExcerpt, StepsOfOneFunctionThatAreNearShareOne) {
  const std::string text = source();
  const std::vector<ChainStep> chain = {{"f", {"a.c", 10, 1}, "takes"},
                                        {"f", {"a.c", 14, 1}, "calls g()"},
                                        {"f", {"a.c", 40, 1}, "calls h()"},
                                        {"g", {"a.c", 41, 1}, "sleeps"}};
  const auto excerpts = excerptsOf(chain, [&](llvm::StringRef) { return std::optional<llvm::StringRef>(text); });
  ASSERT_THAT(excerpts, SizeIs(3));
  EXPECT_EQ(excerpts[0].firstLine, 6u);
  EXPECT_THAT(excerpts[0].lines, SizeIs(11)); // 6 to 16
  EXPECT_EQ(excerpts[0].lines.front(), "line 6");
  EXPECT_THAT(excerpts[0].steps, ElementsAre(0, 1));
  EXPECT_THAT(excerpts[1].steps, ElementsAre(2));
  EXPECT_THAT(excerpts[2].steps, ElementsAre(3));
}

TEST(SourceExcerpt, MakesTheInvisibleVisible) {
  const llvm::StringRef text = "a\tb\n\x1b[2J \xe2\x80\xae \xff\r\n";
  const auto excerpts = excerptsOf({{"f", {"a.c", 1, 1}, "x"}}, [&](llvm::StringRef) { return std::optional(text); });
  ASSERT_THAT(excerpts, SizeIs(1));
  EXPECT_THAT(excerpts[0].lines, ElementsAre("a       b", "\\u{1b}[2J \\u{202e} \\xff"));
}

TEST(SourceExcerpt, DoesWithoutSourceAndWithPlacesBeyondItsEnd) {
  EXPECT_TRUE(excerptsOf({{"f", {"a.c", 9, 1}, "x"}}, [](llvm::StringRef) { return std::nullopt; })[0].lines.empty());
  const llvm::StringRef text = "one\ntwo\n";
  EXPECT_TRUE(
      excerptsOf({{"f", {"a.c", 900, 1}, "x"}}, [&](llvm::StringRef) { return std::optional(text); })[0].lines.empty());
}

} // namespace
} // namespace bhlint
