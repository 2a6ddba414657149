#include "driver/lsp/protocol.h"

#include "gmock/gmock.h"

namespace bhlint::lsp {
namespace {

TEST(Uri, ThereAndBack) {
  EXPECT_EQ(uriOf("/a b/c#d.c"), "file:///a%20b/c%23d.c");
  for (const char *path : {"/a b/c#d.c", "/\xc3\xa4/%41.c", "/x"})
    EXPECT_EQ(pathOf(uriOf(path)), path);
  EXPECT_EQ(pathOf("file://localhost/a.c"), "/a.c");
  EXPECT_EQ(pathOf("https://x/a.c"), "");
  EXPECT_EQ(pathOf("file:///a%"), "/a%");
  EXPECT_EQ(pathOf("file:///a%00b"), "/a%00b");
}

TEST(Columns, AreThoseOfUtf16) {
  llvm::StringRef line = "a\xc3\xa4\xf0\x9f\x98\x80x"; // a, two bytes and one unit, four bytes and two units, x
  EXPECT_EQ(utf16Column(line, 1), 0u);
  EXPECT_EQ(utf16Column(line, 4), 2u);
  EXPECT_EQ(utf16Column(line, 8), 4u);
  EXPECT_EQ(byteOffset(line, 4), 7u);
  EXPECT_EQ(byteOffset(line, 400), line.size());
  EXPECT_EQ(utf16Column("\xff\xff", 3), 2u);
}

TEST(Identifier, AtTheCursorOrBeforeIt) {
  EXPECT_EQ(identifierAt("  foo(bar)", 3), "foo");
  EXPECT_EQ(identifierAt("  foo(bar)", 5), "foo");
  EXPECT_EQ(identifierAt("  foo(bar)", 0), "");
  EXPECT_EQ(identifierAt("12", 1), "");
  EXPECT_EQ(identifierAt("x", 99), "x");
}

TEST(Diagnostic, HasTheChainAsRelatedInformation) {
  Finding finding;
  finding.rule = "bh-x";
  finding.place = {"d/a.c", 2, 2};
  finding.message = "m";
  finding.severity = Severity::Warning;
  finding.root = {"t", {"d/b.c", 1, 1}, "t() is a tasklet"};
  finding.chain = {{"t", {"d/a.c", 2, 2}, "mutex_lock() sleeps"}};
  auto read = [](llvm::StringRef) { return llvm::StringRef("x\n\tmutex_lock(&l);\n"); };
  auto absolute = [](llvm::StringRef file) { return "/tree/" + file.str(); };
  llvm::json::Value json = diagnosticOf(finding, read, absolute);
  const llvm::json::Object &diagnostic = *json.getAsObject();
  EXPECT_EQ(diagnostic.getInteger("severity"), 2);
  const llvm::json::Object &range = *diagnostic.getObject("range");
  EXPECT_EQ(range.getObject("start")->getInteger("line"), 1);
  EXPECT_EQ(range.getObject("start")->getInteger("character"), 1);
  EXPECT_EQ(range.getObject("end")->getInteger("character"), 11);
  const llvm::json::Array &related = *diagnostic.getArray("relatedInformation");
  ASSERT_EQ(related.size(), 2u);
  EXPECT_EQ(related[0].getAsObject()->getObject("location")->getString("uri"), "file:///tree/d/b.c");
  EXPECT_EQ(related[1].getAsObject()->getString("message"), "mutex_lock() sleeps");
}

} // namespace
} // namespace bhlint::lsp
