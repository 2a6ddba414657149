#include "analysis/program/test_unit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr Delta nothing{}, oneLock{1, 0, 0, 0};

/// A tasklet whose body is `body`.
std::unique_ptr<TestUnit> taskletWith(const std::string &body, const std::string &before = "") {
  return TestUnit::withCode("static spinlock_t lock;\n" + before + "\nstatic void task(struct tasklet_struct *t) { " +
                            body + " }\n" + "void probe(struct tasklet_struct *t) { tasklet_setup(t, task); }\n");
}

TEST(Contexts, CallbackRegisteredByContractIsARoot) {
  auto unit = taskletWith("msleep(1);");
  ASSERT_THAT(unit->rootsOf("task"), ElementsAre(Context::Tasklet));
  EXPECT_THAT(unit->rootsOf("probe"), IsEmpty());
  ASSERT_THAT(unit->contexts.roots, SizeIs(1));
  EXPECT_EQ(unit->contexts.roots[0].why, "task() is a tasklet: registered by tasklet_setup() in probe()");
  std::vector<SleepSite> sites = unit->sitesIn("task");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(unit->calleeOf(sites[0]), "msleep");
  EXPECT_EQ(unit->nodeOf(sites[0]).ambient, Context::Tasklet);
  EXPECT_EQ(sites[0].held, nothing);
  EXPECT_EQ(sites[0].heldBy, noId);
  EXPECT_EQ(sites[0].confidence, Confidence::High);
}

TEST(Contexts, RegistrationThroughAWrapperIsARootToo) {
  auto unit = TestUnit::withCode("static void task(struct tasklet_struct *t) { }\n"
                                 "static void setup(void (*fn)(struct tasklet_struct *), struct tasklet_struct *t) {\n"
                                 "  tasklet_setup(t, fn); }\n"
                                 "void probe(struct tasklet_struct *t) { setup(task, t); }\n");
  EXPECT_THAT(unit->rootsOf("task"), ElementsAre(Context::Tasklet));
}

TEST(Contexts, FlagDecidesTheContextOfACallback) {
  auto unit = TestUnit::withCode(
      "static int hard(int irq, void *data) { msleep(1); return 0; }\n"
      "static int threaded(int irq, void *data) { msleep(1); return 0; }\n"
      "int probe(void) { return request_irq(1, hard, 1, 0) + request_irq(2, threaded, 1 | IRQF_TEST_THREAD, 0); }\n");
  EXPECT_THAT(unit->rootsOf("hard"), ElementsAre(Context::HardIrq));
  EXPECT_THAT(unit->rootsOf("threaded"), ElementsAre(Context::Process));
  EXPECT_THAT(unit->sitesIn("hard"), SizeIs(1));
  EXPECT_THAT(unit->sitesIn("threaded"), IsEmpty());
}

TEST(Contexts, QueueDecidesTheContextOfAWorkItem) {
  auto unit =
      TestUnit::withCode("struct dev { struct work_struct soft, plain; };\n"
                         "static void soft(struct work_struct *w) { msleep(1); }\n"
                         "static void plain(struct work_struct *w) { msleep(1); }\n"
                         "void probe(struct dev *d) { INIT_WORK(&d->soft, soft); INIT_WORK(&d->plain, plain); }\n"
                         "void kick(struct dev *d) {\n"
                         "  queue_work(system_bh_wq, &d->soft); queue_work(system_wq, &d->plain); }\n");
  EXPECT_THAT(unit->rootsOf("soft"), Contains(Context::BhWork));
  EXPECT_THAT(unit->rootsOf("plain"), ElementsAre(Context::Process));
  ASSERT_THAT(unit->sitesIn("soft"), SizeIs(1));
  EXPECT_EQ(unit->nodeOf(unit->sitesIn("soft")[0]).ambient, Context::BhWork);
  EXPECT_THAT(unit->sitesIn("plain"), IsEmpty());
}

TEST(Contexts, LockUnderOneConditionAndSleepUnderAnotherIsNotCertain) {
  auto unit = TestUnit::withCode(
      "struct dev { int atomic, quick; };\nstatic spinlock_t lock;\n"
      "static void careful(struct dev *d) { if (!d->quick) msleep(1); }\n"
      "static void rude(void) { msleep(1); }\n"
      "void both(struct dev *d) { if (d->atomic) spin_lock(&lock); careful(d); if (d->atomic) spin_unlock(&lock); }\n"
      "void sleeps(struct dev *d) { if (d->atomic) spin_lock(&lock); rude(); if (d->atomic) spin_unlock(&lock); }\n"
      "void locks(struct dev *d) { spin_lock(&lock); careful(d); spin_unlock(&lock); }\n");
  EXPECT_EQ(unit->confidenceIn("rude"), Confidence::High); // whenever the lock is taken
  EXPECT_EQ(unit->confidenceIn("careful"), Confidence::High); // by locks(), which always takes it
  EXPECT_FALSE(unit->sitesIn("careful")[0].isLockOptional);

  auto alone = TestUnit::withCode(
      "struct dev { int atomic, quick; };\nstatic spinlock_t lock;\n"
      "static void careful(struct dev *d) { if (!d->quick) msleep(1); }\n"
      "void both(struct dev *d) { if (d->atomic) spin_lock(&lock); careful(d); if (d->atomic) spin_unlock(&lock); }\n");
  EXPECT_EQ(alone->confidenceIn("careful"), Confidence::Medium);
  EXPECT_TRUE(alone->sitesIn("careful")[0].isLockOptional);
}

TEST(Contexts, BranchesThatDecideNothingLeaveNoCondition) {
  auto unit = TestUnit::withCode("struct dev { int a, b, c, used; };\nstatic spinlock_t lock;\n"
                                 "static void inner(struct dev *d) { if (d->a) d->used = 1; while (d->b) d->b--; if "
                                 "(d->c) d->used++; msleep(1); }\n"
                                 "void outer(struct dev *d) { spin_lock(&lock); inner(d); spin_unlock(&lock); }\n");
  const Summary &inner = unit->summaries[unit->id("inner")];
  ASSERT_THAT(inner.sleeps, SizeIs(1));
  EXPECT_THAT(inner.sleeps[0].guard, IsEmpty());
  EXPECT_EQ(inner.sleeps[0].avoidableCalls, 0);
  EXPECT_EQ(unit->confidenceIn("inner"), Confidence::High);
}

TEST(Contexts, LockThatTheSameCallStillHoldsIsNotTakenAgain) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\nint put(int n);\n"
                                 "void again(int n) {\n"
                                 "  do { spin_lock(&lock); if (put(n)) spin_unlock(&lock); } while (n--);\n"
                                 "  spin_unlock(&lock); msleep(1); }\n");
  EXPECT_THAT(unit->sitesIn("again"), IsEmpty());
}

TEST(Contexts, FieldOfWhichTheChainKnowsTheContraryIsNotCertain) {
  const std::string careful = "struct dev { int slow; }; static spinlock_t lock; struct dev *find(int n);\n"
                              "static void careful(int n) { struct dev *d = find(n); if (d->slow) msleep(1); }\n";
  auto sets = TestUnit::withCode(careful + "void sets(int n) { struct dev *d = find(n); spin_lock(&lock);\n"
                                           "  d->slow = 0; careful(n); spin_unlock(&lock); }\n");
  ASSERT_THAT(sets->sitesIn("careful"), SizeIs(1));
  EXPECT_TRUE(sets->sitesIn("careful")[0].isFieldContradicted);
  EXPECT_EQ(sets->sitesIn("careful")[0].confidence, Confidence::Medium);
  auto tests = TestUnit::withCode(careful + "void tests(int n) { struct dev *d = find(n); spin_lock(&lock);\n"
                                            "  if (!d->slow) careful(n); spin_unlock(&lock); }\n");
  ASSERT_THAT(tests->sitesIn("careful"), SizeIs(1));
  EXPECT_TRUE(tests->sitesIn("careful")[0].isFieldContradicted);
  auto agrees = TestUnit::withCode(careful + "void agrees(int n) { struct dev *d = find(n); spin_lock(&lock);\n"
                                             "  if (d->slow) careful(n); spin_unlock(&lock); }\n");
  ASSERT_THAT(agrees->sitesIn("careful"), SizeIs(1));
  EXPECT_FALSE(agrees->sitesIn("careful")[0].isFieldContradicted);
}

TEST(Contexts, FlagInAnObjectThatDecidesIsNotCertain) {
  auto unit = TestUnit::withCode("struct req { unsigned flags; }; static spinlock_t lock;\n"
                                 "void set(struct req *r) { r->flags |= 4; }\n"
                                 "static void flag(struct req *r) { if (r->flags & 4) msleep(1); }\n"
                                 "void outer(struct req *r) { spin_lock(&lock); flag(r); spin_unlock(&lock); }\n"
                                 "void own(struct req *r) { spin_lock(&lock); if (r->flags & 4) msleep(1);\n"
                                 "  spin_unlock(&lock); }\n"
                                 "void before(struct req *r) { if (r->flags & 4) { spin_lock(&lock); msleep(1);\n"
                                 "  spin_unlock(&lock); } }\n");
  ASSERT_THAT(unit->sitesIn("flag"), SizeIs(1));
  EXPECT_TRUE(unit->sitesIn("flag")[0].doubts & doubtFlag);
  EXPECT_EQ(unit->sitesIn("flag")[0].confidence, Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("own"), Confidence::High);
  ASSERT_THAT(unit->sitesIn("before"), SizeIs(1));
  EXPECT_FALSE(unit->sitesIn("before")[0].doubts & doubtFlag);
  EXPECT_FALSE(unit->sitesIn("before")[0].isFlagUnset);
  EXPECT_EQ(unit->sitesIn("before")[0].confidence, Confidence::High); // what was tested before the lock was taken
}

TEST(Contexts, TestForBeingAbleToSleepKnowsTheLocksHeld) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "static void *get(void) { return kmalloc(1, may_sleep_here() ? GFP_KERNEL : GFP_ATOMIC); }\n"
                                 "static void *rude(void) { return kmalloc(1, may_sleep_here() ? GFP_ATOMIC : GFP_KERNEL); }\n"
                                 "void outer(void) { spin_lock(&lock); get(); rude(); spin_unlock(&lock); }\n");
  EXPECT_THAT(unit->sitesIn("get"), IsEmpty());
  EXPECT_THAT(unit->sitesIn("rude"), SizeIs(1));
}

TEST(Contexts, AnswerOfATestOutlivesWhatItAskedAbout) {
  // might sleep here? said before the lock was taken
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "static int take(void) { int was = may_sleep_here(); spin_lock(&lock); return was; }\n"
                                 "static void give(int was) { if (was) spin_unlock(&lock); else spin_unlock(&lock); }\n"
                                 "void outer(void) { int was = take(); give(was); msleep(1); }\n"
                                 "void inner(void) { int was = may_sleep_here(); spin_lock(&lock); if (was) spin_unlock(&lock);\n"
                                 "  if (was) msleep(1); if (!was) spin_unlock(&lock); }\n");
  EXPECT_THAT(unit->sitesIn("outer"), IsEmpty());
  EXPECT_THAT(unit->sitesIn("inner"), IsEmpty());
}

TEST(Contexts, FlagOnTheWayToACalleeIsNotCertainEither) {
  auto unit = TestUnit::withCode("struct req { unsigned flags; }; static spinlock_t lock;\n"
                                 "static void slow(struct req *r) { msleep(1); }\n"
                                 "static void flag(struct req *r) { if (r->flags & 4) slow(r); }\n"
                                 "void outer(struct req *r) { spin_lock(&lock); flag(r); spin_unlock(&lock); }\n");
  ASSERT_THAT(unit->sitesIn("slow"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("slow")[0].doubts, doubtFlag);
  EXPECT_EQ(unit->sitesIn("slow")[0].confidence, Confidence::Medium);
}

TEST(Contexts, FunctionThatAsksForItsContextIsNotCertain) {
  // Whichever of the two tests is the one that was decided, and wherever the field was set.
  auto unit = TestUnit::withCode("struct io { int in_bh; }; static spinlock_t lock; extern int key;\n"
                                 "static void slow(struct io *i) { msleep(1); }\n"
                                 "static void step(struct io *i) { if (key && i->in_bh) return; slow(i); }\n"
                                 "void outer(struct io *i) { spin_lock(&lock); step(i); spin_unlock(&lock); }\n"
                                 "void own(struct io *i) { spin_lock(&lock); if (!i->in_bh) msleep(1);\n"
                                 "  spin_unlock(&lock); }\n");
  ASSERT_THAT(unit->sitesIn("slow"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("slow")[0].doubts, doubtFlag);
  EXPECT_EQ(unit->sitesIn("slow")[0].confidence, Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("own"), Confidence::High); // sees the lock and the field
}

TEST(Contexts, WhoPassesFlagsDoesNotRelyOnWhatTheCalleeDoesWithThem) {
  const std::string callee = "extern int pending(void);\n"
                             "static void fill(unsigned flags) { if (pending()) kmalloc(1, flags); }\n"
                             "void tell(unsigned flags) { if (pending()) fill(flags); }\n"
                             "static void sloth(void) { if (pending()) msleep(1); }\n"
                             "void doze(void) { if (pending()) sloth(); }\n";
  const std::string callers = "extern void tell(unsigned flags); extern void doze(void); static spinlock_t lock;\n"
                              "void passes(void) { spin_lock(&lock); tell(GFP_KERNEL); spin_unlock(&lock); }\n"
                              "void relies(void) { spin_lock(&lock); doze(); spin_unlock(&lock); }\n";
  auto unit = TestUnit::withUnits({{"a.c", "a", callee}, {"b.c", "b", callers}});
  ASSERT_THAT(unit->sitesIn("passes"), SizeIs(1));
  EXPECT_FALSE(unit->sitesIn("passes")[0].isTooConditional);
  EXPECT_EQ(unit->sitesIn("passes")[0].confidence, Confidence::High);
  ASSERT_THAT(unit->sitesIn("relies"), SizeIs(1));
  EXPECT_TRUE(unit->sitesIn("relies")[0].isTooConditional);
}

TEST(Contexts, LastReferenceIsNotCertain) {
  auto unit = TestUnit::withCode("struct obj { int count; }; static spinlock_t lock;\n"
                                 "static void put(struct obj *o) { if (dec_and_test(&o->count)) msleep(1); }\n"
                                 "static void drop(struct obj *o) { if (!dec_and_test(&o->count)) msleep(1); }\n"
                                 "void puts(struct obj *o) { spin_lock(&lock); put(o); spin_unlock(&lock); }\n"
                                 "void drops(struct obj *o) { spin_lock(&lock); drop(o); spin_unlock(&lock); }\n"
                                 "void frees(struct obj *o) { if (dec_and_test(&o->count)) { spin_lock(&lock);\n"
                                 "  msleep(1); spin_unlock(&lock); } }\n");
  ASSERT_THAT(unit->sitesIn("put"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("put")[0].doubts, doubtLastReference);
  EXPECT_EQ(unit->sitesIn("put")[0].confidence, Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("drop"), Confidence::High);
  ASSERT_THAT(unit->sitesIn("frees"), SizeIs(1)); // its own lock, whatever led to it
  EXPECT_EQ(unit->sitesIn("frees")[0].confidence, Confidence::High);
}

TEST(Contexts, ArgumentDecidesAlsoWhereTheCalleeSleepsInAnyCase) {
  // For its callers step() just sleeps; inside, `polls` still decides about one of the sleeps.
  auto unit = TestUnit::withCode("static spinlock_t lock; void other(void) { msleep(2); }\n"
                                 "static void wait(int polls) { if (!polls) msleep(1); }\n"
                                 "static void step(int polls) { wait(polls); other(); }\n"
                                 "void outer(void) { spin_lock(&lock); step(1); spin_unlock(&lock); }\n");
  EXPECT_THAT(unit->sitesIn("wait"), IsEmpty());
  EXPECT_THAT(unit->sitesIn("other"), SizeIs(1));
}

TEST(Contexts, ReferenceThatItsHolderGivesUpMayBeTheLast) {
  auto unit = TestUnit::withCode(
      "struct obj { int count; }; struct holder { struct obj *o, *next; }; static spinlock_t lock;\n"
      "static void put(struct obj *o) { if (dec_and_test(&o->count)) msleep(1); }\n"
      "static void drop(struct obj *o) { if (dec_and_test(&o->count)) msleep(2); }\n"
      "static void none(struct obj *o) { if (dec_and_test(&o->count)) msleep(3); }\n"
      "void replaces(struct holder *h, struct obj *n) { spin_lock(&lock); put(h->o); h->o = n; spin_unlock(&lock); }\n"
      "void takes(struct holder *h) { spin_lock(&lock); struct obj *o = h->o; h->o = 0; drop(o); spin_unlock(&lock); }\n"
      "void another(struct holder *h) { spin_lock(&lock); none(h->o); h->next = 0; spin_unlock(&lock); }\n");
  for (const char *function : {"put", "drop"}) {
    ASSERT_THAT(unit->sitesIn(function), SizeIs(1));
    EXPECT_EQ(unit->sitesIn(function)[0].doubts, noDoubt) << function;
    EXPECT_EQ(unit->sitesIn(function)[0].confidence, Confidence::High) << function;
  }
  ASSERT_THAT(unit->sitesIn("none"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("none")[0].doubts, doubtLastReference);
}

TEST(Contexts, LockThatACalleeTakesOrNotIsNotCertain) {
  auto unit = TestUnit::withCode("struct dev { int slow; spinlock_t lock; };\n"
                                 "static void take(struct dev *d) { if (!d->slow) spin_lock(&d->lock); }\n"
                                 "static int try(struct dev *d) { if (!spin_trylock(&d->lock)) return 0; return 1; }\n"
                                 "void takes(struct dev *d) { take(d); msleep(1); if (!d->slow) spin_unlock(&d->lock); }\n"
                                 "void tries(struct dev *d) { if (try(d)) { msleep(1); spin_unlock(&d->lock); } }\n");
  ASSERT_THAT(unit->sitesIn("takes"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("takes")[0].doubts, doubtConditionalLock);
  EXPECT_EQ(unit->sitesIn("takes")[0].confidence, Confidence::Medium);
  EXPECT_EQ(unit->confidenceIn("tries"), Confidence::High);
}

TEST(Contexts, CalleeThatMayReleaseTheLockIsNotCertain) {
  // Two ways of returning that differ in the lock, and that no caller can tell apart: by a local of unknown value.
  auto unit = TestUnit::withCode("static spinlock_t lock; int ask(void);\n"
                                 "static void odd(void) { int n = ask(); if (n == 1) spin_unlock(&lock);\n"
                                 "  if (n == 2) spin_lock(&lock); }\n"
                                 "void under(void) { spin_lock(&lock); odd(); msleep(1); spin_unlock(&lock); }\n");
  ASSERT_THAT(unit->sitesIn("under"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("under")[0].doubts, doubtUnclearRelease);
  EXPECT_EQ(unit->sitesIn("under")[0].confidence, Confidence::Medium);
}

TEST(Contexts, WorkItemThatIsSetWhereItIsQueuedRunsThatFunction) {
  auto unit = TestUnit::withCode(
      "struct dev { struct work_struct work; };\n"
      "static void early(struct work_struct *w) { msleep(1); }\n"
      "static void late(struct work_struct *w) { msleep(1); }\n"
      "void probe(struct dev *d) { INIT_WORK(&d->work, early); queue_work(system_wq, &d->work); }\n"
      "void kick(struct dev *d) { INIT_WORK(&d->work, late); queue_work(system_bh_wq, &d->work); }\n");
  EXPECT_THAT(unit->rootsOf("late"), Contains(Context::BhWork));
  EXPECT_THAT(unit->rootsOf("early"), ElementsAre(Context::Process));
  // Where it is set elsewhere, any of them may be meant.
  auto open = TestUnit::withCode(
      "struct dev { struct work_struct work; };\n"
      "static void one(struct work_struct *w) { msleep(1); }\n"
      "static void two(struct work_struct *w) { msleep(1); }\n"
      "void probe(struct dev *d, int n) { if (n) INIT_WORK(&d->work, one); else INIT_WORK(&d->work, two); }\n"
      "void kick(struct dev *d) { queue_work(system_bh_wq, &d->work); }\n");
  EXPECT_EQ(open->confidenceIn("one"), Confidence::Medium);
}

TEST(Contexts, FlagThatAModulePassesChangesTheContract) {
  const char *code = "static struct port port; static int start(struct port *p) { msleep(1); return 0; }\n"
                     "void probe(void) { port.start = start; add_port(&port, ";
  EXPECT_THAT(TestUnit::withCode(std::string(code) + "1); }\n")->rootsOf("start"), ElementsAre(Context::Softirq));
  EXPECT_THAT(TestUnit::withCode(std::string(code) + "1 | PORT_MAY_SLEEP); }\n")->rootsOf("start"),
              ElementsAre(Context::Process));
}

TEST(Contexts, FlagOfOneObjectDoesNotChangeAnothers) {
  auto unit = TestUnit::withCode("struct dev { struct port quick, slow; };\n"
                                 "static int quick(struct port *p) { return 0; }\n"
                                 "static int slow(struct port *p) { msleep(1); return 0; }\n"
                                 "void probe(struct dev *d) { d->quick.start = quick; add_port(&d->quick, 0);\n"
                                 "  d->slow.start = slow; add_port(&d->slow, PORT_MAY_SLEEP); }\n");
  EXPECT_THAT(unit->rootsOf("quick"), ElementsAre(Context::Softirq));
  EXPECT_THAT(unit->rootsOf("slow"), ElementsAre(Context::Process));
}

TEST(Contexts, ChainsOfManyConditionsAreNotCertain) {
  const unsigned most = smallRules().calibration.conditionalCalls[0].most; // for a module of one unit
  std::string code = "static spinlock_t lock;\nstatic void f0(int n) { if (n > 1) msleep(1); }\n";
  for (unsigned i = 1; i <= most; ++i)
    code += "static void f" + std::to_string(i) + "(int n) { if (n > 2) f" + std::to_string(i - 1) + "(n); }\n";
  auto of = [&](unsigned depth) {
    auto unit = TestUnit::withCode(code + "void top(int n) { spin_lock(&lock); f" + std::to_string(depth) +
                                   "(n); spin_unlock(&lock); }\n");
    std::vector<SleepSite> sites = unit->sitesIn("f0");
    EXPECT_THAT(sites, SizeIs(1));
    return sites.empty() ? SleepSite() : sites[0];
  };
  EXPECT_EQ(of(most - 1).avoidableCalls, most);
  EXPECT_EQ(of(most - 1).confidence, Confidence::High);
  EXPECT_EQ(of(most).confidence, Confidence::Medium);
}

TEST(Contexts, ConditionsOfLargerModulesAreLessCertain) {
  const char *code = "static spinlock_t lock;\nstatic void low(int n) { if (n > 1) msleep(1); }\n"
                     "static void mid(int n) { if (n > 2) low(n); }\n"
                     "void top(int n) { spin_lock(&lock); mid(n); spin_unlock(&lock); }\n";
  auto alone = TestUnit::withUnits({{"a.c", "m", code}}), two = TestUnit::withUnits({{"a.c", "m", code}, {"b.c", "m", "int b;\n"}});
  EXPECT_EQ(alone->confidenceIn("low"), Confidence::High);
  ASSERT_THAT(two->sitesIn("low"), SizeIs(1));
  EXPECT_EQ(two->sitesIn("low")[0].avoidableCalls, 2u);
  EXPECT_TRUE(two->sitesIn("low")[0].isTooConditional);
  EXPECT_EQ(two->sitesIn("low")[0].confidence, Confidence::Medium);
}

TEST(Contexts, SleepUnderALockIsASite) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "void under(void) { spin_lock(&lock); msleep(1); spin_unlock(&lock); }\n"
                                 "void after(void) { spin_lock(&lock); spin_unlock(&lock); msleep(1); }\n");
  std::vector<SleepSite> sites = unit->sitesIn("under");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(sites[0].kind, SleepKind::Sleep);
  EXPECT_EQ(sites[0].held, oneLock);
  EXPECT_EQ(sites[0].heldBy, sites[0].node);
  const BodyEvent &acquire = unit->program.bodyOf(unit->id("under"))->events[sites[0].heldAt];
  EXPECT_EQ(acquire.index, unit->id("spin_lock"));
  EXPECT_EQ(unit->nodeOf(sites[0]).ambient, Context::Process);
  EXPECT_THAT(unit->sitesIn("after"), IsEmpty());
}

TEST(Contexts, CalleeIsEnteredWithTheLockOfItsCaller) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "static void inner(int wait) { if (wait) msleep(1); }\n"
                                 "void waits(void) { spin_lock(&lock); inner(1); spin_unlock(&lock); }\n"
                                 "void does_not(void) { spin_lock(&lock); inner(0); spin_unlock(&lock); }\n");
  std::vector<SleepSite> sites = unit->sitesIn("inner");
  ASSERT_THAT(sites, SizeIs(1));
  const ContextNode &node = unit->nodeOf(sites[0]);
  ASSERT_NE(node.parent, noId);
  EXPECT_EQ(unit->contexts.nodes[node.parent].function, unit->id("waits"));
  EXPECT_EQ(node.heldBy, node.parent);
  EXPECT_EQ(node.held, oneLock);
  EXPECT_EQ(node.hop, Hop::Call);
  EXPECT_EQ(sites[0].confidence, Confidence::High);
  for (const ContextNode &other : unit->contexts.nodes)
    EXPECT_NE(other.function, unit->id("does_not")) << "nothing can sleep there";
}

TEST(Contexts, TestForInterruptGuards) {
  EXPECT_THAT(taskletWith("if (in_interrupt()) return; msleep(1);")->sitesIn("task"), IsEmpty());
  EXPECT_THAT(taskletWith("if (!in_interrupt()) return; msleep(1);")->sitesIn("task"), SizeIs(1));
  EXPECT_THAT(taskletWith("kmalloc(8, in_interrupt() ? GFP_ATOMIC : GFP_KERNEL);")->sitesIn("task"), IsEmpty());
  EXPECT_THAT(taskletWith("kmalloc(8, in_interrupt() ? GFP_KERNEL : GFP_ATOMIC);")->sitesIn("task"), SizeIs(1));
  // Behind a function of the driver's own.
  const char *wrapper = "static int must_not_wait(void) { return in_interrupt(); }";
  EXPECT_THAT(taskletWith("if (!must_not_wait()) msleep(1);", wrapper)->sitesIn("task"), IsEmpty());
  EXPECT_THAT(taskletWith("if (must_not_wait()) msleep(1);", wrapper)->sitesIn("task"), SizeIs(1));
}

TEST(Contexts, TestForInterruptSeesBottomHalvesOffButNoSpinlock) {
  auto unit = TestUnit::withCode(
      "static spinlock_t lock;\n"
      "void bottom(void) { local_bh_disable(); if (!in_interrupt()) msleep(1); local_bh_enable(); }\n"
      "void spin(void) { spin_lock(&lock); if (!in_interrupt()) msleep(1); spin_unlock(&lock); }\n");
  EXPECT_THAT(unit->sitesIn("bottom"), IsEmpty());
  EXPECT_THAT(unit->sitesIn("spin"), SizeIs(1));
}

TEST(Contexts, AmbientCannotBeGivenUpByUnlocking) {
  auto unit = taskletWith("spin_unlock(&lock); msleep(1); spin_lock(&lock);");
  ASSERT_THAT(unit->sitesIn("task"), SizeIs(1));
  EXPECT_EQ(unit->sitesIn("task")[0].held, nothing);
  // That of a lock can, also by a callee.
  auto locked = TestUnit::withCode("static spinlock_t lock;\n"
                                   "static void wait(void) { spin_unlock(&lock); msleep(1); spin_lock(&lock); }\n"
                                   "void outer(void) { spin_lock(&lock); wait(); spin_unlock(&lock); }\n");
  EXPECT_THAT(locked->contexts.sites, IsEmpty());
  // An unlock without a lock makes no room for one.
  auto unbalanced = taskletWith("spin_unlock(&lock); spin_lock(&lock); msleep(1);");
  ASSERT_THAT(unbalanced->sitesIn("task"), SizeIs(1));
  EXPECT_EQ(unbalanced->sitesIn("task")[0].held, oneLock);
}

TEST(Contexts, CallbackThroughAParameterIsCalledInItsCallersState) {
  auto unit = TestUnit::withCode("static spinlock_t lock;\n"
                                 "static void visit(void (*fn)(int)) { spin_lock(&lock); fn(1); spin_unlock(&lock); }\n"
                                 "static void sleeps(int n) { msleep(n); }\n"
                                 "static void quick(int n) { }\n"
                                 "void one(void) { visit(sleeps); }\n"
                                 "void two(void) { visit(quick); }\n");
  std::vector<SleepSite> sites = unit->sitesIn("sleeps");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(sites[0].held, oneLock);
  const ContextNode &node = unit->nodeOf(sites[0]);
  ASSERT_NE(node.parent, noId);
  EXPECT_EQ(unit->contexts.nodes[node.parent].function, unit->id("visit"));
  EXPECT_EQ(unit->contexts.sites.size(), 1u);
}

TEST(Contexts, CallbackThatAContractCallsInTheCallersContext) {
  auto unit = taskletWith("for_each_port(port, 0);", "static void port(void *data) { msleep(1); }");
  EXPECT_THAT(unit->rootsOf("port"), IsEmpty());
  std::vector<SleepSite> sites = unit->sitesIn("port");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(unit->nodeOf(sites[0]).hop, Hop::Callback);
  EXPECT_EQ(unit->nodeOf(sites[0]).ambient, Context::Tasklet);
}

const std::string opsType = "struct ops { void (*go)(void); };\n";
const std::string user = opsType + "static spinlock_t lock;\n"
                                   "void use(struct ops *o) { spin_lock(&lock); o->go(); spin_unlock(&lock); }\n";
const TestUnit::Source sleepingModule{"a.c", "a",
                                      opsType + "static void a_go(void) { msleep(1); }\n"
                                                "const struct ops a_ops = { .go = a_go };\n"};

TEST(Contexts, TableOfAnotherModuleIsNotUsedWhenTheOwnModuleHasOne) {
  auto unit = TestUnit::withUnits({sleepingModule,
                                   {"b.c", "b",
                                    user + "static void b_go(void) { }\n"
                                           "const struct ops b_ops = { .go = b_go };\n"}});
  EXPECT_THAT(unit->contexts.sites, IsEmpty());
}

TEST(Contexts, TableOfAnotherModuleIsUsedWhenThereIsNoOther) {
  auto unit = TestUnit::withUnits({sleepingModule, {"b.c", "b", user}});
  std::vector<SleepSite> sites = unit->sitesIn("a_go");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(unit->nodeOf(sites[0]).hop, Hop::Indirect);
  EXPECT_EQ(sites[0].confidence, Confidence::High);
}

TEST(Contexts, CallThroughAFieldThatWasJustSetIsThatFunction) {
  auto unit = TestUnit::withCode("struct dev { void (*go)(struct dev *d); }; static spinlock_t lock;\n"
                                 "static void quick(struct dev *d) { }\n"
                                 "static void slow(struct dev *d) { msleep(1); }\n"
                                 "void one(struct dev *d) { d->go = slow; spin_lock(&lock); d->go = quick; d->go(d);\n"
                                 "  spin_unlock(&lock); }\n"
                                 "void two(struct dev *d) { d->go = quick; spin_lock(&lock); d->go = slow; d->go(d);\n"
                                 "  spin_unlock(&lock); }\n");
  std::vector<SleepSite> sites = unit->sitesIn("slow");
  ASSERT_THAT(sites, SizeIs(1));
  EXPECT_EQ(sites[0].confidence, Confidence::High);
  EXPECT_EQ(unit->contexts.nodes[unit->nodeOf(sites[0]).parent].function, unit->id("two"));
}

TEST(Contexts, DoNotDependOnTheOrderOfUnits) {
  TestUnit::Source other{"b.c", "b", user};
  auto one = TestUnit::withUnits({sleepingModule, other}), two = TestUnit::withUnits({other, sleepingModule});
  ASSERT_EQ(one->contexts.sites.size(), two->contexts.sites.size());
  ASSERT_THAT(one->contexts.sites, Not(IsEmpty()));
  for (std::size_t i = 0; i < one->contexts.sites.size(); ++i) {
    EXPECT_EQ(one->contexts.sites[i].node, two->contexts.sites[i].node);
    EXPECT_EQ(one->contexts.sites[i].event, two->contexts.sites[i].event);
    EXPECT_EQ(one->contexts.sites[i].callee, two->contexts.sites[i].callee);
  }
}

} // namespace
} // namespace bhlint
