// timer_list (TIMER softirq), hrtimers (hard IRQ, or HRTIMER softirq when soft or on RT), irq_work (hard IRQ, or a thread
// on RT). kernel/time/timer.c:1618-1670,1765-1860, kernel/time/hrtimer.c:1622, kernel/irq_work.c:200-295
//
// There is no clock: an armed timer may expire at any moment, which covers every delay.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::TimerArm, Act::TimerDelete, Act::TimerWait, Act::TimerShutdown};
constexpr std::uint8_t expireStep = 1;

enum class Where : std::uint8_t { Hard, TimerSoftirq, HrtimerSoftirq, Thread };

Where whereRuns(const System &system, TimerKind kind) {
  switch (kind) {
  case TimerKind::Timer:
  case TimerKind::IrqSafe: return Where::TimerSoftirq;
  case TimerKind::HrSoft: return Where::HrtimerSoftirq;
  case TimerKind::HrDefault: return system.profile.rt ? Where::HrtimerSoftirq : Where::Hard;
  case TimerKind::IrqWork: return system.profile.rt ? Where::Thread : Where::Hard;
  case TimerKind::HrHard:
  case TimerKind::IrqWorkHard:
  case TimerKind::Ipi: return Where::Hard;
  }
  return Where::Hard;
}

bool runsHere(const State &state, unsigned cpu, unsigned index) {
  const Cpu &c = state.cpus[cpu];
  const Task &task = currentTask(state, cpu);
  auto is = [index](const Frame &frame) { return frame.runs == Runs::Timer && frame.object == index; };
  return is(c.hard) || is(task.soft) || is(task.base);
}

bool ready(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  return instruction.act != Act::TimerWait || !(machine.state.timers[instruction.object].bits & timerRunning) ||
         (runsHere(machine.state, cpu, instruction.object) && machine.system.profile.lockdep);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  Timer &timer = machine.state.timers[instruction.object];
  const TimerKind kind = machine.system.timers[instruction.object].kind;
  switch (instruction.act) {
  case Act::TimerArm:
    setResult(machine, cpu, timer.bits & (timerArmed | timerExpired));
    if (timer.bits & timerShutdown)
      break;
    timer.bits = static_cast<std::uint8_t>((timer.bits & ~timerExpired) | timerArmed);
    timer.cpu = static_cast<std::uint8_t>(cpu);
    break;
  case Act::TimerShutdown:
  case Act::TimerDelete:
    setResult(machine, cpu, timer.bits & (timerArmed | timerExpired));
    timer.bits &= static_cast<std::uint8_t>(~(timerArmed | timerExpired));
    if (instruction.act == Act::TimerShutdown)
      timer.bits |= timerShutdown;
    break;
  case Act::TimerWait:
    if (timer.bits & timerRunning) {
      // Only timer_list has a lockdep map for its callback; an hrtimer spins without a word.
      const bool hasMap = kind == TimerKind::Timer || kind == TimerKind::IrqSafe;
      report(machine, cpu, Problem::Deadlock,
             hasMap ? "WARNING: possible recursive locking detected: the timer waits for its own callback"
                    : "the timer waits for its own callback, for ever");
      return;
    }
    break;
  default: break;
  }
  advance(machine, cpu);
}

/// The tick or the timer's own interrupt. Hard ones run here; the others are handed on.
void expire(Machine &machine, unsigned cpu, unsigned index) {
  Timer &timer = machine.state.timers[index];
  const Where where = whereRuns(machine.system, machine.system.timers[index].kind);
  Cpu &c = machine.state.cpus[cpu];
  timer.bits &= static_cast<std::uint8_t>(~timerArmed);
  timer.bits |= timerExpired;
  c.preemptCount += hardirqOffset;
  c.irqsOff = 1;
  if (where == Where::Hard) {
    timer.bits = static_cast<std::uint8_t>((timer.bits & ~timerExpired) | timerRunning);
    enterFrame(machine, cpu, c.hard, Runs::Timer, index);
    return;
  }
  if (where != Where::Thread)
    raiseSoftirq(machine, cpu, where == Where::TimerSoftirq ? Vector::Timer : Vector::Hrtimer);
  c.preemptCount -= hardirqOffset;
  c.irqsOff = 0;
  irqExit(machine, cpu);
}

void enabled(const System &system, const State &state, std::uint8_t self, Steps &steps) {
  for (unsigned i = 0; i < system.timers.size(); ++i) {
    const Timer &timer = state.timers[i];
    if (!(timer.bits & timerArmed) || (timer.bits & timerRunning))
      continue;
    const Cpu &c = state.cpus[timer.cpu];
    if (c.hard.isFree() && !c.irqsOff)
      steps.add({self, timer.cpu, expireStep, static_cast<std::uint8_t>(i)});
  }
}

void apply(Machine &machine, const Step &step) { expire(machine, step.cpu, step.object); }

/// timer_base.expiry_lock and hrtimer's softirq_expiry_lock: a spinlock_t around the callbacks on RT.
void takeExpiryLock(Machine &machine, unsigned cpu, int delta) {
  if (machine.system.profile.rt)
    takeRcuSection(machine, cpu, delta);
}

void finishSoft(Machine &machine, unsigned cpu, unsigned index) {
  Cpu &c = machine.state.cpus[cpu];
  if (machine.system.timers[index].kind == TimerKind::IrqSafe) {
    if (!c.irqsOff)
      report(machine, cpu, Problem::LockUsage, "WARNING: inconsistent lock state: timer base lock with IRQs enabled");
    c.irqsOff = 0;
  }
  takeExpiryLock(machine, cpu, -1);
  currentTask(machine.state, cpu).soft = {};
}

} // namespace

bool runTimerStage(Machine &machine, unsigned cpu, bool isHrtimer) {
  for (unsigned i = 0; i < machine.system.timers.size(); ++i) {
    Timer &timer = machine.state.timers[i];
    const TimerSpec &spec = machine.system.timers[i];
    const Where where = whereRuns(machine.system, spec.kind);
    if (!(timer.bits & timerExpired) || timer.cpu != cpu ||
        where != (isHrtimer ? Where::HrtimerSoftirq : Where::TimerSoftirq))
      continue;
    timer.bits &= static_cast<std::uint8_t>(~timerExpired);
    if (spec.work >= 0) {
      // delayed_work_timer_fn(): IRQSAFE, it only queues the work.
      Work &work = machine.state.works[static_cast<unsigned>(spec.work)];
      work.bits &= static_cast<std::uint8_t>(~(workPending | workDelayed));
      queueWork(machine, cpu, static_cast<unsigned>(spec.work), work.queue - 1u);
      continue;
    }
    timer.bits |= timerRunning;
    if (spec.kind == TimerKind::IrqSafe)
      machine.state.cpus[cpu].irqsOff = 1;
    takeExpiryLock(machine, cpu, 1);
    enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::Timer, i);
    return true;
  }
  return false;
}

bool hasIrqWork(const System &system, const State &state, unsigned task) {
  for (unsigned i = 0; i < system.timers.size(); ++i)
    if ((state.timers[i].bits & timerExpired) && whereRuns(system, system.timers[i].kind) == Where::Thread &&
        system.tasks[task].cpu == state.timers[i].cpu)
      return true;
  return false;
}

void beginIrqWorkThread(Machine &machine, unsigned cpu) {
  for (unsigned i = 0; i < machine.system.timers.size(); ++i) {
    Timer &timer = machine.state.timers[i];
    if (!(timer.bits & timerExpired) || whereRuns(machine.system, machine.system.timers[i].kind) != Where::Thread)
      continue;
    timer.bits = static_cast<std::uint8_t>((timer.bits & ~timerExpired) | timerRunning);
    takeRcuSection(machine, cpu, 1); // run_irq_workd() guards irq_work_sync()'s users
    enterFrame(machine, cpu, currentTask(machine.state, cpu).base, Runs::Timer, i);
    return;
  }
}

void finishTimer(Machine &machine, unsigned cpu) {
  Cpu &c = machine.state.cpus[cpu];
  const Level level = activeLevel(machine.state, cpu);
  const unsigned index = activeFrame(machine.state, cpu).object;
  machine.state.timers[index].bits &= static_cast<std::uint8_t>(~timerRunning);
  if (level == Level::Soft) {
    finishSoft(machine, cpu, index);
    return;
  }
  if (level == Level::Task) {
    takeRcuSection(machine, cpu, -1);
    currentTask(machine.state, cpu).base = {};
    switchToIdle(machine, cpu);
    return;
  }
  c.hard = {};
  c.preemptCount -= hardirqOffset;
  c.irqsOff = 0;
  irqExit(machine, cpu);
}

const Mechanism timerMechanism = {"timer", acts, ready, execute, enabled, apply, nullptr};

} // namespace bhlint::model
