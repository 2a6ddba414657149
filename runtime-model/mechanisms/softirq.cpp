// Softirqs: raising, running on the way out of an interrupt, at local_bh_enable() or in ksoftirqd; vector order, restart
// limit. kernel/softirq.c:536-615 (handle_softirqs), 402-408, 446-464, 643-661, 693-730, 944-958
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

#include <bit>

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::Raise};
constexpr std::uint8_t maxRestart = 10; // MAX_SOFTIRQ_RESTART
constexpr std::uint8_t serveStep = 1;

void wakeKsoftirqd(Machine &machine, unsigned cpu) { machine.state.tasks[machine.system.ksoftirqd(cpu)].isWoken = 1; }

void finish(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  Task &task = currentTask(machine.state, cpu);
  const auto origin = static_cast<SoftirqOrigin>(c.origin);
  c.origin = 0;
  c.passes = 0;
  if (machine.system.profile.rt) {
    task.bhDisabled &= static_cast<std::uint8_t>(~1u);
    if (!task.bhDisabled) {
      takeRcuSection(machine, cpu, -1);
      takeRcuSection(machine, cpu, -1);
    }
  } else {
    c.preemptCount -= softirqOffset;
  }
  c.irqsOff = 0;
  if (origin == SoftirqOrigin::BhEnable) {
    if (!machine.system.profile.rt)
      c.preemptCount -= preemptOffset;
    const std::vector<Instruction> *code = machine.system.code(task.base);
    if (code && task.base.pc >= code->size())
      leaveFrame(machine, cpu);
  } else if (origin == SoftirqOrigin::Ksoftirqd) {
    task.isWoken = c.pending != 0;
    switchToIdle(machine, cpu);
  }
}

/// Between passes: restart, leave the rest to ksoftirqd, or be done.
void endPass(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  if (c.pending && --c.passes > 0) {
    c.snapshot = c.pending;
    c.pending = 0;
    return;
  }
  if (c.pending)
    wakeKsoftirqd(machine, cpu);
  finish(machine, cpu);
}

bool runVector(Machine &machine, unsigned cpu, Vector vector) {
  switch (vector) {
  case Vector::Hi:
  case Vector::Tasklet: return runTaskletStage(machine, cpu, vector == Vector::Hi);
  case Vector::Timer: return runTimerStage(machine, cpu, false);
  case Vector::Hrtimer: return runTimerStage(machine, cpu, true);
  case Vector::Rcu: return runCallbackStage(machine, cpu);
  default: break;
  }
  Cpu &c = machine.state.cpus[cpu];
  const auto index = static_cast<unsigned>(vector);
  if (c.stage || machine.system.vectorPrograms[index] < 0) {
    c.stage = 0;
    return false;
  }
  c.stage = 1;
  enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::Softirq, index);
  return true;
}

/// Runs the next handler. When the last one of a pass is done, decides how to go on.
void serve(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  while (c.snapshot) {
    const auto vector = static_cast<Vector>(std::countr_zero(c.snapshot));
    if (runVector(machine, cpu, vector) || machine.state.problem != Problem::None)
      return;
    c.stage = 0;
    c.snapshot &= static_cast<std::uint16_t>(~(1u << static_cast<unsigned>(vector)));
  }
  endPass(machine, cpu);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  raiseSoftirq(machine, cpu, static_cast<Vector>(instruction.object));
  advance(machine, cpu);
}

void enabled(const System &system, const State &state, std::uint8_t self, Steps &steps) {
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    if (state.cpus[cpu].hard.isFree() && isServingSoftirq(system, state, cpu) && currentTask(state, cpu).soft.isFree())
      steps.add({self, static_cast<std::uint8_t>(cpu), serveStep, 0});
}

void apply(Machine &machine, const Step &step) { serve(machine, step.cpu); }

} // namespace

void raiseSoftirq(Machine &machine, unsigned cpu, Vector vector) {
  machine.state.cpus[cpu].pending |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(vector));
  // raise_softirq_irqoff(): nobody is on the way out who would run it.
  if (!inInterruptContext(machine.system, machine.state, cpu))
    wakeKsoftirqd(machine, cpu);
}

void irqExit(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  if (!c.pending || inInterruptContext(machine.system, machine.state, cpu))
    return;
  if (machine.system.profile.rt || machine.system.profile.threadirqs)
    wakeKsoftirqd(machine, cpu);
  else
    beginSoftirq(machine, cpu, SoftirqOrigin::IrqExit);
}

void beginSoftirq(Machine &machine, unsigned cpu, SoftirqOrigin origin) {
  Cpu &c = machine.state.cpus[cpu];
  c.origin = static_cast<std::uint8_t>(origin);
  c.snapshot = c.pending;
  c.pending = 0;
  c.passes = maxRestart;
  c.stage = 0;
  if (machine.system.profile.rt)
    currentTask(machine.state, cpu).bhDisabled |= 1;
  else
    c.preemptCount += softirqOffset;
}

bool hasKsoftirqdWork(const System &system, const State &state, unsigned cpu) {
  return state.tasks[system.ksoftirqd(cpu)].isWoken && state.cpus[cpu].pending;
}

void beginKsoftirqd(Machine &machine, unsigned cpu) {
  currentTask(machine.state, cpu).isWoken = 0;
  if (machine.system.profile.rt) {
    takeRcuSection(machine, cpu, 1);
    takeRcuSection(machine, cpu, 1);
  }
  beginSoftirq(machine, cpu, SoftirqOrigin::Ksoftirqd);
}

const Mechanism softirqMechanism = {"softirq", acts, nullptr, execute, enabled, apply, nullptr};

} // namespace bhlint::model
