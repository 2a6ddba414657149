#include "driver/cli/include_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ScanIncludes, AreThoseThatAreAlwaysIncluded) {
  IncludedFiles headers = scanIncludes("#include <a.h>\n # include <b/c.h> // why\n#include \"own.h\"\n"
                                         "#ifdef X\n#include <hidden.h>\n#if Y\n#endif\n#include <hidden2.h>\n#endif\n"
                                         "int x;\n#include <d.h>\n#include <\n#include NAME");
  EXPECT_THAT(headers.system, ElementsAre("a.h", "b/c.h", "d.h"));
  EXPECT_THAT(headers.own, ElementsAre("own.h"));
  EXPECT_THAT(scanIncludes("").system, IsEmpty());
}

TEST(ScanIncludes, FirstOfAllMayBeAnOwnOne) {
  EXPECT_TRUE(scanIncludes("/* text */\n#include \"own.h\"\n#include <a.h>\n#include \"b.h\"\n").startsWithOwn);
  EXPECT_FALSE(scanIncludes("#include <a.h>\n#include \"own.h\"\n").startsWithOwn);
  EXPECT_FALSE(scanIncludes("int x;\n").startsWithOwn);
}

TEST(ScanIncludes, AreSeenThroughAnIncludeGuard) {
  IncludedFiles headers = scanIncludes("/* text */\n#ifndef A_H\n#define A_H\n#include <a.h>\n#ifndef B\n"
                                       "#include <hidden.h>\n#endif\n#include \"b.h\"\n#endif\n");
  EXPECT_THAT(headers.system, ElementsAre("a.h"));
  EXPECT_THAT(headers.own, ElementsAre("b.h"));
  EXPECT_THAT(scanIncludes("#include <a.h>\n#ifndef X\n#include <hidden.h>\n#endif\n").system, ElementsAre("a.h"));
}

} // namespace
} // namespace bhlint
