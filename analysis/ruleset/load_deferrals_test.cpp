#include "analysis/ruleset/test_rules.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr const char *contracts = R"(deferral_setups:
  - {mechanism: tasklet, functions: [tasklet_setup, tasklet_init], object: 0, handler: 1, evidence: ["a.h:1"]}
deferral_fields:
  - {mechanism: work, record: work_struct, field: func, evidence: ["a.h:2"]}
  - {mechanism: delayed work, record: work_struct, field: func, within: delayed_work, evidence: ["a.h:3"]}
deferral_starts:
  - {functions: [queue_work], object: 1, evidence: ["a.h:4"]}
interrupts:
  - {functions: [request_irq], handler: 1, evidence: ["a.h:5"]}
  - {functions: [request_threaded_irq], handler: 1, thread: 2, wake: WQ_BH, evidence: ["a.h:6"]}
)";

std::string adviceWith(llvm::StringRef deferrals) {
  return (goodAdvice + llvm::Twine("deferrals:\n") + deferrals).str();
}

TEST(LoadDeferrals, ReadsContractsAndTheTable) {
  const LoadResult result =
      RulesFolder()
          .contracts(contracts)
          .add("rules/advice.yaml",
               adviceWith("  - {mechanisms: [tasklet], own_interrupt: true, sleeps: false, since: "
                          "\"6.9\", use: thread, why: so, claims: [A1]}\n"
                          "  - {mechanisms: [threaded interrupt], use: it, change: false, why: so}\n"))
          .load();
  for (const RuleError &error : result.errors)
    ADD_FAILURE() << formatRuleError(error);
  const RuleSet &rules = result.rules;
  ASSERT_THAT(rules.deferralSetups, SizeIs(2));
  EXPECT_EQ(rules.deferralSetups[1].function, "tasklet_setup");
  EXPECT_EQ(rules.deferralSetups[1].handlerArgument, 1u);
  ASSERT_THAT(rules.deferralFields, SizeIs(2));
  EXPECT_EQ(rules.deferralFields[0].within, "delayed_work") << "the narrower row comes first";
  EXPECT_EQ(rules.deferralStarts[0].objectArgument, 1u);
  ASSERT_THAT(rules.interrupts, SizeIs(2));
  EXPECT_EQ(rules.interrupts[0].threadArgument, std::nullopt);
  EXPECT_EQ(rules.interrupts[1].threadArgument, 2u);
  EXPECT_EQ(rules.interrupts[1].wake, "WQ_BH");
  ASSERT_THAT(rules.deferralAdvice, SizeIs(2));
  EXPECT_EQ(rules.deferralAdvice[0].ownInterrupt, true);
  EXPECT_EQ(rules.deferralAdvice[0].sleeps, false);
  EXPECT_FALSE(rules.deferralAdvice[1].isChange);
  EXPECT_THAT(forKernel(rules, 6008).deferralAdvice, SizeIs(1));
  EXPECT_THAT(forKernel(rules, 6012).deferralAdvice, SizeIs(2));
}

TEST(LoadDeferrals, WhatIsWrongIsLocated) {
  EXPECT_THAT(errorsOf("deferral_starts:\n  - {functions: [f, f], object: 1, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 21, "'f' in 'deferral_starts' has a row already")));
  EXPECT_THAT(
      errorsOf("interrupts:\n  - {functions: [f], handler: 1, thread: 2, wake: WQ_BX, evidence: [\"a.h:1\"]}\n"),
      ElementsAre(errorAt(4, 51, "'WQ_BX' is not among the 'constants'; did you mean 'WQ_BH'?")));
  EXPECT_THAT(errorsOf("deferral_fields:\n  - {record: r, field: f, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "key 'mechanism' is missing")));
  const LoadResult result = RulesFolder()
                                .contracts(contracts)
                                .add("rules/advice.yaml", adviceWith("  - {mechanisms: [tasklt], use: x, why: y}\n"))
                                .load();
  EXPECT_THAT(result.errors,
              ElementsAre(errorAt(6, 5, "no deferral has the mechanism 'tasklt'; did you mean 'tasklet'?")));
  const LoadResult rateless =
      RulesFolder()
          .contracts(contracts)
          .add("rules/advice.yaml", adviceWith("  - {mechanisms: [tasklet], frequent: true, use: x, why: y}\n"))
          .load();
  EXPECT_THAT(rateless.errors, ElementsAre(errorAt(6, 5, "'frequent' needs a 'frequent_per_second' above the rows")));
}

} // namespace
} // namespace bhlint
