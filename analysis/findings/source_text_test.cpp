#include "analysis/findings/source_text.h"
#include "analysis/findings/sample_finding.h"

#include <gtest/gtest.h>

namespace bhlint {
namespace {

TEST(Lines, CountFromOne) {
  EXPECT_EQ(lineOf("a\nb\r\nc", 2), "b");
  EXPECT_EQ(lineOf("a\nb", 9), "");
}

TEST(CharacterColumn, CountsCodePoints) {
  const llvm::StringRef line = "a\xc3\xa4\xf0\x9f\x98\x80x"; // of one byte, two, four, one
  EXPECT_EQ(characterColumn(line, 1), 1u);
  EXPECT_EQ(characterColumn(line, 2), 2u);
  EXPECT_EQ(characterColumn(line, 4), 3u);
  EXPECT_EQ(characterColumn(line, 8), 4u);
  EXPECT_EQ(characterColumn(line, 20), 16u); // beyond the end: as if ASCII followed
  EXPECT_EQ(characterColumn("\xff\xffx", 3), 3u);
  EXPECT_EQ(characterColumn("", 7), 7u);
}

TEST(CountCharacters, OfAllPlacesWhoseTextIsThere) {
  Finding finding = sampleFinding();
  finding.place = finding.chain[1].place = {"a.c", 2, 15};
  finding.root.place = {"a.c", 1, 2};
  finding.chain[0].place = {"gone.c", 2, 15};
  finding.introduced = Introduction{0, {"a.c", 2, 0}};
  finding.otherSinks = {{{"a.c", 2, 15}, "f", "g", Confidence::High, ""}};
  std::vector<Finding> findings{finding};
  countCharacters(findings, [](llvm::StringRef file) {
    return file == "a.c" ? std::optional<llvm::StringRef>("int x;\n/* \xc3\xa4\xc3\xb6\xc3\xbc */ f();\n") : std::nullopt;
  });
  finding.place.column = finding.chain[1].place.column = finding.otherSinks[0].place.column = 12;
  EXPECT_EQ(findings.front(), finding);
}

} // namespace
} // namespace bhlint
