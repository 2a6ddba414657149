#include "driver/fix/fix.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

constexpr const char *text = "static int first(void)\n"
                             "{\n"
                             "\tvoid *p = kmalloc(8, GFP_KERNEL);\n"
                             "\tif (!p)\n"
                             "\t\treturn 1;\n"
                             "\treturn 0;\n"
                             "}\n"
                             "\n"
                             "static int second(void)\n"
                             "{\n"
                             "\tmsleep(1);\n"
                             "\treturn 0;\n"
                             "}\n";

Finding finding(const std::string &function, const std::string &sink, unsigned line, unsigned column) {
  Finding made;
  made.rule = "bh-sleep-in-atomic";
  made.place = {"d/a.c", line, column};
  made.function = function;
  made.sink = sink;
  made.message = function + "() sleeps";
  made.root = {function, made.place, ""};
  made.chain = {{function, made.place, ""}};
  return made;
}

/// What an analysis of the edited text finds is asked of `after`.
FixResult fixed(const std::vector<Finding> &found, std::function<std::vector<Finding>(const std::string &)> after) {
  EditableUnits units;
  units.rules.flags["GFP_KERNEL"] = "GFP_ATOMIC";
  units.rules.delays["msleep"] = {1000, {{"mdelay", 1000, 20000}}};
  units.textOf = [](const std::string &) { return std::optional<std::string>(text); };
  units.analyse = [&](const std::vector<MigratedFile> &edited) -> llvm::Expected<FoundIn> {
    return FoundIn{after(edited[0].after), {}};
  };
  llvm::Expected<FixResult> result = fixFindings(units, {found, {}}, found);
  EXPECT_TRUE(static_cast<bool>(result));
  return std::move(*result);
}

/// The text with one allocation that is found; `after` is what an analysis of the edited text finds.
FixResult fixedWhere(const std::vector<Finding> &after) {
  return fixed({finding("first", "kmalloc", 3, 12)}, [&](const std::string &) { return after; });
}

TEST(FixFindings, WhatNoEditHasToDoWithIsTold) {
  const FixResult result = fixedWhere({finding("second", "msleep", 11, 2)});
  EXPECT_TRUE(result.findings[0].isOffered());
  ASSERT_EQ(result.uncovered.size(), 1u);
  EXPECT_EQ(result.uncovered[0].function, "second");
}

TEST(FixFindings, WhatGoesThroughAnEditTakesItBack) {
  Finding through = finding("second", "msleep", 11, 2);
  through.chain.insert(through.chain.begin(), ChainStep{"first", {"d/a.c", 4, 2}, "first() calls second()"});
  const FixResult result = fixedWhere({through});
  EXPECT_EQ(result.findings[0].edit.refusal, "edited so, there is another finding: second() sleeps");
  EXPECT_TRUE(result.uncovered.empty());
}

TEST(FixFindings, WhatHasNoChainOfCallsTakesItBack) {
  Finding order = finding("second", "mutex_lock", 11, 2);
  order.sinkKind = SinkKind::Other;
  EXPECT_FALSE(fixedWhere({order}).findings[0].isOffered());
}

TEST(FixFindings, OnlyTheEditThatBroughtItIsTakenBack) {
  Finding sleep = finding("second", "msleep", 11, 2);
  sleep.root.function = "handler";
  Finding brought = finding("handler", "spin_lock", 20, 2);
  brought.sinkKind = SinkKind::Other;
  const FixResult result = fixed({finding("first", "kmalloc", 3, 12), sleep}, [&](const std::string &edited) {
    return edited.find("mdelay") != std::string::npos ? std::vector<Finding>{brought} : std::vector<Finding>{sleep};
  });
  EXPECT_TRUE(result.findings[0].isOffered());
  EXPECT_FALSE(result.findings[1].isOffered());
}

} // namespace
} // namespace bhlint
