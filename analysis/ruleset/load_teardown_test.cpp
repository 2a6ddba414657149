#include "analysis/ruleset/profile.h"
#include "analysis/ruleset/test_rules.h"

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(LoadTeardown, ReadsHowDeferralsEnd) {
  const LoadResult result = RulesFolder()
                                .contracts(R"(deferral_fields:
  - {mechanism: work, record: work_struct, field: func, evidence: ["a.h:1"]}
teardowns:
  - {mechanism: work, use: cancel_work_sync, stops: [cancel_work], harmless: [test_bit], wholesale: [drain], evidence: ["a.h:2"]}
teardown_ends:
  - {records: [usb_driver, serio_driver], field: disconnect, evidence: ["a.h:3"]}
frees:
  - {functions: [free_netdev], argument: 0, private: netdev_priv, evidence: ["a.h:4"]}
managed:
  - {functions: [devm_kzalloc], evidence: ["a.h:5"]}
delays:
  - {functions: [__const_udelay], argument: 0, nanoseconds: 1000, per: 4295, evidence: ["a.h:6"]}
)")
                                .load();
  for (const RuleError &error : result.errors)
    ADD_FAILURE() << formatRuleError(error);
  const RuleSet &rules = result.rules;
  ASSERT_THAT(rules.teardowns, SizeIs(1));
  EXPECT_EQ(rules.teardowns[0].use, "cancel_work_sync");
  EXPECT_THAT(rules.teardowns[0].stops, ElementsAre("cancel_work"));
  EXPECT_THAT(rules.teardowns[0].wholesale, ElementsAre("drain"));
  ASSERT_THAT(rules.teardownEnds, SizeIs(2));
  EXPECT_EQ(rules.teardownEnds[0].record, "serio_driver") << "sorted";
  EXPECT_EQ(rules.frees[0].privateOf, "netdev_priv");
  EXPECT_EQ(rules.managed[0].function, "devm_kzalloc");
  EXPECT_EQ(rules.delays[0].per, 4295u);
}

TEST(LoadTeardown, ReadsWhatNeedsNoLockAndWhoHasNoUser) {
  const LoadResult result = RulesFolder()
                                .contracts(R"(deferral_fields:
  - {mechanism: work, record: work_struct, field: func, evidence: ["a.h:1"]}
teardowns:
  - {mechanism: work, use: cancel_work_sync, finals: [disable_work_sync], evidence: ["a.h:2"]}
orderings:
  - {functions: [xchg, WRITE_ONCE], evidence: ["a.h:3"]}
atomic_records:
  - {records: [atomic_t], evidence: ["a.h:4"]}
kernel_threads:
  - {functions: [kthread_create], argument: 2, evidence: ["a.h:5"]}
user_borrows:
  - {functions: [kthread_use_mm], evidence: ["a.h:6"]}
prints:
  - {functions: [_printk], evidence: ["a.h:7"]}
teardown_begins:
  - {records: [usb_driver, pci_driver], field: probe, evidence: ["a.h:8"]}
copies:
  - {functions: [insl], argument: 2, nanoseconds: 1000, per: 8, evidence: ["a.h:9"]}
register_reads:
  - {functions: [readl, inb], evidence: ["a.h:10"]}
)")
                                .load();
  for (const RuleError &error : result.errors)
    ADD_FAILURE() << formatRuleError(error);
  const RuleSet &rules = result.rules;
  EXPECT_THAT(rules.teardowns.at(0).finals, ElementsAre("disable_work_sync"));
  ASSERT_THAT(rules.orderings, SizeIs(2));
  EXPECT_EQ(rules.orderings[0].function, "WRITE_ONCE") << "sorted";
  EXPECT_EQ(rules.atomicRecords.at(0).function, "atomic_t");
  EXPECT_EQ(rules.kernelThreads.at(0).argument, 2u);
  EXPECT_EQ(rules.userBorrows.at(0).function, "kthread_use_mm");
  EXPECT_EQ(rules.prints.at(0).function, "_printk");
  ASSERT_THAT(rules.teardownBegins, SizeIs(2));
  EXPECT_EQ(rules.teardownBegins[0].record, "pci_driver") << "sorted";
  EXPECT_EQ(rules.copies.at(0).per, 8u);
  EXPECT_EQ(rules.registerReads.at(0).function, "inb") << "sorted";
}

TEST(LoadTeardown, WhatIsWrongIsLocated) {
  EXPECT_THAT(errorsOf("atomic_records:\n  - {records: [atomic_t, atomic_t], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 26, "'atomic_t' in 'atomic_records' has a row already")));
  EXPECT_THAT(errorsOf("kernel_threads:\n  - {functions: [f], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "'argument' is missing")));

  EXPECT_THAT(errorsOf("teardowns:\n  - {mechanism: wrok, use: f, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 5, "no deferral has the mechanism 'wrok'")));
  EXPECT_THAT(errorsOf("deferral_fields:\n"
                       "  - {mechanism: work, record: r, field: f, evidence: [\"a.h:1\"]}\n"
                       "teardowns:\n"
                       "  - {mechanism: work, use: f, setups: [g], evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(6, 5, "'g' sets up no work")));
  EXPECT_THAT(errorsOf("frees:\n  - {functions: [f, f], argument: 0, evidence: [\"a.h:1\"]}\n"),
              ElementsAre(errorAt(4, 21, "'f' in 'frees' has a row already")));
  EXPECT_THAT(errorsOf("delays:\n  - {functions: [f], argument: 0, nanoseconds: 0, evidence: [\"a.h:1\"]}\n"),
              SizeIs(1));
}

constexpr const char *kernel = R"(sleeps:
  - {functions: [kmalloc], when: gfp, argument: 1, kind: allocation, evidence: ["a.h:1"]}
  - {functions: [msleep], when: always, kind: sleep, evidence: ["a.h:2"]}
effects:
  - {acquire: [spin_lock], release: [spin_unlock], effect: {preempt: 1}, lock: 0, evidence: ["a.h:3"]}
  - {acquire: [raw_spin_lock], release: [raw_spin_unlock], effect: {preempt: 1}, lock: 0, evidence: ["a.h:4"]}
callbacks:
  - {functions: [request_irq], argument: 1, context: hardirq, evidence: ["a.h:5"]}
)";

std::string profileWith(llvm::StringRef rest) {
  return (llvm::Twine(contractHead) + "rule: bh-x\nkinds: [mutex]\n" + rest).str();
}

LoadResult loadWith(llvm::StringRef profile, llvm::StringRef name = "rt") {
  return RulesFolder().contracts(kernel).add("rules/profiles/rt.yaml", profile).load(name);
}

const SleepContract *sleepOf(const RuleSet &rules, llvm::StringRef function) {
  for (const SleepContract &row : rules.sleeps)
    if (row.function == function)
      return &row;
  return nullptr;
}

TEST(Profile, ChangesWhatSleepsAndWhereHandlersRun) {
  const LoadResult result =
      loadWith(profileWith("advice:\n"
                           "  - {use: raw, why: so}\n"
                           "sleeping:\n"
                           "  - {functions: [spin_lock], evidence: [\"a.h:6\"]}\n"
                           "harmless:\n"
                           "  - {functions: [spin_unlock], evidence: [\"a.h:7\"]}\n"
                           "contexts:\n"
                           "  - {from: [hardirq], to: process}\n"
                           "hard_when:\n"
                           "  - {functions: [request_irq], handler: 1, argument: 2, flags: [WQ_BH], "
                           "evidence: [\"a.h:8\"]}\n"));
  EXPECT_THAT(result.errors, IsEmpty());
  const RuleSet &rules = result.rules;
  ASSERT_THAT(rules.rules, SizeIs(1));
  EXPECT_THAT(rules.rules[0].kinds, ElementsAre(SleepKind::Sleep, SleepKind::Mutex));
  EXPECT_EQ(sleepOf(rules, "kmalloc")->when, SleepWhen::Always) << "whatever its flags";
  EXPECT_EQ(sleepOf(rules, "msleep")->when, SleepWhen::Never) << "is told without the profile";
  EXPECT_EQ(sleepOf(rules, "spin_lock")->when, SleepWhen::Always);
  EXPECT_EQ(sleepOf(rules, "spin_unlock")->when, SleepWhen::Never);
  ASSERT_THAT(rules.effects, SizeIs(2));
  EXPECT_EQ(rules.effects[0].function, "raw_spin_lock");
  ASSERT_THAT(rules.advice, SizeIs(1)) << "GFP_ATOMIC is no way out there";
  EXPECT_EQ(rules.advice[0].mechanism, "raw");
  EXPECT_EQ(rules.callbacks[0].context, Context::Process);
  ASSERT_THAT(rules.callbacks[0].cases, SizeIs(1));
  EXPECT_EQ(rules.callbacks[0].cases[0].context, Context::HardIrq);
}

TEST(Profile, WhatIsWrongIsLocated) {
  EXPECT_THAT(loadWith(profileWith("sleping: []\n")).errors, ElementsAre(errorAt(5, 1, "sleping")));
  EXPECT_THAT(loadWith(profileWith(""), "tr").errors, ElementsAre(errorAt(0, 0, "cannot read this profile")));
  EXPECT_THAT(
      loadWith(profileWith("hard_when:\n  - {functions: [request_irq], handler: 1, argument: 2, flags: [WQ_BX], "
                           "evidence: [\"a.h:8\"]}\n"))
          .errors,
      ElementsAre(errorAt(6, 65, "'WQ_BX' is not among the 'constants'")));
  EXPECT_THAT(loadWith(std::string(contractHead) + "rule: bh-z\nkinds: [mutex]\n").errors,
              ElementsAre(errorAt(3, 7, "there is no rule 'bh-z'")));
  EXPECT_THAT(loadWith(std::string(contractHead) + "rule: bh-x\nkinds: [mutx]\n").errors,
              ElementsAre(errorAt(4, 9, "unknown kind 'mutx'")));
}

} // namespace
} // namespace bhlint
