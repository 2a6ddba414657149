#include "analysis/program/lock_reach.h"
#include "analysis/program/lock_walk.h"
#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char *device = "struct dev { spinlock_t lock, other; struct work_struct work; int flag; };\n";

LockMap walkIn(const TestUnit &unit, const LockTable &table, const SharedFields &fields) {
  Workers workers(1);
  const LockReach reach(unit.program, unit.resolver, table, fields, workers);
  return walkLocks(unit.program, unit.summaries, unit.contexts.roots, reach, fields, workers);
}

/// A unit, and its locks told as text.
class Locks {
public:
  explicit Locks(const std::string &code)
      : unit(TestUnit::withCode(device + code)), table(unit->program), fields(unit->program, unit->contexts, table),
        map(walkIn(*unit, table, fields)) {}

  std::string nameOf(const LockName &lock) const { return unit->program.text(lock.field.field).str(); }

  /// "tasklet lock", "process lock irq": the uses in a function's own body, with what is off.
  std::vector<std::string> usesIn(const char *function) const {
    std::vector<std::string> result;
    for (const LockUse &use : map.uses)
      if (const LockNode &node = map.nodes[use.node]; node.function == unit->id(function))
        result.push_back(std::string(contextName(node.ambient)) + " " + nameOf(use.lock) +
                         (use.irq.high > 0 ? " irq" : "") + (use.bottomHalf.high > 0 ? " bh" : ""));
    return result;
  }

  /// What is held at each wait in the program.
  std::vector<std::string> heldAtWaits() const {
    std::vector<std::string> result;
    for (const HandlerWait &wait : map.waits) {
      std::string names;
      for (const HeldLock &held : wait.held)
        names += nameOf(held.name);
      result.push_back(names);
    }
    return result;
  }

  /// "other under lock": the locks taken in a function's own body, with what is held before.
  std::vector<std::string> ordersIn(const char *function) const {
    std::vector<std::string> result;
    for (const LockUse &use : map.uses)
      if (map.nodes[use.node].function == unit->id(function)) {
        std::string text = nameOf(use.lock) + " under";
        for (const HeldLock &held : use.held)
          text += " " + nameOf(held.name);
        result.push_back(text);
      }
    return result;
  }

  /// "write flag lock": the uses of fields in a function's own body, with what is held.
  std::vector<std::string> fieldsIn(const char *function) const {
    std::vector<std::string> result;
    for (const FieldUse &use : map.fields)
      if (map.nodes[use.node].function == unit->id(function)) {
        std::string text = use.isChange ? "change" : use.isWrite ? "write" : use.isAsked ? "ask" : "read";
        text += " " + unit->program.text(use.field.field).str();
        for (const HeldLock &held : use.held)
          text += " " + nameOf(held.name);
        result.push_back(text);
      }
    return result;
  }

  const std::unique_ptr<TestUnit> unit;
  const LockTable table;
  const SharedFields fields;
  const LockMap map;
};

const std::string work = "static void work(struct work_struct *w);\n"
                         "void setup(struct dev *d) { INIT_WORK(&d->work, work); }\n"
                         "static struct dev *the_dev;\n";

TEST(LockWalk, KnowsWhatIsOffWhereALockIsTaken) {
  Locks locks(work + "static void helper(struct dev *d) { spin_lock(&d->lock); spin_unlock(&d->lock); }\n"
                     "static void work(struct work_struct *w) {\n"
                     "  helper(the_dev); local_bh_disable(); helper(the_dev); local_bh_enable();\n"
                     "  spin_lock_irq(&the_dev->other); spin_unlock_irq(&the_dev->other); }\n");
  EXPECT_THAT(locks.usesIn("helper"), UnorderedElementsAre("process lock", "process lock bh"));
  EXPECT_THAT(locks.usesIn("work"), ElementsAre("process other irq"));
}

TEST(LockWalk, WhatIsOffOnOnePathMayBeOff) {
  Locks locks(work + "static void work(struct work_struct *w) {\n"
                     "  if (the_dev->flag) local_bh_disable();\n"
                     "  spin_lock(&the_dev->lock); spin_unlock(&the_dev->lock); }\n");
  EXPECT_THAT(locks.usesIn("work"), ElementsAre("process lock bh"));
}

TEST(LockWalk, ConstantsAndContextTestsDecide) {
  Locks locks(work + "static void take(struct dev *d, int locked) { if (!locked) spin_lock(&d->lock); }\n"
                     "static void work(struct work_struct *w) {\n"
                     "  take(the_dev, 1);\n"
                     "  if (in_interrupt()) spin_lock(&the_dev->other); }\n");
  EXPECT_THAT(locks.usesIn("take"), IsEmpty());
  EXPECT_THAT(locks.usesIn("work"), IsEmpty());
}

TEST(LockWalk, ALockIsWhatTheCallerGives) {
  Locks locks(work + "static void take(spinlock_t *l) { spin_lock(l); spin_unlock(l); }\n"
                     "static void work(struct work_struct *w) { take(&the_dev->other); }\n");
  EXPECT_THAT(locks.usesIn("take"), ElementsAre("process other"));
}

TEST(LockWalk, HeldIsWhatIsHeldOnEveryPathThroughWrappersToo) {
  const std::string wrappers = "static void take(struct dev *d) { spin_lock(&d->lock); }\n"
                               "static void drop(struct dev *d) { spin_unlock(&d->lock); }\n";
  EXPECT_THAT(Locks(wrappers + "void f(struct dev *d) { take(d); cancel_work_sync(&d->work); drop(d); }\n").heldAtWaits(),
              ElementsAre("lock"));
  EXPECT_THAT(Locks(wrappers + "void f(struct dev *d) { take(d); drop(d); cancel_work_sync(&d->work); }\n").heldAtWaits(),
              ElementsAre(""));
  EXPECT_THAT(Locks("void f(struct dev *d) { if (d->flag) spin_lock(&d->lock); cancel_work_sync(&d->work); }\n")
                  .heldAtWaits(),
              ElementsAre(""));
  EXPECT_THAT(Locks("void f(struct dev *d) { if (!spin_trylock(&d->lock)) cancel_work_sync(&d->work); }\n").heldAtWaits(),
              ElementsAre(""));
  EXPECT_THAT(Locks("static void g(struct dev *d) { cancel_work_sync(&d->work); }\n"
                    "void f(struct dev *d) { spin_lock(&d->lock); g(d); spin_unlock(&d->lock); }\n")
                  .heldAtWaits(),
              ElementsAre("lock"));
}

TEST(LockWalk, ALockKnowsWhatIsHeldBeforeIt) {
  Locks locks(work + "static void inner(struct dev *d) { spin_lock(&d->other); spin_unlock(&d->other); }\n"
                     "static void work(struct work_struct *w) {\n"
                     "  spin_lock(&the_dev->lock); inner(the_dev); spin_unlock(&the_dev->lock); }\n");
  EXPECT_THAT(locks.ordersIn("work"), ElementsAre("lock under"));
  EXPECT_THAT(locks.ordersIn("inner"), ElementsAre("other under lock"));
}

const std::string handler = "static int irq(int line, void *data) { struct dev *d = data; %s return 0; }\n"
                            "int request(struct dev *d) { init_lock(&d->lock); return request_irq(1, irq, 0, d); }\n";

std::string handlerThat(const std::string &does) {
  std::string text = handler;
  return text.replace(text.find("%s"), 2, does);
}

TEST(LockWalk, FieldsOfBothHalvesAreFollowedWithoutLocks) {
  Locks locks(work + handlerThat("d->flag = 1;") +
              "static void set(struct dev *d) { d->flag |= 2; if (d->flag) cancel_work_sync(&d->work); }\n"
              "static void work(struct work_struct *w) {\n"
              "  spin_lock(&the_dev->lock); set(the_dev); spin_unlock(&the_dev->lock); }\n");
  EXPECT_THAT(locks.fieldsIn("irq"), ElementsAre("write flag"));
  EXPECT_THAT(locks.fieldsIn("set"), UnorderedElementsAre("change flag lock", "ask flag lock"));
}

TEST(LockWalk, FieldsOfOneHalfAndThoseWhoseAddressIsGivenAreNot) {
  const std::string process = "static void work(struct work_struct *w) { the_dev->flag = 1; }\n";
  EXPECT_THAT(Locks(work + handlerThat("") + process).fieldsIn("work"), IsEmpty());
  EXPECT_THAT(Locks(work + "void use(int *flag);\n" + handlerThat("use(&d->flag); d->flag = 2;") + process).fieldsIn("work"),
              IsEmpty());
  EXPECT_THAT(Locks(work + handlerThat("d->flag = 2;") + process).fieldsIn("work"), ElementsAre("write flag"));
}

TEST(LockTable, FieldsWithSeveralLocksAreToldApartByTheirOwners) {
  Locks locks("struct pair { struct dev a, b; };\n"
              "void setup(struct pair *p) { init_lock(&p->a.lock); init_lock(&p->b.lock); init_lock(&p->a.other); }\n");
  auto name = [&](const char *owner, const char *field) {
    const Program &program = locks.unit->program;
    LockName result;
    result.field = {program.find("dev"), program.find(field)};
    if (*owner)
      result.owner = {program.find("pair"), program.find(owner)};
    return result;
  };
  EXPECT_EQ(locks.table.areSame(name("a", "lock"), name("b", "lock")), std::nullopt);
  EXPECT_EQ(locks.table.areSame(name("a", "lock"), name("a", "lock")), Confidence::High);
  EXPECT_EQ(locks.table.areSame(name("a", "lock"), name("", "lock")), Confidence::Medium);
  EXPECT_EQ(locks.table.areSame(name("a", "other"), name("", "other")), Confidence::High);
  EXPECT_EQ(locks.table.areSame(name("a", "other"), name("a", "lock")), std::nullopt);
}

} // namespace
} // namespace bhlint
