// Locks: raw_spinlock_t, spinlock_t and rwlock_t (an rtmutex on PREEMPT_RT), local_lock, mutex and relatives, semaphores.
// kernel/locking/{spinlock,spinlock_rt,mutex,semaphore}.c, and lockdep's wait types and usage (lockdep.c:4776-4798).
//
// Readers and writers are not told apart: a reader counts as an owner. That can report a deadlock between two readers
// which a real rwlock would allow, and never hides one.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

#include <algorithm>

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::Take, Act::Drop, Act::Try};

/// lockdep's wait types.
enum WaitType : std::uint8_t { waitSpin = 1, waitConfig = 2, waitSleep = 3 };

WaitType waitType(LockKind kind) {
  switch (kind) {
  case LockKind::Raw: return waitSpin;
  case LockKind::Spin:
  case LockKind::Local: return waitConfig;
  case LockKind::Mutex:
  case LockKind::Semaphore: return waitSleep;
  }
  return waitSleep;
}

bool isSleeping(const System &system, LockKind kind) {
  return kind == LockKind::Mutex || kind == LockKind::Semaphore ||
         (system.profile.rt && (kind == LockKind::Spin || kind == LockKind::Local));
}

/// 0x80 | level | cpu for a spinning lock, task+1 for a sleeping one.
std::uint8_t ownerId(const System &system, const State &state, unsigned cpu, LockKind kind) {
  if (isSleeping(system, kind))
    return static_cast<std::uint8_t>(state.cpus[cpu].task + 1);
  return static_cast<std::uint8_t>(0x80 | static_cast<unsigned>(activeLevel(state, cpu)) << 4 | cpu);
}

/// May the code that lockdep thinks may run threaded take a spinlock_t? (irq/handle.c:153, hrtimer.c, irq_work.c)
bool isThreadable(const System &system, const Frame &frame) {
  if (frame.runs == Runs::Primary)
    return !(system.actions[frame.object].flags & (actionNoThread | actionOneshot));
  if (frame.runs != Runs::Timer)
    return false;
  const TimerKind kind = system.timers[frame.object].kind;
  return kind == TimerKind::HrDefault || kind == TimerKind::IrqWork;
}

/// The strictest wait type that encloses the next acquisition.
WaitType innerLimit(const System &system, const State &state, unsigned cpu) {
  const Cpu &c = state.cpus[cpu];
  const Task &task = currentTask(state, cpu);
  const Level level = activeLevel(state, cpu);
  WaitType limit = waitSleep;
  auto lower = [&limit](WaitType type) { limit = std::min(limit, type); };
  if (level == Level::Hard)
    lower(isThreadable(system, c.hard) ? waitConfig : waitSpin);
  else if (isServingSoftirq(system, state, cpu))
    lower(waitConfig);
  if (level == Level::Task) {
    if (task.flags & taskRcuSched)
      lower(waitSpin);
    if (task.rcuDepth)
      lower(waitConfig);
  }
  for (unsigned i = 0; i < system.locks.size(); ++i) {
    const LockKind kind = system.locks[i].kind;
    if (state.locks[i].owner && state.locks[i].owner == ownerId(system, state, cpu, kind) && kind != LockKind::Semaphore)
      lower(waitType(kind));
  }
  return limit;
}

/// lockdep's usage bits: a lock that is taken in an interrupt must never be taken with that interrupt enabled.
void checkUsage(Machine &machine, unsigned cpu, unsigned lock) {
  const System &system = machine.system;
  if (system.locks[lock].kind == LockKind::Semaphore || isSleeping(system, system.locks[lock].kind))
    return;
  Lock &state = machine.state.locks[lock];
  const Level level = activeLevel(machine.state, cpu);
  const bool isServing = isServingSoftirq(system, machine.state, cpu);
  std::uint8_t seen = 0;
  if (level == Level::Hard)
    seen |= usedInHardirq;
  else if (isServing)
    seen |= usedInSoftirq;
  if (level != Level::Hard && !machine.state.cpus[cpu].irqsOff)
    seen |= takenWithIrqsOn;
  if (level != Level::Hard && !isServing && !inSoftirqContext(system, machine.state, cpu) &&
      !machine.state.cpus[cpu].irqsOff)
    seen |= takenWithBhOn;
  state.usage |= seen;
  const bool isBad = ((state.usage & usedInHardirq) && (state.usage & takenWithIrqsOn)) ||
                     ((state.usage & usedInSoftirq) && (state.usage & takenWithBhOn));
  if (isBad)
    report(machine, cpu, Problem::LockUsage,
           "WARNING: inconsistent lock state: " + system.locks[lock].name +
               " is taken in an interrupt and with that interrupt enabled");
}

void checkLockdep(Machine &machine, unsigned cpu, unsigned lock) {
  if (!machine.system.profile.lockdep)
    return;
  if (waitType(machine.system.locks[lock].kind) > innerLimit(machine.system, machine.state, cpu) &&
      machine.system.locks[lock].kind != LockKind::Semaphore) {
    report(machine, cpu, Problem::LockContext,
           "[ BUG: Invalid wait context ] trying to lock " + machine.system.locks[lock].name);
    return;
  }
  checkUsage(machine, cpu, lock);
}

bool ready(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (instruction.act != Act::Take)
    return true;
  const LockKind kind = machine.system.locks[instruction.object].kind;
  return isSleeping(machine.system, kind) || machine.state.locks[instruction.object].owner == 0;
}

bool passesRtCheck(Machine &machine, unsigned cpu, LockKind kind) {
  if (kind != LockKind::Spin && kind != LockKind::Local)
    return true;
  checkRtLock(machine, cpu, "kernel/locking/spinlock_rt.c:48");
  return machine.state.problem == Problem::None;
}

void takeSpinning(Machine &machine, unsigned cpu, unsigned lock) {
  checkLockdep(machine, cpu, lock);
  if (machine.state.problem != Problem::None)
    return;
  machine.state.locks[lock].owner = ownerId(machine.system, machine.state, cpu, machine.system.locks[lock].kind);
  machine.state.cpus[cpu].preemptCount += preemptOffset;
}

void enterRtSection(Machine &machine, unsigned cpu, LockKind kind, int delta) {
  if (kind == LockKind::Spin || kind == LockKind::Local)
    takeRcuSection(machine, cpu, delta);
}

void take(Machine &machine, unsigned cpu, unsigned lock) {
  const System &system = machine.system;
  const LockKind kind = system.locks[lock].kind;
  if (!isSleeping(system, kind)) {
    takeSpinning(machine, cpu, lock);
  } else {
    cameBack(machine, cpu);
    checkLockdep(machine, cpu, lock);
    if (machine.state.problem != Problem::None || (system.profile.rt && !passesRtCheck(machine, cpu, kind)))
      return;
    Lock &state = machine.state.locks[lock];
    if (state.owner) {
      block(machine, cpu, WaitFor::Lock, lock, kind == LockKind::Mutex || kind == LockKind::Semaphore);
      return;
    }
    state.owner = ownerId(system, machine.state, cpu, kind);
    enterRtSection(machine, cpu, kind, 1);
  }
  if (machine.state.problem == Problem::None)
    advance(machine, cpu);
}

void drop(Machine &machine, unsigned cpu, unsigned lock) {
  const System &system = machine.system;
  const LockKind kind = system.locks[lock].kind;
  Lock &state = machine.state.locks[lock];
  if (kind != LockKind::Semaphore && state.owner != ownerId(system, machine.state, cpu, kind)) {
    report(machine, cpu, Problem::Warning, "BUG: " + system.locks[lock].name + " released by who does not hold it");
    return;
  }
  state.owner = 0;
  if (isSleeping(system, kind))
    enterRtSection(machine, cpu, kind, -1);
  else
    machine.state.cpus[cpu].preemptCount -= preemptOffset;
  advance(machine, cpu);
}

void tryTake(Machine &machine, unsigned cpu, unsigned lock) {
  const LockKind kind = machine.system.locks[lock].kind;
  Lock &state = machine.state.locks[lock];
  const bool isTaken = state.owner == 0;
  if (isTaken) {
    state.owner = ownerId(machine.system, machine.state, cpu, kind);
    if (isSleeping(machine.system, kind))
      enterRtSection(machine, cpu, kind, 1);
    else
      machine.state.cpus[cpu].preemptCount += preemptOffset;
  }
  setResult(machine, cpu, isTaken);
  advance(machine, cpu);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  switch (instruction.act) {
  case Act::Take: take(machine, cpu, instruction.object); break;
  case Act::Drop: drop(machine, cpu, instruction.object); break;
  default: tryTake(machine, cpu, instruction.object); break;
  }
}

} // namespace

const Mechanism locksMechanism = {"locks", acts, ready, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
