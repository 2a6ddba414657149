// Sections in which something is held off: preemption, local interrupts, bottom halves, RCU readers.
// include/linux/preempt.h, include/linux/bottom_half.h, kernel/softirq.c (both variants), include/linux/rcupdate.h
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::PreemptDisable, Act::PreemptEnable, Act::MigrateDisable, Act::MigrateEnable,
                        Act::IrqDisable, Act::IrqEnable, Act::IrqSave, Act::IrqRestore, Act::BhDisable, Act::BhEnable,
                        Act::RcuLock, Act::RcuUnlock, Act::RcuBhLock, Act::RcuBhUnlock, Act::RcuSchedLock,
                        Act::RcuSchedUnlock};

constexpr std::uint8_t flagStack = 0x7e; // bits of Frame::result that keep saved interrupt flags

void enableIrqs(Machine &machine, unsigned cpu) {
  if (inHardirqContext(machine.state, cpu))
    report(machine, cpu, Problem::Warning,
           "DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context()): interrupts enabled in a primary handler");
  machine.state.cpus[cpu].irqsOff = 0;
}

void saveFlags(Machine &machine, unsigned cpu) {
  Frame &frame = activeFrame(machine.state, cpu);
  const unsigned saved = (frame.result & flagStack) << 1 | (machine.state.cpus[cpu].irqsOff ? 2u : 0u);
  frame.result = static_cast<std::uint8_t>((frame.result & ~flagStack) | (saved & flagStack));
  machine.state.cpus[cpu].irqsOff = 1;
}

void restoreFlags(Machine &machine, unsigned cpu) {
  Frame &frame = activeFrame(machine.state, cpu);
  const bool wasOff = frame.result & 2;
  const unsigned rest = (frame.result & flagStack) >> 1;
  frame.result = static_cast<std::uint8_t>((frame.result & ~flagStack) | (rest & flagStack));
  if (!machine.state.cpus[cpu].irqsOff)
    report(machine, cpu, Problem::Warning, "raw_local_irq_restore() called with IRQs enabled");
  machine.state.cpus[cpu].irqsOff = wasOff;
}

/// RT: a task on this CPU that holds softirq_ctrl.lock keeps all others out.
bool ready(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (instruction.act != Act::BhDisable && instruction.act != Act::RcuBhLock)
    return true;
  const Task &task = currentTask(machine.state, cpu);
  if (!machine.system.profile.rt || task.bhDisabled || !isPreemptible(machine.state, cpu))
    return true;
  for (unsigned t = 0; t < machine.system.tasks.size(); ++t)
    if (&machine.state.tasks[t] != &task && machine.state.tasks[t].cpu == task.cpu && machine.state.tasks[t].bhDisabled)
      return false;
  return true;
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  Cpu &c = machine.state.cpus[cpu];
  Task &task = currentTask(machine.state, cpu);
  switch (instruction.act) {
  case Act::PreemptDisable: c.preemptCount += preemptOffset; break;
  case Act::PreemptEnable: c.preemptCount -= preemptOffset; break;
  case Act::MigrateDisable: task.flags |= taskMigrateOff; break;
  case Act::MigrateEnable: task.flags &= static_cast<std::uint8_t>(~taskMigrateOff); break;
  case Act::IrqDisable: c.irqsOff = 1; break;
  case Act::IrqEnable: enableIrqs(machine, cpu); break;
  case Act::IrqSave: saveFlags(machine, cpu); break;
  case Act::IrqRestore: restoreFlags(machine, cpu); break;
  case Act::RcuLock: takeRcuSection(machine, cpu, 1); break;
  case Act::RcuUnlock: takeRcuSection(machine, cpu, -1); break;
  case Act::RcuSchedLock:
    c.preemptCount += preemptOffset;
    task.flags |= taskRcuSched;
    break;
  case Act::RcuSchedUnlock:
    c.preemptCount -= preemptOffset;
    task.flags &= static_cast<std::uint8_t>(~taskRcuSched);
    break;
  case Act::BhDisable:
  case Act::RcuBhLock: bhDisable(machine, cpu); break;
  case Act::BhEnable:
  case Act::RcuBhUnlock: {
    // The end of this instruction comes before the softirqs that it runs.
    const bool wasServing = isServingSoftirq(machine.system, machine.state, cpu);
    bhEnable(machine, cpu);
    if (machine.state.problem != Problem::None)
      return;
    if (wasServing == isServingSoftirq(machine.system, machine.state, cpu))
      break;
    ++activeFrame(machine.state, cpu).pc; // what comes after waits until softirq.cpp is done
    return;
  }
  default: break;
  }
  if (machine.state.problem == Problem::None)
    advance(machine, cpu);
}

} // namespace

void takeRcuSection(Machine &machine, unsigned cpu, int delta) {
  Task &task = currentTask(machine.state, cpu);
  // Without preemptible RCU a reader is a section with preemption off (include/linux/rcupdate.h).
  if (machine.system.profile.tinyRcu && !machine.system.profile.rt) {
    machine.state.cpus[cpu].preemptCount += static_cast<std::uint32_t>(delta);
    task.flags = static_cast<std::uint8_t>(delta > 0 ? task.flags | taskRcuReader : task.flags & ~taskRcuReader);
    return;
  }
  task.rcuDepth = static_cast<std::uint8_t>(task.rcuDepth + delta);
  if (task.rcuDepth)
    return;
  for (Callback &callback : machine.state.callbacks)
    callback.readers &= ~(1u << machine.state.cpus[cpu].task);
}

void bhDisable(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  if (inHardirqContext(machine.state, cpu))
    report(machine, cpu, Problem::Warning, "WARNING: at kernel/softirq.c __local_bh_disable_ip(): in_hardirq()");
  if (!machine.system.profile.rt) {
    c.preemptCount += softirqDisableOffset;
    return;
  }
  Task &task = currentTask(machine.state, cpu);
  // local_lock(&softirq_ctrl.lock) and rcu_read_lock(), unless the caller is atomic anyway.
  if (task.bhDisabled == 0 && isPreemptible(machine.state, cpu)) {
    takeRcuSection(machine, cpu, 1);
    takeRcuSection(machine, cpu, 1);
  }
  task.bhDisabled = static_cast<std::uint8_t>(task.bhDisabled + 2);
}

void bhEnable(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  if (inHardirqContext(machine.state, cpu))
    report(machine, cpu, Problem::Warning, "WARNING: at kernel/softirq.c __local_bh_enable_ip(): in_hardirq()");
  if (c.irqsOff)
    report(machine, cpu, Problem::Warning, "WARNING: at kernel/softirq.c __local_bh_enable_ip(): irqs_disabled()");
  if (machine.state.problem != Problem::None)
    return;
  if (!machine.system.profile.rt) {
    c.preemptCount -= softirqDisableOffset;
    if (!inInterruptContext(machine.system, machine.state, cpu) && c.pending) {
      c.preemptCount += preemptOffset; // __local_bh_enable_ip() keeps one until softirqs are done
      beginSoftirq(machine, cpu, SoftirqOrigin::BhEnable);
    }
    return;
  }
  Task &task = currentTask(machine.state, cpu);
  const bool wasPreemptible = isPreemptible(machine.state, cpu);
  const bool isOutermost = task.bhDisabled == 2;
  if (isOutermost && c.pending && wasPreemptible) {
    task.bhDisabled = 0;
    beginSoftirq(machine, cpu, SoftirqOrigin::BhEnable);
    return;
  }
  if (isOutermost && c.pending)
    machine.state.tasks[machine.system.ksoftirqd(cpu)].isWoken = 1;
  task.bhDisabled = static_cast<std::uint8_t>(task.bhDisabled - 2);
  if (task.bhDisabled == 0 && wasPreemptible) {
    takeRcuSection(machine, cpu, -1);
    takeRcuSection(machine, cpu, -1);
  }
}

const Mechanism sectionsMechanism = {"sections", acts, ready, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
