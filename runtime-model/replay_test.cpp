#include "runtime-model/catalogue.h"
#include "runtime-model/replay.h"

#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

using testing::HasSubstr;

ReplayRequest request(Context root, ReplaySink sink = ReplaySink::Mutex) {
  ReplayRequest r;
  r.root = root;
  r.rootFunction = "foo";
  r.sink = sink;
  r.sinkName = "mutex_lock";
  return r;
}

TEST(ReplayFinding, EveryContextThatMayNotSleepIsReproduced) {
  for (Context root : {Context::HardIrq, Context::IrqsOff, Context::Softirq, Context::Tasklet, Context::Timer,
                       Context::BhWork, Context::RcuCallback, Context::Completion, Context::BhOff, Context::Atomic,
                       Context::RcuRead}) {
    const ReplayResult result = replayFinding(request(root));
    EXPECT_EQ(result.state, ReplayState::Reproduced) << contextName(root);
    EXPECT_THAT(result.kernelWords, HasSubstr("BUG: sleeping function called from invalid context")) << contextName(root);
    EXPECT_THAT(result.timeline, HasSubstr("foo")) << contextName(root);
  }
}

TEST(ReplayFinding, ProcessContextIsNot) {
  EXPECT_EQ(replayFinding(request(Context::Process)).state, ReplayState::NotReproduced);
  EXPECT_EQ(replayFinding(request(Context::Nmi)).state, ReplayState::NotModelled);
}

TEST(ReplayFinding, EndsInTheKernelsOwnWords) {
  const ReplayResult result = replayFinding(request(Context::Tasklet));
  EXPECT_THAT(result.kernelWords, HasSubstr("in_atomic(): 1, irqs_disabled(): 0"));
  EXPECT_THAT(result.kernelWords, HasSubstr("preempt_count: 101, expected: 0, in softirq"));
}

TEST(ReplayFinding, LocksOnTheWayCount) {
  ReplayRequest held = request(Context::Process);
  held.effects = {{"spin_lock_irqsave(&dev->lock)", 1, 0, 1, 0}};
  EXPECT_EQ(replayFinding(held).state, ReplayState::Reproduced);
  EXPECT_THAT(replayFinding(held).timeline, HasSubstr("spin_lock_irqsave(&dev->lock)"));
  ReplayRequest dropped = held;
  dropped.effects.push_back({"spin_unlock_irqrestore(&dev->lock)", -1, 0, -1, 0});
  EXPECT_EQ(replayFinding(dropped).state, ReplayState::NotReproduced);
}

ReplayRequest call(const char *name, ReplaySink sink, Context root, std::vector<ReplayEffect> effects = {}) {
  ReplayRequest r = request(root, sink);
  r.sinkName = name;
  r.effects = std::move(effects);
  return r;
}

// msleep() has no might_sleep(): what notices is the scheduler, and with nothing but interrupts off nobody does.
TEST(ReplayFinding, WithoutACheckTheSchedulerNotices) {
  EXPECT_THAT(replayFinding(call("msleep", ReplaySink::Sleep, Context::Tasklet)).kernelWords,
              HasSubstr("BUG: scheduling while atomic"));
  const ReplayResult silent = replayFinding(call("msleep", ReplaySink::Sleep, Context::IrqsOff));
  EXPECT_EQ(silent.state, ReplayState::Reproduced);
  EXPECT_THAT(silent.kernelWords, HasSubstr("no report"));
}

// What does not sleep is judged by its own description: unmapping a coherent buffer needs interrupts on, no more.
TEST(ReplayFinding, ForbiddenCallsAreJudgedByTheirOwnSteps) {
  const std::vector<ReplayEffect> irqsave = {{"spin_lock_irqsave(&p->lock)", 1, 0, 1, 0}};
  const std::vector<ReplayEffect> lock = {{"spin_lock(&p->lock)", 1, 0, 0, 0}};
  for (const char *name : {"dma_free_coherent", "dma_free_attrs", "dmam_free_coherent"}) {
    const auto state = [&](Context root, std::vector<ReplayEffect> effects = {}) {
      return replayFinding(call(name, ReplaySink::Forbidden, root, std::move(effects))).state;
    };
    EXPECT_EQ(state(Context::Process, irqsave), ReplayState::Reproduced) << name;
    EXPECT_EQ(state(Context::IrqsOff), ReplayState::Reproduced) << name;
    EXPECT_EQ(state(Context::HardIrq), ReplayState::Reproduced) << name;
    EXPECT_EQ(state(Context::Process, lock), ReplayState::NotReproduced) << name;
    EXPECT_EQ(state(Context::Softirq), ReplayState::NotReproduced) << name;
    EXPECT_EQ(state(Context::Process), ReplayState::NotReproduced) << name;
  }
  const ReplayResult words = replayFinding(call("dma_free_coherent", ReplaySink::Forbidden, Context::Process, irqsave));
  EXPECT_THAT(words.kernelWords, HasSubstr("WARNING: at kernel/dma/mapping.c:650 dma_free_coherent()"));
  EXPECT_THAT(words.timeline, HasSubstr("spin_lock_irqsave(&p->lock)"));

  EXPECT_EQ(replayFinding(call("vfree", ReplaySink::Forbidden, Context::Process, lock)).state, ReplayState::Reproduced);
  EXPECT_EQ(replayFinding(call("vfree", ReplaySink::Forbidden, Context::Softirq)).state, ReplayState::NotReproduced);
  EXPECT_EQ(replayFinding(call("smp_call_function", ReplaySink::Forbidden, Context::IrqsOff)).state, ReplayState::Reproduced);
}

TEST(ReplayFinding, SilentOnesAreNotHiddenByWhatIsHeld) {
  const ReplayResult result = replayFinding(
      call("mutex_trylock", ReplaySink::Forbidden, Context::HardIrq, {{"spin_lock_irqsave(&p->lock)", 1, 0, 1, 0}}));
  EXPECT_EQ(result.state, ReplayState::Reproduced);
  EXPECT_THAT(result.kernelWords, HasSubstr("not allowed here by contract"));
  EXPECT_EQ(replayFinding(call("mutex_trylock", ReplaySink::Forbidden, Context::Process)).state, ReplayState::NotReproduced);
}

TEST(ReplayFinding, AForbiddenCallThatTheModelDoesNotKnowIsNotModelled) {
  const ReplayResult result = replayFinding(call("frobnicate", ReplaySink::Forbidden, Context::HardIrq));
  EXPECT_EQ(result.state, ReplayState::NotModelled);
  EXPECT_THAT(result.why, HasSubstr("frobnicate()"));
}

// Every function that takes an object gets one: no description may be impossible to run.
TEST(ReplayFinding, EveryFunctionOfTheCatalogueCanBeASink) {
  for (const auto &[name, function] : catalogue().functions) {
    const ReplayResult result = replayFinding(call(name.c_str(), ReplaySink::Sleep, Context::Process));
    EXPECT_NE(result.state, ReplayState::NotModelled) << name << ": " << result.why;
  }
}

} // namespace
} // namespace bhlint::model
