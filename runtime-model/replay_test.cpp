#include "runtime-model/replay.h"

#include <chrono>
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

TEST(ReplayFinding, WithoutACheckTheSchedulerNotices) {
  ReplayRequest sleep = request(Context::Tasklet, ReplaySink::Sleep);
  sleep.sinkName = "msleep";
  sleep.hasCheck = false;
  EXPECT_THAT(replayFinding(sleep).kernelWords, HasSubstr("BUG: scheduling while atomic"));
  sleep.root = Context::IrqsOff;
  const ReplayResult silent = replayFinding(sleep);
  EXPECT_EQ(silent.state, ReplayState::Reproduced);
  EXPECT_THAT(silent.kernelWords, HasSubstr("no report"));
}

TEST(ReplayFinding, ForbiddenCallsAreJudgedByWhereTheyRun) {
  EXPECT_EQ(replayFinding(request(Context::HardIrq, ReplaySink::Forbidden)).state, ReplayState::Reproduced);
  EXPECT_EQ(replayFinding(request(Context::Process, ReplaySink::Forbidden)).state, ReplayState::NotReproduced);
}

TEST(ReplayFinding, IsCheap) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i)
    replayFinding(request(Context::Tasklet));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took.count() / 200, 5.0) << "milliseconds; a sanitizer build is slower than the usual 0.03";
}

} // namespace
} // namespace bhlint::model
