#include "analysis/ruleset/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::HasSubstr;
using testing::Not;

RuleSet twoRules() {
  RuleSet rules;
  Rule mutex;
  mutex.id = "bh-mutex";
  mutex.title = "A mutex";
  mutex.why = "It sleeps.\n\nReally.\n";
  mutex.bad = "mutex_lock(&m);\n";
  mutex.good = "spin_lock(&l);\n";
  mutex.suppress = "Say so.\n";
  mutex.source = {"a.c", "b.c"};
  mutex.kinds = {SleepKind::Mutex};
  Rule other;
  other.id = "bh-z";
  other.title = "Another";
  other.severity = Severity::Note;
  other.isDefault = false;
  rules.rules = {mutex, other};

  MechanismAdvice tasklet;
  tasklet.contexts = {Context::Tasklet, Context::Timer};
  tasklet.kinds = {SleepKind::Mutex};
  tasklet.mechanism = "workqueue";
  MechanismAdvice allocation;
  allocation.kinds = {SleepKind::Allocation};
  allocation.mechanism = "GFP_ATOMIC";
  MechanismAdvice any;
  any.isLockHeld = true;
  any.mechanism = "drop it";
  rules.advice = {tasklet, allocation, any};
  return rules;
}

TEST(Describe, ListIsOneAlignedLinePerRule) {
  EXPECT_EQ(listRules(twoRules()), "bh-mutex  error  A mutex\n"
                                   "bh-z      note (off by default)  Another\n");
}

TEST(Describe, ARuleIsAPage) {
  const RuleSet rules = twoRules();
  EXPECT_EQ(describeRule(rules.rules[0], rules), "bh-mutex: A mutex\n"
                                                 "severity: error\n"
                                                 "reports: mutex\n"
                                                 "\nWhy:\n  It sleeps.\n\n  Really.\n"
                                                 "\nBad:\n  mutex_lock(&m);\n"
                                                 "\nGood:\n  spin_lock(&l);\n"
                                                 "\nInstead:\n"
                                                 "  tasklet, timer:\n    use workqueue\n"
                                                 "  anywhere, a lock held:\n    use drop it\n"
                                                 "\nTo suppress it:\n  Say so.\n"
                                                 "\nSources:\n  a.c\n  b.c\n");
}

TEST(Describe, ARuleOfAnotherCheckerHasNoAdvice) {
  const RuleSet rules = twoRules();
  EXPECT_THAT(describeRule(rules.rules[1], rules), Not(HasSubstr("Instead")));
}

RuleSet measuredRules() {
  RuleSet rules = twoRules();
  rules.rules[0].measured = {"6.12", "drivers", 31, 21, 19, 4};
  rules.rules[1].measured = {"6.12", "", 1, 0, 0, 0};
  return rules;
}

TEST(Describe, WhatWasMeasuredIsBelowTheRule) {
  EXPECT_EQ(listRules(measuredRules()),
            "bh-mutex  error  A mutex\n"
            "          31 findings in 6.12 (drivers); 19 of 21 judged are real (90%); finds 4 known bugs\n"
            "bh-z      note (off by default)  Another\n"
            "          1 finding in 6.12\n");
  EXPECT_THAT(describeRule(measuredRules().rules[1], measuredRules()), HasSubstr("measured: 1 finding in 6.12\n"));
}

TEST(Describe, TheListAsJson) {
  RuleSet rules = measuredRules();
  rules.rules[1].measured = {};
  EXPECT_EQ(listRulesAsJson(rules), R"({
  "rules": [
    {
      "id": "bh-mutex",
      "title": "A mutex",
      "severity": "error",
      "default": true,
      "kinds": [
        "mutex"
      ],
      "measured": {
        "kernel": "6.12",
        "tree": "drivers",
        "findings": 31,
        "judged": 21,
        "real": 19,
        "precision": 90,
        "cases": 4
      }
    },
    {
      "id": "bh-z",
      "title": "Another",
      "severity": "note",
      "default": false,
      "kinds": []
    }
  ]
}
)");
}

TEST(Describe, ARuleAsJsonHasItsTexts) {
  const std::string text = describeRuleAsJson(measuredRules().rules[0]);
  EXPECT_THAT(text, HasSubstr("\"why\": \"It sleeps.\\n\\nReally.\\n\""));
  EXPECT_THAT(text, HasSubstr("\"cases\": 4"));
}

TEST(Describe, SummaryCounts) { EXPECT_THAT(summarizeRules(twoRules()), HasSubstr("2 rules, 0 sleeping functions")); }

} // namespace
} // namespace bhlint
