#include "analysis/findings/escape.h"

#include <gtest/gtest.h>

namespace bhlint {
namespace {

TEST(EscapeForTerminal, KeepsPrintableText) {
  EXPECT_EQ(escapeForTerminal("drivers/net/a b.c: f(\"x\\n\")"), "drivers/net/a b.c: f(\"x\\n\")");
  EXPECT_EQ(escapeForTerminal("grün/日本.c"), "grün/日本.c");
}

TEST(EscapeForTerminal, ShowsControlCharacters) {
  EXPECT_EQ(escapeForTerminal("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(escapeForTerminal("\x1b[31mred"), "\\u{1b}[31mred");
  EXPECT_EQ(escapeForTerminal(llvm::StringRef("a\0b", 3)), "a\\u{0}b");
  EXPECT_EQ(escapeForTerminal("\xc2\x9b"
                              "2J"),
            "\\u{9b}2J"); // C1: an escape sequence in one character
  EXPECT_EQ(escapeForTerminal("\x7f"), "\\u{7f}");
}

TEST(EscapeForTerminal, ShowsBidirectionalOverrides) {
  EXPECT_EQ(escapeForTerminal("if (\u202e x)"), "if (\\u{202e} x)");
  EXPECT_EQ(escapeForTerminal("\u2067"), "\\u{2067}");
}

TEST(EscapeForTerminal, ShowsBytesThatAreNotUtf8) {
  EXPECT_EQ(escapeForTerminal("a\xff"
                              "b"),
            "a\\xffb");
  EXPECT_EQ(escapeForTerminal("cut \xe6\x97"), "cut \\xe6\\x97");
  EXPECT_EQ(escapeForTerminal("\xc0\x8a"), "\\xc0\\x8a"); // an overlong newline
}

} // namespace
} // namespace bhlint
