// The rules that are shipped: complete, free of errors, and quick to load.

#include "analysis/ruleset/describe.h"

#include "llvm/Support/Path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <regex>
#include <set>

namespace bhlint {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const LoadResult &shipped() {
  static const LoadResult result =
      loadRuleSet(*llvm::vfs::getRealFileSystem(), std::string(BHLINT_SOURCE_DIR) + "/rules");
  return result;
}

const RuleSet &rules() { return shipped().rules; }

template <class Rows> const auto *findRow(const Rows &rows, auto matches) {
  for (const auto &row : rows)
    if (matches(row))
      return &row;
  return static_cast<const typename Rows::value_type *>(nullptr);
}

const SleepContract *sleepOf(std::string_view function) {
  return findRow(rules().sleeps, [&](const SleepContract &row) { return row.function == function; });
}

const EffectContract *effectOf(std::string_view function) {
  return findRow(rules().effects, [&](const EffectContract &row) { return row.function == function; });
}

const CallbackContract *callbackOf(std::string_view function, unsigned argument) {
  return findRow(rules().callbacks,
                 [&](const CallbackContract &row) { return row.function == function && row.argument == argument; });
}

const OpsContract *opsOf(std::string_view record, std::string_view field) {
  return findRow(rules().ops, [&](const OpsContract &row) { return row.record == record && row.field == field; });
}

TEST(Catalogue, HasNoErrors) {
  for (const RuleError &error : shipped().errors)
    ADD_FAILURE() << formatRuleError(error);
}

TEST(Catalogue, EveryRuleIsDocumented) {
  ASSERT_THAT(rules().rules, Not(IsEmpty()));
  for (const Rule &rule : rules().rules) {
    SCOPED_TRACE(rule.id);
    EXPECT_GE(rule.title.size(), 15u);
    EXPECT_GE(rule.why.size(), 100u);
    EXPECT_GE(rule.bad.size(), 40u);
    EXPECT_GE(rule.good.size(), 40u);
    EXPECT_NE(rule.bad, rule.good);
    EXPECT_THAT(rule.suppress, HasSubstr("bhlint: allow(" + rule.id + ")"));
    EXPECT_THAT(rule.source, Not(IsEmpty()));
    EXPECT_THAT(rule.claims, Not(IsEmpty()));
    if (!rule.kinds.empty()) {
      EXPECT_THAT(rule.message, HasSubstr("{sink}"));
      EXPECT_THAT(rule.message, HasSubstr("{function}"));
      EXPECT_THAT(rule.message, HasSubstr("{context}"));
      EXPECT_THAT(rule.lockedMessage, HasSubstr("{lock}"));
      EXPECT_THAT(rule.forbiddenMessage, HasSubstr("{sink}"));
      EXPECT_THAT(describeRule(rule, rules()), HasSubstr("Instead:"));
    }
    EXPECT_TRUE(std::filesystem::is_directory(std::string(BHLINT_SOURCE_DIR) + "/testdata/" + rule.id));
  }
}

TEST(Catalogue, WhatIsOnByDefaultIsMostlyRight) {
  constexpr unsigned enough = 80;
  for (const Rule &rule : rules().rules)
    if (rule.isDefault) {
      EXPECT_GT(rule.measured.judged, 0u) << rule.id;
      EXPECT_GE(rule.measured.precision(), enough) << rule.id;
    }
}

TEST(Catalogue, EveryKindOfSleepIsReportedByOneRule) {
  for (SleepKind kind : {SleepKind::Sleep, SleepKind::Mutex, SleepKind::Allocation, SleepKind::UserAccess}) {
    unsigned count = 0;
    for (const Rule &rule : rules().rules)
      count += std::count(rule.kinds.begin(), rule.kinds.end(), kind);
    EXPECT_EQ(count, 1u) << sleepKindName(kind);
  }
}

TEST(Catalogue, TestdataBelongsToRules) {
  const std::set<std::string> other = {"demo", "include", "map", "traces"};
  for (const auto &entry : std::filesystem::directory_iterator(std::string(BHLINT_SOURCE_DIR) + "/testdata")) {
    const std::string name = entry.path().filename().string();
    if (entry.is_directory() && !other.contains(name)) {
      EXPECT_NE(rules().find(name), nullptr) << "testdata/" << name << " belongs to no rule";
    }
  }
}

TEST(Catalogue, ClaimsAreLedgerNumbers) {
  const std::regex claim("[AB][0-9]{2,3}");
  for (const MechanismAdvice &advice : rules().advice)
    for (const std::string &id : advice.claims)
      EXPECT_TRUE(std::regex_match(id, claim)) << id;
  for (const Rule &rule : rules().rules)
    for (const std::string &id : rule.claims)
      EXPECT_TRUE(std::regex_match(id, claim)) << id;
}

/// The first row whose conditions hold, as the analysis picks it.
const MechanismAdvice &adviceFor(Context context, SleepKind kind, bool isLockHeld) {
  for (const MechanismAdvice &row : rules().advice)
    if ((row.contexts.empty() || std::count(row.contexts.begin(), row.contexts.end(), context)) &&
        (row.kinds.empty() || std::count(row.kinds.begin(), row.kinds.end(), kind)) &&
        (!row.isLockHeld || *row.isLockHeld == isLockHeld))
      return row;
  ADD_FAILURE() << "no advice";
  return rules().advice.front();
}

TEST(Catalogue, DecisionTable) {
  EXPECT_EQ(adviceFor(Context::Tasklet, SleepKind::Mutex, false).mechanism, "workqueue or threaded IRQ");
  EXPECT_EQ(adviceFor(Context::HardIrq, SleepKind::Sleep, false).mechanism, "threaded IRQ");
  EXPECT_THAT(adviceFor(Context::HardIrq, SleepKind::Mutex, false).why, HasSubstr("IRQF_ONESHOT"));
  EXPECT_EQ(adviceFor(Context::Timer, SleepKind::Sleep, false).mechanism, "delayed work");
  EXPECT_EQ(adviceFor(Context::BhWork, SleepKind::Mutex, false).mechanism, "an ordinary workqueue");
  EXPECT_EQ(adviceFor(Context::Softirq, SleepKind::Sleep, false).mechanism, "workqueue");
  EXPECT_EQ(adviceFor(Context::Completion, SleepKind::Allocation, false).mechanism, "GFP_ATOMIC");
  EXPECT_THAT(adviceFor(Context::Process, SleepKind::Allocation, true).mechanism, HasSubstr("before taking the lock"));
  EXPECT_THAT(adviceFor(Context::Process, SleepKind::Mutex, true).why, HasSubstr("mutex"));
  for (unsigned i = 0; i < contextCount; ++i)
    for (SleepKind kind : {SleepKind::Sleep, SleepKind::Mutex, SleepKind::Allocation, SleepKind::UserAccess})
      for (bool isLockHeld : {false, true}) {
        const std::string &text = adviceFor(static_cast<Context>(i), kind, isLockHeld).why;
        EXPECT_FALSE(text.empty());
        EXPECT_EQ(text.find('\n'), std::string::npos) << text;
      }
}

TEST(Catalogue, TheLeavesAreThere) {
  for (const char *function :
       {"__might_sleep", "__might_resched", "might_fault", "__might_fault", "schedule", "schedule_timeout", "msleep",
        "usleep_range_state", "__cond_resched", "wait_event", "flush_work", "free_irq", "disable_irq", "napi_disable",
        "synchronize_rcu", "tasklet_kill", "kthread_stop"}) {
    ASSERT_NE(sleepOf(function), nullptr) << function;
    EXPECT_EQ(sleepOf(function)->when, SleepWhen::Always) << function;
  }
  for (const char *function : {"mutex_lock", "mutex_lock_nested", "down", "down_read", "wait_for_completion"}) {
    ASSERT_NE(sleepOf(function), nullptr) << function;
    EXPECT_EQ(sleepOf(function)->kind, SleepKind::Mutex) << function;
  }
  for (const char *function : {"copy_from_user", "_copy_to_user", "get_user", "__might_fault"}) {
    ASSERT_NE(sleepOf(function), nullptr) << function;
    EXPECT_EQ(sleepOf(function)->kind, SleepKind::UserAccess) << function;
  }
}

TEST(Catalogue, AllocatorsGoByTheirFlags) {
  const std::pair<const char *, unsigned> allocators[] = {{"kmalloc", 1},
                                                          {"kmalloc_noprof", 1},
                                                          {"__kmalloc_noprof", 1},
                                                          {"kcalloc", 2},
                                                          {"krealloc", 2},
                                                          {"kmem_cache_alloc", 1},
                                                          {"__alloc_skb", 1},
                                                          {"skb_clone", 1},
                                                          {"usb_submit_urb", 1},
                                                          {"devm_kzalloc", 2},
                                                          {"dma_alloc_attrs", 3},
                                                          {"dma_pool_alloc", 1},
                                                          {"usb_alloc_coherent", 2},
                                                          {"idr_alloc", 4},
                                                          {"mempool_alloc", 1},
                                                          {"xa_alloc", 4},
                                                          {"nlmsg_new", 1},
                                                          {"kstrdup", 1},
                                                          {"alloc_pages_noprof", 0}};
  for (auto [function, argument] : allocators) {
    ASSERT_NE(sleepOf(function), nullptr) << function;
    EXPECT_EQ(sleepOf(function)->when, SleepWhen::Gfp) << function;
    EXPECT_EQ(sleepOf(function)->argument, argument) << function;
    EXPECT_EQ(sleepOf(function)->kind, SleepKind::Allocation) << function;
  }
}

TEST(Catalogue, LookAlikesDoNotSleep) {
  for (const char *function : {"vfree_atomic", "kfree", "cond_resched_lock", "tasklet_disable_in_atomic", "fput",
                               "preempt_schedule", "complete", "timer_delete_sync"}) {
    ASSERT_NE(sleepOf(function), nullptr) << function;
    EXPECT_EQ(sleepOf(function)->when, SleepWhen::Never) << function;
    EXPECT_THAT(sleepOf(function)->forbiddenIn, IsEmpty()) << function;
  }
  for (const char *function : {"down_trylock", "up", "spin_lock", "srcu_read_lock", "usleep", "synchronize_hardirq"}) {
    if (const SleepContract *row = sleepOf(function)) {
      EXPECT_EQ(row->when, SleepWhen::Never) << function;
    }
  }
  EXPECT_EQ(effectOf("mutex_lock"), nullptr);
  EXPECT_EQ(effectOf("srcu_read_lock"), nullptr);
  EXPECT_EQ(effectOf("migrate_disable"), nullptr);
}

TEST(Catalogue, VfreeIsLegalInSoftirqButNotUnderALock) {
  const SleepContract *vfree = sleepOf("vfree");
  ASSERT_NE(vfree, nullptr);
  EXPECT_EQ(vfree->when, SleepWhen::Never);
  EXPECT_THAT(vfree->forbiddenIn,
              testing::ElementsAre(Context::Nmi, Context::IrqsOff, Context::Atomic, Context::RcuRead));
}

TEST(Catalogue, LocksComeInPairs) {
  for (const char *base : {"spin_lock", "raw_spin_lock", "_raw_spin_lock", "read_lock", "write_lock", "_raw_read_lock"})
    ASSERT_NE(effectOf(base), nullptr) << base;
  EXPECT_EQ(effectOf("spin_lock_irqsave")->effect, (AtomicEffect{1, 0, 1, 0}));
  EXPECT_EQ(effectOf("spin_unlock_irqrestore")->effect, (AtomicEffect{-1, 0, -1, 0}));
  EXPECT_EQ(effectOf("spin_lock_bh")->effect, (AtomicEffect{1, 1, 0, 0}));
  EXPECT_EQ(effectOf("rcu_read_lock")->effect, (AtomicEffect{0, 0, 0, 1}));
  EXPECT_EQ(effectOf("_raw_spin_trylock")->when, EffectWhen::ResultNonZero);
  EXPECT_EQ(effectOf("__lock_sock_fast")->when, EffectWhen::ResultZero);
  EXPECT_EQ(effectOf("local_irq_save")->effect, (AtomicEffect{0, 0, 1, 0}));
  EXPECT_EQ(effectOf("preempt_enable")->effect, (AtomicEffect{-1, 0, 0, 0}));
}

TEST(Catalogue, Mechanisms) {
  const std::tuple<const char *, unsigned, Context> registrations[] = {
      {"request_irq", 1, Context::HardIrq},
      {"request_threaded_irq", 1, Context::HardIrq},
      {"request_threaded_irq", 2, Context::Process},
      {"devm_request_threaded_irq", 2, Context::HardIrq},
      {"devm_request_threaded_irq", 3, Context::Process},
      {"tasklet_setup", 1, Context::Tasklet},
      {"tasklet_init", 1, Context::Tasklet},
      {"init_timer_key", 1, Context::Timer},
      {"call_rcu", 1, Context::RcuCallback},
      {"netif_napi_add", 2, Context::Softirq},
      {"usb_fill_bulk_urb", 5, Context::Completion},
      {"smp_call_function_single", 1, Context::HardIrq},
      {"kthread_create_on_node", 0, Context::Process},
      {"ieee80211_iterate_stations_atomic", 1, Context::RcuRead},
      {"init_waitqueue_func_entry", 1, Context::IrqsOff},
  };
  for (auto [function, argument, context] : registrations) {
    ASSERT_NE(callbackOf(function, argument), nullptr) << function;
    EXPECT_EQ(callbackOf(function, argument)->context, context) << function;
  }
  const std::tuple<const char *, const char *, Context> fields[] = {
      {"net_device_ops", "ndo_start_xmit", Context::BhOff},
      {"net_device_ops", "ndo_tx_timeout", Context::Timer},
      {"net_device_ops", "ndo_get_stats64", Context::RcuRead},
      {"net_device_ops", "ndo_open", Context::Process},
      {"tty_operations", "write", Context::Atomic},
      {"usb_serial_driver", "write", Context::Atomic},
      {"uart_ops", "start_tx", Context::IrqsOff},
      {"urb", "complete", Context::Completion},
      {"tasklet_struct", "callback", Context::Tasklet},
      {"timer_list", "function", Context::Timer},
      {"watchdog_ops", "restart", Context::Atomic},
      {"led_classdev", "brightness_set", Context::Atomic},
      {"scsi_host_template", "queuecommand", Context::RcuRead},
      {"irq_chip", "irq_mask", Context::IrqsOff},
      {"iscsi_transport", "alloc_pdu", Context::BhOff},
      {"kmsg_dumper", "dump", Context::RcuRead},
      {"clk_ops", "enable", Context::IrqsOff},
      {"clk_ops", "prepare", Context::Process},
      {"dev_pm_ops", "suspend_noirq", Context::Process},
  };
  for (auto [record, field, context] : fields) {
    ASSERT_NE(opsOf(record, field), nullptr) << record << "." << field;
    EXPECT_EQ(opsOf(record, field)->context, context) << record << "." << field;
  }
  ASSERT_NE(opsOf("snd_pcm_ops", "trigger"), nullptr);
  ASSERT_FALSE(opsOf("snd_pcm_ops", "trigger")->cases.empty());
  EXPECT_EQ(opsOf("snd_pcm_ops", "trigger")->cases[0].field, "nonatomic");
}

TEST(Catalogue, TheTrapOfInInterrupt) {
  const ContextTest *test = findRow(rules().tests, [](const ContextTest &row) { return row.name == "in_interrupt"; });
  ASSERT_NE(test, nullptr);
  auto has = [](const std::vector<Context> &list, Context context) {
    return std::count(list.begin(), list.end(), context) != 0;
  };
  EXPECT_TRUE(has(test->trueIn, Context::Tasklet));
  EXPECT_TRUE(has(test->trueIn, Context::BhOff));
  EXPECT_TRUE(has(test->falseIn, Context::Atomic)) << "a spinlock does not make in_interrupt() true";
  EXPECT_TRUE(has(test->falseIn, Context::Process));
}

} // namespace
} // namespace bhlint
