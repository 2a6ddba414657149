#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using facts::ValueKind;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Delta unchanged{}, oneLock{1, 0, 0, 0}, oneUnlock{-1, 0, 0, 0};

const char *const device = "struct dev { spinlock_t lock; int busy; };\n";

std::unique_ptr<TestUnit> unitWith(const std::string &code) { return TestUnit::withCode(device + code); }

const ExitEntry *exitWith(const Summary &summary, Delta delta) {
  for (const ExitEntry &exit : summary.exits)
    if (exit.delta == delta)
      return &exit;
  return nullptr;
}

TEST(Summary, LockWrapperReturnsLocked) {
  auto unit = unitWith("void take(struct dev *d) { spin_lock(&d->lock); }\n"
                       "void take_deeply(struct dev *d) { take(d); }\n"
                       "void balanced(struct dev *d) { take(d); spin_unlock(&d->lock); }\n");
  for (const char *wrapper : {"take", "take_deeply"}) {
    ASSERT_THAT(unit->summaryOf(wrapper).exits, SizeIs(1)) << wrapper;
    EXPECT_EQ(unit->summaryOf(wrapper).exits[0].delta, oneLock) << wrapper;
    EXPECT_TRUE(unit->summaryOf(wrapper).hasAtomicEffect());
  }
  ASSERT_THAT(unit->summaryOf("balanced").exits, SizeIs(1));
  EXPECT_EQ(unit->summaryOf("balanced").exits[0].delta, unchanged);
  EXPECT_FALSE(unit->summaryOf("balanced").hasAtomicEffect());
}

TEST(Summary, LockingByParameterGivesTwoGuardedExits) {
  auto unit = unitWith("void take_if(struct dev *d, int lock) { if (lock) spin_lock(&d->lock); }\n"
                       "void never(struct dev *d) { take_if(d, 0); }\n"
                       "void always(struct dev *d) { take_if(d, 1); }\n");
  const Summary &summary = unit->summaryOf("take_if");
  ASSERT_THAT(summary.exits, SizeIs(2));
  const Term parameter{ValueKind::Parameter, 1};
  const ExitEntry *locked = exitWith(summary, oneLock), *plain = exitWith(summary, unchanged);
  ASSERT_TRUE(locked && plain);
  ASSERT_THAT(locked->guard, SizeIs(1));
  EXPECT_EQ(locked->guard[0].first, parameter);
  EXPECT_TRUE(locked->guard[0].second.isNonZero);
  ASSERT_THAT(plain->guard, SizeIs(1));
  EXPECT_EQ(plain->guard[0].first, parameter);
  EXPECT_TRUE(plain->guard[0].second.isZero());
  // Constant arguments decide.
  ASSERT_THAT(unit->summaryOf("never").exits, SizeIs(1));
  EXPECT_EQ(unit->summaryOf("never").exits[0].delta, unchanged);
  ASSERT_THAT(unit->summaryOf("always").exits, SizeIs(1));
  EXPECT_EQ(unit->summaryOf("always").exits[0].delta, oneLock);
}

TEST(Summary, TrylockHasTwoOutcomesThatTheResultTellsApart) {
  auto unit = unitWith("int try_take(struct dev *d) { if (!spin_trylock(&d->lock)) return 0; return 1; }\n"
                       "void on_success(struct dev *d) { if (try_take(d)) { msleep(1); spin_unlock(&d->lock); } }\n"
                       "void on_failure(struct dev *d) { if (try_take(d)) spin_unlock(&d->lock); else msleep(1); }\n");
  const Summary &summary = unit->summaryOf("try_take");
  ASSERT_THAT(summary.exits, SizeIs(2));
  const ExitEntry *taken = exitWith(summary, oneLock), *other = exitWith(summary, unchanged);
  ASSERT_TRUE(taken && other);
  EXPECT_EQ(taken->resultKnowledge, Knowledge::exactly(1));
  EXPECT_EQ(other->resultKnowledge, Knowledge::exactly(0));
  EXPECT_TRUE(unit->summaryOf("on_success").sleepsUnderOwnLock);
  EXPECT_THAT(unit->summaryOf("on_success").exits, SizeIs(1));
  EXPECT_FALSE(unit->summaryOf("on_failure").sleepsUnderOwnLock);
  ASSERT_THAT(unit->summaryOf("on_failure").sleeps, SizeIs(1));
  EXPECT_EQ(unit->summaryOf("on_failure").sleeps[0].delta, unchanged);
}

TEST(Summary, GfpParameterGivesAGuardedSleep) {
  auto unit = unitWith("void *get(int size, unsigned gfp) { return kmalloc(size, gfp); }\n"
                       "void *get_zeroed(unsigned gfp) { return get(8, gfp | 0x100); }\n"
                       "void *atomic(void) { return get_zeroed(GFP_ATOMIC); }\n"
                       "void *sleeping(void) { return get_zeroed(GFP_KERNEL); }\n"
                       "void *stripped(unsigned gfp) { return get(8, gfp & ~0x400u); }\n");
  unsigned parameter = 1;
  for (const char *wrapper : {"get", "get_zeroed"}) {
    const Summary &summary = unit->summaryOf(wrapper);
    ASSERT_THAT(summary.sleeps, SizeIs(1)) << wrapper;
    EXPECT_EQ(summary.sleeps[0].kind, SleepKind::Allocation);
    EXPECT_EQ(summary.sleeps[0].confidence, Confidence::High);
    ASSERT_THAT(summary.sleeps[0].guard, SizeIs(1)) << wrapper;
    EXPECT_EQ(summary.sleeps[0].guard[0].first, (Term{ValueKind::Parameter, parameter--})) << wrapper;
    EXPECT_EQ(summary.sleeps[0].guard[0].second.ones & testReclaimBit, testReclaimBit) << wrapper;
  }
  EXPECT_THAT(unit->summaryOf("atomic").sleeps, IsEmpty());
  EXPECT_THAT(unit->summaryOf("stripped").sleeps, IsEmpty());
  ASSERT_THAT(unit->summaryOf("sleeping").sleeps, SizeIs(1));
  EXPECT_THAT(unit->summaryOf("sleeping").sleeps[0].guard, IsEmpty());
  EXPECT_EQ(unit->summaryOf("sleeping").sleeps[0].depth, 2);
}

TEST(Summary, LockDroppedAroundASleepIsMinusOneForTheCaller) {
  auto unit = unitWith("void wait(struct dev *d) { spin_unlock(&d->lock); msleep(1); spin_lock(&d->lock); }\n"
                       "void locked(struct dev *d) { spin_lock(&d->lock); wait(d); spin_unlock(&d->lock); }\n");
  const Summary &callee = unit->summaryOf("wait");
  ASSERT_THAT(callee.sleeps, SizeIs(1));
  EXPECT_EQ(callee.sleeps[0].delta, oneUnlock);
  ASSERT_THAT(callee.exits, SizeIs(1));
  EXPECT_EQ(callee.exits[0].delta, unchanged);
  const Summary &caller = unit->summaryOf("locked");
  EXPECT_FALSE(caller.sleepsUnderOwnLock);
  ASSERT_THAT(caller.sleeps, SizeIs(1));
  EXPECT_EQ(caller.sleeps[0].delta, unchanged);
  EXPECT_EQ(caller.sleeps[0].callee, unit->id("wait"));
}

TEST(Summary, RecursionTerminatesAndKeepsTheSleep) {
  auto unit = unitWith("void odd(int n);\n"
                       "void even(int n) { if (n) odd(n - 1); else msleep(1); }\n"
                       "void odd(int n) { if (n) even(n - 1); }\n"
                       "void deeper(struct dev *d, int n) { spin_lock(&d->lock); if (n) deeper(d, n - 1); }\n");
  for (const char *function : {"even", "odd"}) {
    EXPECT_TRUE(unit->summaryOf(function).isComputed);
    EXPECT_THAT(unit->summaryOf(function).exits, SizeIs(1)) << function;
    EXPECT_FALSE(unit->summaryOf(function).sleeps.empty()) << function;
  }
  // Each level takes one more: the count has to saturate.
  for (const ExitEntry &exit : unit->summaryOf("deeper").exits) {
    EXPECT_GE(exit.delta.preempt, 1);
    EXPECT_LE(exit.delta.preempt, Delta::limit);
  }
  EXPECT_FALSE(unit->summaryOf("deeper").exits.empty());
}

TEST(Summary, WhatNeverReturnsHasNoExit) {
  auto unit = unitWith("void forever(void) { for (;;) msleep(1); }\n"
                       "void after(struct dev *d) { forever(); spin_lock(&d->lock); }\n");
  EXPECT_THAT(unit->summaryOf("forever").exits, IsEmpty());
  EXPECT_THAT(unit->summaryOf("forever").sleeps, SizeIs(1));
  EXPECT_THAT(unit->summaryOf("after").exits, IsEmpty());
}

TEST(Summary, ParameterThatIsCalledIsNotedWithTheLockState) {
  auto unit = unitWith("void visit(struct dev *d, void (*fn)(struct dev *)) {\n"
                       "  spin_lock(&d->lock); fn(d); spin_unlock(&d->lock); }\n"
                       "void pass_on(void (*fn)(struct dev *), struct dev *d) { visit(d, fn); }\n");
  const Summary &inner = unit->summaryOf("visit"), &outer = unit->summaryOf("pass_on");
  ASSERT_THAT(inner.parameterCalls, SizeIs(1));
  EXPECT_EQ(inner.parameterCalls[0].parameter, 1u);
  EXPECT_EQ(inner.parameterCalls[0].delta, oneLock);
  EXPECT_EQ(inner.parameterCalls[0].callee, noId);
  ASSERT_THAT(outer.parameterCalls, SizeIs(1));
  EXPECT_EQ(outer.parameterCalls[0].parameter, 0u);
  EXPECT_EQ(outer.parameterCalls[0].delta, oneLock);
  EXPECT_EQ(outer.parameterCalls[0].callee, unit->id("visit"));
}

TEST(Summary, ValueFromBeforeAStoreIsAConditionOnTheEntry) {
  auto unit = TestUnit::withCode("struct dev { int autostop; };\n"
                                 "void resume(struct dev *d) { int was = d->autostop; d->autostop = 0; "
                                 "if (!was) msleep(1); }\n"
                                 "static spinlock_t lock;\n"
                                 "void ok(struct dev *d) { spin_lock(&lock); if (d->autostop) resume(d); "
                                 "spin_unlock(&lock); }\n"
                                 "void bad(struct dev *d) { spin_lock(&lock); if (!d->autostop) resume(d); "
                                 "spin_unlock(&lock); }\n");
  ASSERT_EQ(unit->summaryOf("resume").sleeps.size(), 1u);
  ASSERT_EQ(unit->summaryOf("resume").sleeps[0].guard.size(), 1u);
  EXPECT_TRUE(unit->summaryOf("resume").sleeps[0].guard[0].second.isZero());
  ASSERT_EQ(unit->sitesIn("resume").size(), 1u);
  const SleepSite site = unit->sitesIn("resume")[0];
  ASSERT_NE(unit->nodeOf(site).parent, noId);
  EXPECT_EQ(unit->contexts.nodes[unit->nodeOf(site).parent].function, unit->id("bad"));
}

} // namespace
} // namespace bhlint
