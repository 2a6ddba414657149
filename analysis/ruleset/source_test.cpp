#include "analysis/ruleset/source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Read {
  SourceValue root;
  std::vector<RuleError> errors;
};

Read read(llvm::StringRef text) {
  Read result;
  result.root = readSource(text, "x.yaml", result.errors).root;
  return result;
}

TEST(Source, KeepsEveryPlace) {
  const Read file = read("name: foo\n"
                         "list: [a, 'b c',\n"
                         "  d]\n"
                         "map:\n"
                         "  key: \"12\"\n");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_EQ(file.root.kind, SourceValue::Kind::Map);
  ASSERT_THAT(file.root.keys, SizeIs(3));
  EXPECT_EQ(file.root.keys[1].text, "list");
  EXPECT_EQ(file.root.keys[1].line, 2u);
  EXPECT_EQ(file.root.keys[1].column, 1u);

  const SourceValue &list = file.root.values[1];
  ASSERT_EQ(list.kind, SourceValue::Kind::List);
  ASSERT_THAT(list.values, SizeIs(3));
  EXPECT_EQ(list.values[1].scalar.text, "b c");
  EXPECT_TRUE(list.values[1].scalar.isQuoted);
  EXPECT_EQ(list.values[1].scalar.line, 2u);
  EXPECT_EQ(list.values[1].scalar.column, 11u);
  EXPECT_EQ(list.values[2].scalar.line, 3u);
  EXPECT_EQ(list.values[2].scalar.column, 3u);
  EXPECT_FALSE(list.values[2].scalar.isQuoted);

  const SourceValue &map = file.root.values[2];
  ASSERT_EQ(map.kind, SourceValue::Kind::Map);
  EXPECT_EQ(map.values[0].scalar.text, "12");
  EXPECT_TRUE(map.values[0].scalar.isQuoted);
}

TEST(Source, LiteralBlocksKeepTheirLines) {
  const Read file = read("bad: |\n  if (x)\n          y();\n\n  z();\nnext: 1\n");
  EXPECT_THAT(file.errors, IsEmpty());
  ASSERT_THAT(file.root.values, SizeIs(2));
  EXPECT_EQ(file.root.values[0].scalar.text, "if (x)\n        y();\n\nz();\n");
  EXPECT_TRUE(file.root.values[0].scalar.isQuoted);
}

TEST(Source, BrokenSyntaxIsOneLocatedError) {
  const Read file = read("a: 1\nb: [x, y\nc: 2\n");
  ASSERT_THAT(file.errors, SizeIs(1));
  EXPECT_EQ(file.errors[0].where.file, "x.yaml");
  EXPECT_GE(file.errors[0].where.line, 2u);
  EXPECT_GE(file.errors[0].where.column, 1u);
  EXPECT_THAT(file.errors[0].message, HasSubstr("not valid YAML"));
}

TEST(Source, RefusesWhatNobodyExpectsInAData) {
  struct Case {
    const char *text;
    const char *message;
    unsigned line;
    unsigned column;
  };
  const Case cases[] = {
      {"a: &anchor 1\n", "anchors and tags", 1, 5},        {"a: 1\nb: *a\n", "aliases", 2, 5},
      {"a: !tag 1\n", "anchors and tags", 1, 4},           {"a: 1\n---\nb: 2\n", "a second document", 3, 1},
      {"[a, b]: 1\n", "a key must be a plain word", 1, 1},
  };
  for (const Case &item : cases) {
    const Read file = read(item.text);
    ASSERT_THAT(file.errors, SizeIs(1)) << item.text;
    EXPECT_THAT(file.errors[0].message, HasSubstr(item.message)) << item.text;
    EXPECT_EQ(file.errors[0].where.line, item.line) << item.text;
    EXPECT_EQ(file.errors[0].where.column, item.column) << item.text;
  }
}

TEST(Source, EmptyFileIsNothing) {
  for (const char *text : {"", "\n\n", "# only a comment\n"}) {
    const Read file = read(text);
    EXPECT_THAT(file.errors, IsEmpty()) << text;
    EXPECT_EQ(file.root.kind, SourceValue::Kind::Null) << text;
  }
}

TEST(Source, DeepNestingIsRefusedBeforeItHurts) {
  for (const std::string &unit : {std::string("["), std::string("{a: "), std::string("- ")}) {
    std::string text = "a:\n  ";
    for (unsigned i = 0; i < 20000; ++i)
      text += unit;
    const Read file = read(text);
    ASSERT_THAT(file.errors, SizeIs(1)) << unit;
  }
}

TEST(Source, HostileBytesAreErrorsNotCrashes) {
  const std::string texts[] = {std::string("\0\0\0", 3),
                               "\xff\xfe\xfa",
                               "a: \xc3\x28\n",
                               "\t- x",
                               ": :\n: :",
                               "%YAML 9.9\n---\na: 1",
                               "a: \"unfinished",
                               "? ? ? ?",
                               "a: |9\n x",
                               "a: [1, 2\n}",
                               "}",
                               "]",
                               "- - -",
                               "a: 'x\n\n\n",
                               "\"\\u",
                               "a:\n- b\n c"};
  for (const std::string &text : texts) {
    std::vector<RuleError> errors;
    const RuleSource source = readSource(text, "x.yaml", errors);
    for (const RuleError &error : errors)
      EXPECT_GE(error.where.line, 1u) << text;
  }
}

/// Every prefix of a good file, and the file with each byte changed, is read or refused, and nothing else.
TEST(Source, DamagedFilesNeverCrash) {
  const std::string good =
      "about: |\n  text\nsleeps:\n  - functions: [a, \"b\"]\n    why: 'it''s'\n    evidence: [\"x:1\"]\n";
  for (std::size_t length = 0; length <= good.size(); ++length) {
    std::vector<RuleError> errors;
    readSource(llvm::StringRef(good).take_front(length), "x.yaml", errors);
  }
  unsigned refused = 0;
  for (std::size_t i = 0; i < good.size(); ++i)
    for (char c : {'\0', '[', '}', '"', '\'', ':', '\n', '\t', '&', '*', '|', '\x80'}) {
      std::string damaged = good;
      damaged[i] = c;
      std::vector<RuleError> errors;
      readSource(damaged, "x.yaml", errors);
      refused += !errors.empty();
    }
  EXPECT_GT(refused, 100u);
}

} // namespace
} // namespace bhlint
