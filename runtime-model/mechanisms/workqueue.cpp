// Workqueues: the PENDING bit, non-reentrance per (item, queue), per-CPU and unbound pools, concurrency management,
// max_active, ordered queues, delayed works, flush, cancel, disable. kernel/workqueue.c:2283-2433, 3200-3290, 4254-4539
//
// Two workers per pool stand for any number: more never do anything that two cannot. The rescuer is one of them.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

void queueOnBh(Machine &machine, unsigned cpu, unsigned work, unsigned queue);
void removeFromBh(Machine &machine, unsigned work);

namespace {

constexpr Act acts[] = {Act::WorkQueue, Act::WorkDelay, Act::WorkModDelay, Act::WorkCancel, Act::WorkDisable,
                        Act::WorkEnable, Act::WorkWait, Act::WorkFlush, Act::WorkFlushDelayed, Act::QueueFlush,
                        Act::WorkBhCheck};
/// Task::waitObject of a flusher: the work, and whether the awaited instance still has to begin.
constexpr std::uint8_t flushBegins = 0x80;

unsigned activeItems(const System &system, const State &state, unsigned queue) {
  unsigned active = 0;
  for (unsigned w = 0; w < system.works.size(); ++w) {
    const Work &work = state.works[w];
    if ((work.bits & workPending) && !(work.bits & (workInactive | workDelayed)) && work.queue == queue + 1)
      ++active;
    if (work.runQueue == queue + 1)
      active += work.runners;
  }
  return active;
}

unsigned poolFor(const Machine &machine, unsigned cpu, const Work &work, unsigned queue) {
  const QueueSpec &spec = machine.system.queues[queue];
  if (work.runners && work.runQueue == queue + 1)
    return work.lastPool - 1u; // non-reentrance: where it runs
  if (spec.is(QueueKindBits::Unbound) || spec.is(QueueKindBits::Ordered))
    return machine.system.unboundPool();
  return machine.system.boundPool(cpu, spec.is(QueueKindBits::HighPri));
}

bool isBhQueue(const System &system, unsigned queue) { return system.queues[queue].is(QueueKindBits::Bh); }

/// Removes a pending item from wherever it waits. True: it was pending.
bool grabPending(Machine &machine, unsigned w) {
  Work &work = machine.state.works[w];
  if (!(work.bits & workPending))
    return false;
  if (work.bits & workDelayed) {
    Timer &timer = machine.state.timers[static_cast<unsigned>(machine.system.works[w].timer)];
    timer.bits &= static_cast<std::uint8_t>(~(timerArmed | timerExpired));
  } else if (work.queue && isBhQueue(machine.system, work.queue - 1u)) {
    removeFromBh(machine, w);
  } else if (work.pool) {
    std::uint8_t *list = machine.state.pools[work.pool - 1];
    const int position = listFind(list, w);
    if (position >= 0)
      listRemoveAt(list, static_cast<unsigned>(position));
  }
  work.bits &= static_cast<std::uint8_t>(~(workPending | workDelayed | workInactive));
  work.queue = work.pool = 0;
  for (unsigned t = 0; t < machine.system.tasks.size(); ++t) {
    Task &task = machine.state.tasks[t];
    if (task.waitFor == WaitFor::WorkFlushed && task.waitObject == (w | flushBegins))
      task.waitFor = WaitFor::Nothing; // the barrier goes on without it
  }
  return true;
}

void delay(Machine &machine, unsigned cpu, const Instruction &instruction, bool isModify) {
  Work &work = machine.state.works[instruction.object];
  const bool wasPending = work.bits & workPending;
  if (wasPending && !isModify) {
    setResult(machine, cpu, false);
    return;
  }
  if (wasPending)
    grabPending(machine, instruction.object);
  if (work.disables) {
    setResult(machine, cpu, false);
    return;
  }
  work.bits |= workPending | workDelayed;
  work.queue = static_cast<std::uint8_t>(instruction.argument + 1);
  Timer &timer = machine.state.timers[static_cast<unsigned>(machine.system.works[instruction.object].timer)];
  timer.bits |= timerArmed;
  timer.cpu = static_cast<std::uint8_t>(cpu);
  setResult(machine, cpu, isModify ? wasPending : true);
}

/// Which queue's item does the current worker run? -1: not a worker.
int currentQueue(const System &system, const State &state, unsigned cpu) {
  const Frame &base = currentTask(state, cpu).base;
  if (base.runs != Runs::Work || system.works[base.object].isKthreadWork)
    return -1;
  return state.works[base.object].runQueue - 1;
}

/// check_flush_dependency(): a reclaim worker must not wait for a queue without rescuer.
void checkDependency(Machine &machine, unsigned cpu, unsigned targetQueue) {
  const int own = currentQueue(machine.system, machine.state, cpu);
  if (own >= 0 && machine.system.queues[static_cast<unsigned>(own)].is(QueueKindBits::MemReclaim) &&
      !machine.system.queues[targetQueue].is(QueueKindBits::MemReclaim))
    report(machine, cpu, Problem::Warning,
           "workqueue: WQ_MEM_RECLAIM worker is flushing !WQ_MEM_RECLAIM " + machine.system.queues[targetQueue].name);
}

bool runsHere(const State &state, unsigned cpu, unsigned w) {
  const Task &task = currentTask(state, cpu);
  auto is = [w](const Frame &frame) { return frame.runs == Runs::Work && frame.object == w; };
  return is(task.base) || is(task.soft);
}

/// start_flush_work() takes the pool's lock with raw_spin_lock_irq(): interrupts are on afterwards.
void lockPool(Machine &machine, unsigned cpu, const Work &work) {
  if (!(work.bits & workEverQueued))
    return;
  if (inHardirqContext(machine.state, cpu))
    report(machine, cpu, Problem::Warning,
           "DEBUG_LOCKS_WARN_ON(lockdep_hardirq_context()): interrupts enabled in a primary handler");
  machine.state.cpus[cpu].irqsOff = 0;
}

void reportSelf(Machine &machine, unsigned cpu, unsigned w) {
  report(machine, cpu, Problem::Deadlock,
         "WARNING: possible recursive locking detected: " + machine.system.works[w].name + " waits for itself");
}

void flush(Machine &machine, unsigned cpu, unsigned w) {
  if (cameBack(machine, cpu)) {
    setResult(machine, cpu, true);
    advance(machine, cpu);
    return;
  }
  const Work &work = machine.state.works[w];
  if (machine.system.works[w].isKthreadWork)
    machine.state.cpus[cpu].irqsOff = 0; // kthread_flush_work(): raw_spin_lock_irq() too
  else
    lockPool(machine, cpu, work);
  const bool isQueued = (work.bits & workPending) && !(work.bits & workDelayed);
  if (machine.state.problem != Problem::None)
    return;
  if (!isQueued && !work.runners) {
    setResult(machine, cpu, false);
    advance(machine, cpu);
    return;
  }
  if (runsHere(machine.state, cpu, w) && !isQueued && !machine.system.works[w].isKthreadWork) {
    reportSelf(machine, cpu, w);
    return;
  }
  if (!machine.system.works[w].isKthreadWork)
    checkDependency(machine, cpu, (isQueued ? work.queue : work.runQueue) - 1u);
  if (machine.state.problem == Problem::None)
    block(machine, cpu, WaitFor::WorkFlushed, isQueued ? w | flushBegins : w);
}

/// The wait of cancel_work_sync() for a running instance: busy for BH works, else sleeping.
void waitIdle(Machine &machine, unsigned cpu, const Instruction &instruction) {
  Work &work = machine.state.works[instruction.object];
  if (!cameBack(machine, cpu))
    lockPool(machine, cpu, work);
  if (machine.state.problem != Problem::None)
    return;
  if (!work.runners) {
    advance(machine, cpu);
    return;
  }
  if (runsHere(machine.state, cpu, instruction.object)) {
    if (machine.system.works[instruction.object].isKthreadWork)
      block(machine, cpu, WaitFor::Never, 0);
    else
      reportSelf(machine, cpu, instruction.object);
    return;
  }
  if (!(work.bits & workOnBh))
    block(machine, cpu, WaitFor::WorkIdle, instruction.object);
}

bool ready(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (instruction.act != Act::WorkWait)
    return true;
  const Work &work = machine.state.works[instruction.object];
  return !(work.bits & workOnBh) || !work.runners || runsHere(machine.state, cpu, instruction.object);
}

void bhCheck(Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (!(machine.state.works[instruction.object].bits & workOnBh))
    checkMightSleep(machine, cpu, "kernel/workqueue.c:4393", true);
  else if (inHardirqContext(machine.state, cpu))
    report(machine, cpu, Problem::Warning, "WARNING: at kernel/workqueue.c:4391 __cancel_work_sync(): in_hardirq()");
}

void enableWork(Machine &machine, unsigned cpu, Work &work) {
  if (!work.disables) {
    report(machine, cpu, Problem::Warning, "workqueue: work disable count underflowed");
    return;
  }
  setResult(machine, cpu, --work.disables == 0);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  const unsigned w = instruction.object;
  Work &work = machine.state.works[w];
  switch (instruction.act) {
  case Act::WorkFlush: flush(machine, cpu, w); return;
  case Act::WorkWait: waitIdle(machine, cpu, instruction); return;
  case Act::QueueFlush:
    cameBack(machine, cpu);
    if (currentQueue(machine.system, machine.state, cpu) == static_cast<int>(w)) {
      block(machine, cpu, WaitFor::Never, 0);
      return;
    }
    if (activeItems(machine.system, machine.state, w)) {
      checkDependency(machine, cpu, w);
      if (machine.state.problem == Problem::None)
        block(machine, cpu, WaitFor::PoolSlot, w);
      return;
    }
    break;
  case Act::WorkQueue: setResult(machine, cpu, queueWork(machine, cpu, w, instruction.argument)); break;
  case Act::WorkDelay: delay(machine, cpu, instruction, false); break;
  case Act::WorkModDelay: delay(machine, cpu, instruction, true); break;
  case Act::WorkCancel: setResult(machine, cpu, grabPending(machine, w)); break;
  case Act::WorkDisable:
    ++work.disables;
    setResult(machine, cpu, grabPending(machine, w));
    break;
  case Act::WorkEnable: enableWork(machine, cpu, work); break;
  case Act::WorkFlushDelayed:
    if (work.bits & workDelayed) {
      const unsigned queue = work.queue - 1u;
      grabPending(machine, w);
      queueWork(machine, cpu, w, queue);
    }
    break;
  case Act::WorkBhCheck: bhCheck(machine, cpu, instruction); break;
  default: break;
  }
  if (machine.state.problem == Problem::None)
    advance(machine, cpu);
}

/// May the pool start another item? Bound pools: only when none of its workers runs (needs more concurrency).
bool poolMayStart(const System &system, const State &state, unsigned pool) {
  if (pool == system.unboundPool())
    return true;
  for (unsigned t = 0; t < system.tasks.size(); ++t) {
    const Task &task = state.tasks[t];
    const TaskKind kind = system.tasks[t].kind;
    if ((kind == TaskKind::Kworker || kind == TaskKind::KthreadWorker) && system.tasks[t].object == pool &&
        task.base.runs == Runs::Work && (kind == TaskKind::KthreadWorker || task.state == TaskState::Runnable))
      return false;
  }
  return true;
}

/// Position of the first item that a worker of `pool` may take; -1: none.
int firstStartable(const System &system, const State &state, unsigned pool) {
  const std::uint8_t *list = state.pools[pool];
  for (unsigned i = 0; i < queueLength && list[i]; ++i) {
    const Work &work = state.works[list[i] - 1];
    const bool isRunning = work.runners && work.lastPool == pool + 1;
    if (!(work.bits & workInactive) && !isRunning)
      return static_cast<int>(i);
  }
  return -1;
}

bool hasIdleSibling(const System &system, const State &state, unsigned t) {
  for (unsigned other = 0; other < t; ++other)
    if (system.tasks[other].kind == system.tasks[t].kind && system.tasks[other].object == system.tasks[t].object &&
        state.tasks[other].base.isFree())
      return true;
  return false;
}

void activateNext(Machine &machine, unsigned queue) {
  const QueueSpec &spec = machine.system.queues[queue];
  if (!spec.maxActive || activeItems(machine.system, machine.state, queue) >= spec.maxActive)
    return;
  for (unsigned pool = 0; pool < machine.system.extent.pools; ++pool)
    for (unsigned i = 0; i < queueLength && machine.state.pools[pool][i]; ++i) {
      Work &work = machine.state.works[machine.state.pools[pool][i] - 1];
      if (work.queue == queue + 1 && (work.bits & workInactive)) {
        work.bits &= static_cast<std::uint8_t>(~workInactive);
        return;
      }
    }
}

} // namespace

bool queueWork(Machine &machine, unsigned cpu, unsigned w, unsigned queue) {
  Work &work = machine.state.works[w];
  if ((work.bits & workPending) || work.disables)
    return false;
  const QueueSpec &spec = machine.system.queues[queue];
  if (spec.maxActive && activeItems(machine.system, machine.state, queue) >= spec.maxActive)
    work.bits |= workInactive;
  work.bits |= workPending | workEverQueued;
  work.queue = static_cast<std::uint8_t>(queue + 1);
  if (spec.is(QueueKindBits::Bh)) {
    queueOnBh(machine, cpu, w, queue);
    return true;
  }
  work.bits &= static_cast<std::uint8_t>(~workOnBh);
  const unsigned pool = machine.system.works[w].isKthreadWork ? machine.system.kthreadPool()
                                                              : poolFor(machine, cpu, work, queue);
  work.pool = static_cast<std::uint8_t>(pool + 1);
  listPush(machine.state.pools[pool], w);
  return true;
}

bool hasWork(const System &system, const State &state, unsigned t) {
  const unsigned pool = system.tasks[t].object;
  return state.pools[pool][0] && poolMayStart(system, state, pool) && firstStartable(system, state, pool) >= 0 &&
         !hasIdleSibling(system, state, t);
}

void startInstance(Machine &machine, unsigned w, unsigned pool) {
  Work &work = machine.state.works[w];
  work.bits &= static_cast<std::uint8_t>(~workPending); // before the function is called
  work.runQueue = work.queue;
  work.queue = work.pool = 0;
  work.lastPool = static_cast<std::uint8_t>(pool + 1);
  ++work.runners;
  for (unsigned t = 0; t < machine.system.tasks.size(); ++t) {
    Task &task = machine.state.tasks[t];
    if (task.waitFor == WaitFor::WorkFlushed && task.waitObject == (w | flushBegins))
      task.waitObject = static_cast<std::uint8_t>(w);
  }
}

void endInstance(Machine &machine, unsigned w) {
  Work &work = machine.state.works[w];
  --work.runners;
  const unsigned queue = work.runQueue - 1u;
  if (!work.runners)
    work.runQueue = 0;
  for (unsigned t = 0; t < machine.system.tasks.size(); ++t) {
    Task &task = machine.state.tasks[t];
    if (task.waitFor == WaitFor::WorkFlushed && task.waitObject == w)
      task.waitFor = WaitFor::Nothing;
  }
  if (!machine.system.works[w].isKthreadWork)
    activateNext(machine, queue);
}

void beginWork(Machine &machine, unsigned cpu) {
  const unsigned pool = machine.system.tasks[machine.state.cpus[cpu].task].object;
  const int position = firstStartable(machine.system, machine.state, pool);
  const unsigned w = machine.state.pools[pool][position] - 1u;
  listRemoveAt(machine.state.pools[pool], static_cast<unsigned>(position));
  startInstance(machine, w, pool);
  enterFrame(machine, cpu, currentTask(machine.state, cpu).base, Runs::Work, w);
}

void finishWork(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  if (activeLevel(machine.state, cpu) == Level::Soft) {
    const unsigned w = task.soft.object;
    task.soft = {};
    endInstance(machine, w);
    return;
  }
  const unsigned w = task.base.object;
  if (machine.state.cpus[cpu].preemptCount || task.rcuDepth) {
    report(machine, cpu, Problem::Leak, "BUG: workqueue leaked atomic, lock or RCU: " + machine.system.works[w].name);
    return;
  }
  task.base = {};
  machine.state.cpus[cpu].irqsOff = 0;
  endInstance(machine, w);
  switchToIdle(machine, cpu);
}

const Mechanism workqueueMechanism = {"workqueue", acts, ready, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
