// The scheduler: which task runs on which CPU, and where it may be preempted. No priorities and no fairness: whatever
// some scheduler could do is a step, so a property that holds, holds under every scheduler.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

bool isSpinning(const System &system, const State &state, unsigned cpu) {
  const Instruction *next = nextInstruction(system, state, cpu);
  if (!next || next->act != Act::Take || state.locks[next->object].owner == 0)
    return false;
  const LockKind kind = system.locks[next->object].kind;
  return kind == LockKind::Raw || (!system.profile.rt && (kind == LockKind::Spin || kind == LockKind::Local));
}

bool mayGiveUp(const System &system, const State &state, unsigned cpu) {
  const Cpu &c = state.cpus[cpu];
  if (!c.hard.isFree() || c.irqsOff)
    return false;
  if (isIdle(system, state, cpu))
    return c.preemptCount == preemptOffset;
  return system.profile.preemption && c.preemptCount == 0 && !isSpinning(system, state, cpu);
}

bool hasSomethingToDo(const System &system, const State &state, unsigned t, unsigned cpu) {
  const Task &task = state.tasks[t];
  if (task.state == TaskState::Done)
    return false;
  if (task.state == TaskState::Blocked)
    return waitHolds(system, state, task);
  if (!task.base.isFree() || !task.soft.isFree() || (task.bhDisabled & 1))
    return true;
  switch (system.tasks[t].kind) {
  case TaskKind::Ksoftirqd: return hasKsoftirqdWork(system, state, cpu);
  case TaskKind::Kworker:
  case TaskKind::KthreadWorker: return hasWork(system, state, t);
  case TaskKind::IrqThread:
  case TaskKind::Secondary: return task.isWoken;
  case TaskKind::Rcuc: return hasCallbackWork(system, state, t);
  case TaskKind::IrqWorkd: return hasIrqWork(system, state, t);
  default: return false;
  }
}

bool mayRunOn(const System &system, const State &state, unsigned t, unsigned cpu) {
  const Task &task = state.tasks[t];
  if (task.flags & taskOnCpu)
    return false;
  if (system.tasks[t].cpu != 0xff)
    return system.tasks[t].cpu == cpu;
  const bool isStuck = (task.flags & taskMigrateOff) || task.bhDisabled || (system.profile.rt && task.rcuDepth);
  return !isStuck || task.cpu == cpu;
}

/// RT: who begins with local_bh_disable() needs the CPU's softirq lock.
bool bhIsFree(const System &system, const State &state, unsigned t, unsigned cpu) {
  if (!system.profile.rt || !state.tasks[t].base.isFree())
    return true;
  const TaskKind kind = system.tasks[t].kind;
  if (kind != TaskKind::Ksoftirqd && kind != TaskKind::IrqThread && kind != TaskKind::Rcuc)
    return true;
  for (unsigned other = 0; other < system.tasks.size(); ++other)
    if (other != t && state.tasks[other].cpu == cpu && state.tasks[other].bhDisabled)
      return false;
  return true;
}

void enabled(const System &system, const State &state, std::uint8_t self, Steps &steps) {
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu) {
    if (!mayGiveUp(system, state, cpu))
      continue;
    for (unsigned t = system.cpus; t < system.tasks.size(); ++t)
      if (mayRunOn(system, state, t, cpu) && hasSomethingToDo(system, state, t, cpu) && bhIsFree(system, state, t, cpu))
        steps.add({self, static_cast<std::uint8_t>(cpu), 1, static_cast<std::uint8_t>(t)});
  }
}

void apply(Machine &machine, const Step &step) {
  const unsigned cpu = step.cpu;
  switchTo(machine, cpu, step.object);
  Task &task = machine.state.tasks[step.object];
  if (task.state == TaskState::Blocked) {
    task.state = TaskState::Runnable;
    task.waitFor = WaitFor::Nothing;
    task.waitObject = 0;
    return;
  }
  if (!task.base.isFree() || !task.soft.isFree() || (task.bhDisabled & 1))
    return;
  switch (machine.system.tasks[step.object].kind) {
  case TaskKind::Ksoftirqd: beginKsoftirqd(machine, cpu); break;
  case TaskKind::Kworker:
  case TaskKind::KthreadWorker: beginWork(machine, cpu); break;
  case TaskKind::IrqThread:
  case TaskKind::Secondary: beginIrqThread(machine, cpu); break;
  case TaskKind::Rcuc: beginCallbackThread(machine, cpu); break;
  case TaskKind::IrqWorkd: beginIrqWorkThread(machine, cpu); break;
  default: break;
  }
}

} // namespace

const Mechanism tasksMechanism = {"scheduler", {}, nullptr, nullptr, enabled, apply, nullptr};

} // namespace bhlint::model
