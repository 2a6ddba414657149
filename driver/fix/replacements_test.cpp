#include "driver/fix/replacements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

TextEdit edit(unsigned begin, unsigned end) { return {{"d/a.c", begin, end, 0, 0}, "x", 0}; }

TEST(Replacements, ColumnsCountCharacters) {
  const llvm::StringRef text = "a\n\xc3\xa4\xf0\x9f\x98\x80(b,\nc)\n";
  EXPECT_THAT(replacementsOf({edit(8, 10), edit(0, 1), edit(9, 13)}, text),
              ::testing::ElementsAre(Replacement{"d/a.c", 8, 2, 2, 3, 2, 5, "x"},
                                     Replacement{"d/a.c", 0, 1, 1, 1, 1, 2, "x"},
                                     Replacement{"d/a.c", 9, 4, 2, 4, 3, 2, "x"}));
}

} // namespace
} // namespace bhlint
