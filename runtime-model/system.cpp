#include "runtime-model/system.h"

#include <algorithm>

namespace bhlint::model {

namespace {

void addTask(System &system, std::string name, TaskKind kind, std::uint8_t cpu, std::uint8_t object = 0) {
  if (system.tasks.size() < maxTasks)
    system.tasks.push_back({std::move(name), kind, -1, cpu, object, false});
}

/// irq_setup_forced_threading(): not with NO_THREAD or ONESHOT, not for the default primary handler.
void addIrqThreads(System &system) {
  const bool isForcing = system.profile.rt || system.profile.threadirqs;
  for (unsigned a = 0; a < system.actions.size(); ++a) {
    ActionSpec &action = system.actions[a];
    const bool isForced = isForcing && action.primary >= 0 && !(action.flags & (actionNoThread | actionOneshot));
    if (isForced)
      action.flags |= actionForced;
    const std::uint8_t cpu = system.lines[action.line].cpu;
    const std::string name = "irq/" + std::to_string(42 + action.line) + "-" + action.name;
    if (isForced || action.thread >= 0) {
      action.threadTask = static_cast<int>(system.tasks.size());
      addTask(system, name, TaskKind::IrqThread, cpu, static_cast<std::uint8_t>(a));
    }
    if (isForced && action.thread >= 0) {
      action.secondaryTask = static_cast<int>(system.tasks.size());
      addTask(system, "irq/" + std::to_string(42 + action.line) + "-s-" + action.name, TaskKind::Secondary, cpu,
              static_cast<std::uint8_t>(a));
    }
  }
}

bool programUses(const System &system, Act act, unsigned argument) {
  for (const Program &program : system.programs)
    for (const Instruction &instruction : program.code)
      if (instruction.act == act && instruction.argument == argument)
        return true;
  return false;
}

bool queueIsUsed(const System &system, unsigned queue) {
  return programUses(system, Act::WorkQueue, queue) || programUses(system, Act::WorkDelay, queue) ||
         programUses(system, Act::WorkModDelay, queue);
}

void addWorkers(System &system) {
  std::vector<bool> isUsed(2 * system.cpus + 2, false);
  for (const WorkSpec &work : system.works)
    if (work.isKthreadWork)
      isUsed[system.kthreadPool()] = true;
  for (unsigned q = 0; q < system.queues.size(); ++q) {
    const QueueSpec &queue = system.queues[q];
    if (queue.is(QueueKindBits::Bh) || !queueIsUsed(system, q))
      continue;
    if (queue.is(QueueKindBits::Unbound) || queue.is(QueueKindBits::Ordered))
      isUsed[system.unboundPool()] = true;
    else
      for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
        isUsed[system.boundPool(cpu, queue.is(QueueKindBits::HighPri))] = true;
  }
  unsigned plainWorks = 0;
  for (const WorkSpec &work : system.works)
    plainWorks += !work.isKthreadWork;
  for (unsigned pool = 0; pool < isUsed.size(); ++pool) {
    if (!isUsed[pool])
      continue;
    system.extent.pools = static_cast<std::uint8_t>(pool + 1);
    if (pool == system.kthreadPool()) {
      addTask(system, "kworker_thread", TaskKind::KthreadWorker, 0xff, static_cast<std::uint8_t>(pool));
      continue;
    }
    const bool isUnbound = pool == system.unboundPool();
    const unsigned cpu = isUnbound ? 0xff : pool % system.cpus;
    const std::string prefix = isUnbound ? "kworker/u4:" : "kworker/" + std::to_string(cpu) + ":";
    const char *suffix = !isUnbound && pool >= system.cpus ? "H" : "";
    const unsigned workers = plainWorks > 1 ? 2 : 1;
    for (unsigned n = 0; n < workers; ++n)
      addTask(system, prefix + std::to_string(n) + suffix, TaskKind::Kworker, static_cast<std::uint8_t>(cpu),
              static_cast<std::uint8_t>(pool));
  }
}

void addOtherThreads(System &system) {
  const bool hasSrcu = std::any_of(system.callbacks.begin(), system.callbacks.end(),
                                   [](const CallbackSpec &c) { return c.kind == CallbackKind::Srcu; });
  const bool hasIrqWork = std::any_of(system.timers.begin(), system.timers.end(),
                                      [](const TimerSpec &t) { return t.kind == TimerKind::IrqWork; });
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu) {
    const std::string number = std::to_string(cpu);
    if (!system.callbacks.empty() && (hasSrcu || system.profile.rt))
      addTask(system, (hasSrcu ? "kworker/" + number + ":1" : "rcuc/" + number), TaskKind::Rcuc,
              static_cast<std::uint8_t>(cpu));
    if (hasIrqWork && system.profile.rt)
      addTask(system, "irq_work/" + number, TaskKind::IrqWorkd, static_cast<std::uint8_t>(cpu));
  }
}

} // namespace

void completeSystem(System &system) {
  std::vector<TaskSpec> own;
  own.swap(system.tasks);
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    addTask(system, "swapper/" + std::to_string(cpu), TaskKind::Idle, static_cast<std::uint8_t>(cpu));
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    addTask(system, "ksoftirqd/" + std::to_string(cpu), TaskKind::Ksoftirqd, static_cast<std::uint8_t>(cpu));
  for (TaskSpec &task : own)
    if (system.tasks.size() < maxTasks)
      system.tasks.push_back(std::move(task));
  addIrqThreads(system);
  addWorkers(system);
  addOtherThreads(system);
  Extent &extent = system.extent;
  auto count = [](const auto &items) { return static_cast<std::uint8_t>(items.size()); };
  extent.cpus = static_cast<std::uint8_t>(system.cpus);
  extent.tasks = count(system.tasks);
  extent.locks = count(system.locks);
  extent.tasklets = count(system.tasklets);
  extent.works = count(system.works);
  extent.timers = count(system.timers);
  extent.lines = count(system.lines);
  extent.callbacks = count(system.callbacks);
  extent.variables = count(system.variables);
  extent.observations = system.observations.empty() ? 0 : maxObservations;
}

State initialState(const System &system) {
  State state;
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu) {
    state.cpus[cpu].task = static_cast<std::uint8_t>(cpu);
    state.cpus[cpu].preemptCount = preemptOffset;
    state.tasks[cpu].flags = taskOnCpu;
    state.tasks[cpu].cpu = static_cast<std::uint8_t>(cpu);
  }
  for (unsigned t = system.cpus; t < system.tasks.size(); ++t) {
    const TaskSpec &spec = system.tasks[t];
    state.tasks[t].cpu = spec.cpu == 0xff ? 0 : spec.cpu;
    if (spec.kind == TaskKind::Plain && spec.program >= 0)
      state.tasks[t].base = {Runs::Task, static_cast<std::uint8_t>(t), 0, 0};
  }
  for (unsigned i = 0; i < system.locks.size(); ++i)
    state.locks[i].usage = system.locks[i].usage;
  for (unsigned i = 0; i < system.tasklets.size(); ++i)
    state.tasklets[i].disables = system.tasklets[i].disables;
  for (unsigned i = 0; i < system.lines.size(); ++i) {
    state.lines[i].events = system.lines[i].events;
    state.lines[i].depth = system.lines[i].autoEnable ? 0 : 1;
  }
  for (unsigned i = 0; i < system.variables.size(); ++i)
    state.variables[i] = system.variables[i].initial;
  for (std::uint8_t timer : system.initialTimers)
    state.timers[timer].bits |= timerArmed;
  return state;
}

} // namespace bhlint::model
