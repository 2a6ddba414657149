// RCU callbacks and grace periods. A callback runs in the RCU softirq, in the rcuc thread with bottom halves off on RT,
// and for SRCU in a kworker with bottom halves off. kernel/rcu/tree.c:2560-2600, srcutree.c:1761, tree_plugin.h:331
//
// A grace period may end as soon as every reader that had begun before it is done; how long it takes is not modelled.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::CallRcu, Act::WaitGracePeriod, Act::WaitCallbacks};
constexpr std::uint8_t graceStep = 1;

bool runsInThread(const System &system, const CallbackSpec &spec) {
  return spec.kind == CallbackKind::Srcu || system.profile.rt;
}

std::uint32_t readers(const System &system, const State &state) {
  std::uint32_t mask = 0;
  for (unsigned t = 0; t < system.tasks.size(); ++t)
    if (state.tasks[t].rcuDepth)
      mask |= 1u << t;
  return mask;
}

/// CPUs that are in a section with preemption or interrupts off hold a grace period up as well.
bool isQuiet(const System &system, const State &state) {
  for (unsigned c = 0; c < system.cpus; ++c) {
    const Cpu &cpu = state.cpus[c];
    const std::uint32_t idleCount = cpu.task < system.cpus ? preemptOffset : 0;
    if (cpu.preemptCount > idleCount || cpu.irqsOff)
      return false;
  }
  return true;
}

bool isOver(const Machine &machine, unsigned cpu) {
  Task waiter = currentTask(machine.state, cpu);
  waiter.waitFor = WaitFor::GracePeriod;
  return waitHolds(machine.system, machine.state, waiter);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  switch (instruction.act) {
  case Act::CallRcu: {
    Callback &callback = machine.state.callbacks[instruction.object];
    if (callback.bits & (callbackQueued | callbackReady)) {
      report(machine, cpu, Problem::Warning, "ODEBUG: call_rcu() of an object that is already queued");
      return;
    }
    callback.bits |= callbackQueued;
    callback.cpu = static_cast<std::uint8_t>(cpu);
    callback.readers = readers(machine.system, machine.state);
    break;
  }
  case Act::WaitGracePeriod:
    cameBack(machine, cpu);
    if (currentTask(machine.state, cpu).rcuDepth || (currentTask(machine.state, cpu).flags & taskRcuReader)) {
      report(machine, cpu, Problem::Warning, "WARNING: Illegal synchronize_rcu() in RCU read-side critical section");
      return;
    }
    if (!isOver(machine, cpu)) {
      block(machine, cpu, WaitFor::GracePeriod, 0);
      return;
    }
    break;
  case Act::WaitCallbacks:
    cameBack(machine, cpu);
    for (unsigned i = 0; i < machine.system.callbacks.size(); ++i)
      if (machine.state.callbacks[i].bits) {
        block(machine, cpu, WaitFor::Callbacks, 0);
        return;
      }
    break;
  default: break;
  }
  advance(machine, cpu);
}

void enabled(const System &system, const State &state, std::uint8_t self, Steps &steps) {
  for (unsigned i = 0; i < system.callbacks.size(); ++i) {
    const Callback &callback = state.callbacks[i];
    const Cpu &c = state.cpus[callback.cpu];
    if ((callback.bits & callbackQueued) && !(callback.bits & callbackReady) && !callback.readers &&
        c.hard.isFree() && !c.irqsOff && isQuiet(system, state))
      steps.add({self, callback.cpu, graceStep, static_cast<std::uint8_t>(i)});
  }
}

void apply(Machine &machine, const Step &step) {
  Callback &callback = machine.state.callbacks[step.object];
  callback.bits = static_cast<std::uint8_t>((callback.bits & ~callbackQueued) | callbackReady);
  if (runsInThread(machine.system, machine.system.callbacks[step.object]))
    return;
  Cpu &c = machine.state.cpus[step.cpu];
  if (machine.system.profile.tinyRcu) {
    raiseSoftirq(machine, step.cpu, Vector::Rcu); // rcu_qs() at a context switch
    return;
  }
  c.preemptCount += hardirqOffset; // the tick notices the end of the grace period
  raiseSoftirq(machine, step.cpu, Vector::Rcu);
  c.preemptCount -= hardirqOffset;
  irqExit(machine, step.cpu);
}

int nextReady(const System &system, const State &state, unsigned cpu, bool inThread) {
  for (unsigned i = 0; i < system.callbacks.size(); ++i)
    if ((state.callbacks[i].bits & callbackReady) && state.callbacks[i].cpu == cpu &&
        runsInThread(system, system.callbacks[i]) == inThread)
      return static_cast<int>(i);
  return -1;
}

void start(Machine &machine, unsigned index) {
  Callback &callback = machine.state.callbacks[index];
  callback.bits = static_cast<std::uint8_t>((callback.bits & ~callbackReady) | callbackRunning);
}

} // namespace

bool runCallbackStage(Machine &machine, unsigned cpu) {
  const int index = nextReady(machine.system, machine.state, cpu, false);
  if (index < 0)
    return false;
  start(machine, static_cast<unsigned>(index));
  enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::RcuCallback, static_cast<unsigned>(index));
  return true;
}

bool hasCallbackWork(const System &system, const State &state, unsigned task) {
  return nextReady(system, state, system.tasks[task].cpu, true) >= 0;
}

void beginCallbackThread(Machine &machine, unsigned cpu) {
  const int index = nextReady(machine.system, machine.state, cpu, true);
  start(machine, static_cast<unsigned>(index));
  bhDisable(machine, cpu);
  enterFrame(machine, cpu, currentTask(machine.state, cpu).base, Runs::RcuCallback, static_cast<unsigned>(index));
}

void finishCallback(Machine &machine, unsigned cpu) {
  const bool isThread = activeLevel(machine.state, cpu) == Level::Task;
  Frame &frame = activeFrame(machine.state, cpu);
  machine.state.callbacks[frame.object].bits &= static_cast<std::uint8_t>(~callbackRunning);
  frame = {};
  if (!isThread)
    return;
  const unsigned self = machine.state.cpus[cpu].task;
  bhEnable(machine, cpu);
  if (machine.state.problem == Problem::None && machine.state.cpus[cpu].task == self &&
      !isServingSoftirq(machine.system, machine.state, cpu))
    switchToIdle(machine, cpu);
}

const Mechanism rcuMechanism = {"RCU", acts, nullptr, execute, enabled, apply, nullptr};

} // namespace bhlint::model
