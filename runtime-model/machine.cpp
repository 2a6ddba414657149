#include "runtime-model/machine.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

namespace bhlint::model {

bool inHardirqContext(const State &state, unsigned cpu) { return state.cpus[cpu].preemptCount & hardirqMask; }

bool inSoftirqContext(const System &system, const State &state, unsigned cpu) {
  if (system.profile.rt)
    return currentTask(state, cpu).bhDisabled != 0;
  return state.cpus[cpu].preemptCount & softirqMask;
}

bool inInterruptContext(const System &system, const State &state, unsigned cpu) {
  return (state.cpus[cpu].preemptCount & (hardirqMask | nmiMask)) || inSoftirqContext(system, state, cpu);
}

bool isPreemptible(const State &state, unsigned cpu) {
  return state.cpus[cpu].preemptCount == 0 && !state.cpus[cpu].irqsOff;
}

std::uint16_t predicates(const System &system, const State &state, unsigned cpu) {
  const Cpu &c = state.cpus[cpu];
  const bool isHard = c.preemptCount & hardirqMask, isNmi = c.preemptCount & nmiMask;
  const bool isServing = isServingSoftirq(system, state, cpu), isSoft = inSoftirqContext(system, state, cpu);
  const Task &task = currentTask(state, cpu);
  std::uint16_t bits = 0;
  auto set = [&bits](bool holds, Predicate bit) { bits |= holds ? bit : 0; };
  set(isNmi, inNmi);
  set(isHard, inHardirq);
  set(isServing, inServing);
  set(isSoft, inSoftirqAny);
  set(isHard || isNmi || isSoft, inInterrupt);
  set(!isHard && !isNmi && !isServing, inTask);
  set(c.preemptCount != 0, inAtomic);
  set(c.irqsOff, irqsDisabled);
  set(isPreemptible(state, cpu), preemptible);
  set(system.profile.rt, isRt);
  set(system.profile.smp, isSmp);
  set(system.profile.tinyRcu, tinyRcu);
  set(activeFrame(state, cpu).result & 1, resultSet);
  set(task.flags & taskUninterruptible, isUninterruptible);
  set(system.tasks[c.task].hasUserMm, hasUserMm);
  set(cpu == 0, onCpu0);
  return bits;
}

bool guardHolds(const Guard &guard, const System &system, const State &state, unsigned cpu) {
  bool result = guard.count == 0;
  if (guard.count) {
    const std::uint16_t bits = predicates(system, state, cpu);
    for (unsigned i = 0; i < guard.count; ++i)
      result |= (bits & guard.alternatives[i].must) == guard.alternatives[i].must &&
                (bits & guard.alternatives[i].mustNot) == 0;
  }
  if (guard.variable) {
    const unsigned value = state.variables[guard.variable - 1];
    switch (guard.comparison) {
    case '=': result = value == guard.value; break;
    case '!': result = value != guard.value; break;
    case '<': result = value < guard.value; break;
    default: result = value > guard.value; break;
    }
  }
  return result != guard.isNegated;
}

char contextLetter(const System &system, const State &state, unsigned cpu) {
  const std::uint16_t bits = predicates(system, state, cpu);
  if (bits & inHardirq)
    return 'H';
  if (bits & inServing)
    return bits & irqsDisabled ? 's' : 'S';
  if (bits & inSoftirqAny)
    return 'B';
  if (bits & irqsDisabled)
    return 'D';
  return bits & inAtomic ? 'A' : 'T';
}

std::string taskName(const System &system, unsigned task) { return system.tasks[task].name; }

void note(Machine &machine, unsigned cpu, const std::string &text, bool isProblem) {
  if (!machine.log)
    return;
  const int program = machine.system.programOf(activeFrame(machine.state, cpu));
  machine.log->push_back({cpu, contextLetter(machine.system, machine.state, cpu),
                          taskName(machine.system, machine.state.cpus[cpu].task),
                          program >= 0 ? machine.system.programs[static_cast<unsigned>(program)].name : "", text,
                          isProblem, false});
}

void noteChip(Machine &machine, unsigned cpu, const char *text) {
  if (!machine.log)
    return;
  note(machine, cpu, text);
  machine.log->back().isOutput = true;
  machine.log->back().task.clear();
}

void report(Machine &machine, unsigned cpu, Problem problem, const std::string &text) {
  note(machine, cpu, text, true);
  if (machine.state.problem != Problem::None)
    return;
  machine.state.problem = problem;
  machine.state.problemCpu = static_cast<std::uint8_t>(cpu);
}

void reportSilent(Machine &machine, unsigned cpu, const std::string &text) {
  note(machine, cpu, "(no report) " + text, true);
  machine.state.silent = Problem::Contract;
}

bool maySleepHere(const System &system, const State &state, unsigned cpu, bool ignoresRcu) {
  const Cpu &c = state.cpus[cpu];
  const Task &task = currentTask(state, cpu);
  return c.preemptCount == 0 && !c.irqsOff && !isIdle(system, state, cpu) && (ignoresRcu || task.rcuDepth == 0);
}

namespace {

const char *contextWords(const System &system, const State &state, unsigned cpu) {
  switch (contextLetter(system, state, cpu)) {
  case 'H': return ", in hard IRQ";
  case 'S':
  case 's': return ", in softirq";
  case 'B': return ", bottom halves disabled";
  case 'D': return ", interrupts disabled";
  default: return "";
  }
}

std::string sleepWords(const Machine &machine, unsigned cpu, std::string_view site) {
  const Cpu &c = machine.state.cpus[cpu];
  const Task &task = currentTask(machine.state, cpu);
  return llvm::formatv("BUG: sleeping function called from invalid context{0}{1}\n"
                       "in_atomic(): {2}, irqs_disabled(): {3}, non_block: 0, pid: {4}, name: {5}\n"
                       "preempt_count: {6}, expected: 0{7}\n"
                       "RCU nest depth: {8}, expected: 0",
                       site.empty() ? "" : " at ", std::string(site), c.preemptCount ? 1 : 0, unsigned(c.irqsOff),
                       unsigned(c.task) < machine.system.cpus ? 0 : unsigned(c.task),
                       taskName(machine.system, c.task), llvm::utohexstr(c.preemptCount, true),
                       contextWords(machine.system, machine.state, cpu), unsigned(task.rcuDepth))
      .str();
}

} // namespace

void checkMightSleep(Machine &machine, unsigned cpu, std::string_view site, bool checksState) {
  const Task &task = currentTask(machine.state, cpu);
  if (checksState && (task.flags & taskUninterruptible))
    report(machine, cpu, Problem::NotRunning, "do not call blocking ops when !TASK_RUNNING; state=2");
  if (!maySleepHere(machine.system, machine.state, cpu, false))
    report(machine, cpu, Problem::Sleep, sleepWords(machine, cpu, site));
}

void checkRtLock(Machine &machine, unsigned cpu, std::string_view site) {
  if (!maySleepHere(machine.system, machine.state, cpu, true))
    report(machine, cpu, Problem::RtLock, sleepWords(machine, cpu, site));
}

void checkSchedule(Machine &machine, unsigned cpu, bool isVoluntary) {
  Cpu &c = machine.state.cpus[cpu];
  const Task &task = currentTask(machine.state, cpu);
  if (c.preemptCount != 0) {
    report(machine, cpu, Problem::SchedulingAtomic,
           llvm::formatv("BUG: scheduling while atomic: {0}/{1}/0x{2}", taskName(machine.system, c.task),
                         unsigned(c.task), llvm::utohexstr(c.preemptCount, true, 8))
               .str());
    return;
  }
  if (isVoluntary && task.rcuDepth) {
    report(machine, cpu, Problem::RcuSwitch, "Voluntary context switch within RCU read-side critical section!");
    return;
  }
  if (c.irqsOff) {
    reportSilent(machine, cpu, "schedule() with interrupts disabled; the switch enables them");
    c.irqsOff = 0;
  }
}

void switchTo(Machine &machine, unsigned cpu, unsigned next) {
  State &state = machine.state;
  Cpu &c = state.cpus[cpu];
  state.tasks[c.task].flags &= static_cast<std::uint8_t>(~taskOnCpu);
  c.task = static_cast<std::uint8_t>(next);
  Task &task = state.tasks[next];
  task.flags |= taskOnCpu;
  task.cpu = static_cast<std::uint8_t>(cpu);
  c.preemptCount = next < machine.system.cpus ? preemptOffset : 0;
}

void switchToIdle(Machine &machine, unsigned cpu) { switchTo(machine, cpu, cpu); }

void block(Machine &machine, unsigned cpu, WaitFor waitFor, unsigned object, bool isVoluntary) {
  checkSchedule(machine, cpu, isVoluntary);
  if (machine.state.problem != Problem::None)
    return;
  Task &task = currentTask(machine.state, cpu);
  task.state = TaskState::Blocked;
  task.waitFor = waitFor;
  task.waitObject = static_cast<std::uint8_t>(object);
  task.flags |= taskBlockable;
  switchToIdle(machine, cpu);
}

bool cameBack(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  if (!(task.flags & taskBlockable))
    return false;
  task.flags &= static_cast<std::uint8_t>(~(taskBlockable | taskUninterruptible));
  return true;
}

namespace {

/// Is anyone but `self` in a read-side section of RCU (which includes preemption, bottom halves or IRQs off)?
bool anyReader(const System &system, const State &state, unsigned self) {
  for (unsigned t = 0; t < system.tasks.size(); ++t)
    if (state.tasks[t].rcuDepth)
      return true;
  for (unsigned c = 0; c < system.cpus; ++c) {
    const Cpu &cpu = state.cpus[c];
    if (c == self)
      continue; // who waits is not a reader itself
    const std::uint32_t idleCount = cpu.task < system.cpus ? preemptOffset : 0;
    if (cpu.preemptCount > idleCount || cpu.irqsOff)
      return true;
  }
  return false;
}

bool queueIsBusy(const System &system, const State &state, unsigned queue) {
  for (unsigned w = 0; w < system.works.size(); ++w) {
    const Work &work = state.works[w];
    if (((work.bits & workPending) && !(work.bits & workDelayed) && work.queue == queue + 1) ||
        (work.runners && work.runQueue == queue + 1))
      return true;
  }
  return false;
}

bool bhIsTaken(const System &system, const State &state, const Task &self) {
  for (unsigned t = 0; t < system.tasks.size(); ++t)
    if (&state.tasks[t] != &self && state.tasks[t].cpu == self.cpu && state.tasks[t].bhDisabled)
      return true;
  return false;
}

bool callbacksPending(const System &system, const State &state) {
  for (unsigned i = 0; i < system.callbacks.size(); ++i)
    if (state.callbacks[i].bits)
      return true;
  return false;
}

} // namespace

bool waitHolds(const System &system, const State &state, const Task &task) {
  const unsigned object = task.waitObject;
  switch (task.waitFor) {
  case WaitFor::Nothing:
  case WaitFor::Timeout: return true;
  case WaitFor::Wakeup:
  case WaitFor::WorkFlushed:
  case WaitFor::Never: return false;
  case WaitFor::Lock: return state.locks[object].owner == 0;
  case WaitFor::Variable:
  case WaitFor::CompletionDone: return state.variables[object] != 0;
  case WaitFor::TaskletIdle: return !(state.tasklets[object].bits & taskletSched);
  case WaitFor::TaskletUnlocked: return !(state.tasklets[object].bits & taskletRun);
  case WaitFor::WorkIdle: return state.works[object].runners == 0;
  case WaitFor::PoolSlot: return !queueIsBusy(system, state, object);
  case WaitFor::LineThreads: return state.lines[object].active == 0;
  case WaitFor::LineHandlers: return !(state.lines[object].bits & lineInProgress);
  case WaitFor::GracePeriod:
  case WaitFor::SrcuGracePeriod: return !anyReader(system, state, task.flags & taskOnCpu ? task.cpu : maxCpus);
  case WaitFor::Callbacks: return !callbacksPending(system, state);
  case WaitFor::TimerIdle: return !(state.timers[object].bits & timerRunning);
  case WaitFor::SoftirqLock: return !bhIsTaken(system, state, task);
  }
  return true;
}

void advance(Machine &machine, unsigned cpu) {
  Frame &frame = activeFrame(machine.state, cpu);
  ++frame.pc;
  const std::vector<Instruction> *code = machine.system.code(frame);
  if ((!code || frame.pc >= code->size()) && machine.state.problem == Problem::None)
    leaveFrame(machine, cpu);
}

void setResult(Machine &machine, unsigned cpu, bool value) {
  Frame &frame = activeFrame(machine.state, cpu);
  frame.result = static_cast<std::uint8_t>((frame.result & ~1) | (value ? 1 : 0));
}

void enterFrame(Machine &machine, unsigned cpu, Frame &frame, Runs runs, unsigned object) {
  frame = {runs, static_cast<std::uint8_t>(object), 0, 0};
  if (machine.log && machine.system.programOf(frame) >= 0)
    note(machine, cpu, "begins");
  const std::vector<Instruction> *code = machine.system.code(frame);
  if (!code || code->empty())
    leaveFrame(machine, cpu);
}

namespace {

void finishTask(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  if (machine.state.cpus[cpu].preemptCount || task.rcuDepth || task.bhDisabled || machine.state.cpus[cpu].irqsOff) {
    report(machine, cpu, Problem::Leak, "task ends with preemption, bottom halves or interrupts off");
    return;
  }
  task.base = {};
  task.state = TaskState::Done;
  switchToIdle(machine, cpu);
}

} // namespace

void leaveFrame(Machine &machine, unsigned cpu) {
  switch (activeFrame(machine.state, cpu).runs) {
  case Runs::None: break;
  case Runs::Task: finishTask(machine, cpu); break;
  case Runs::Primary: finishPrimary(machine, cpu); break;
  case Runs::IrqThread:
  case Runs::Secondary: finishIrqThread(machine, cpu); break;
  case Runs::Tasklet: finishTasklet(machine, cpu); break;
  case Runs::Timer: finishTimer(machine, cpu); break;
  case Runs::Work: finishWork(machine, cpu); break;
  case Runs::RcuCallback: finishCallback(machine, cpu); break;
  case Runs::Softirq: currentTask(machine.state, cpu).soft = {}; break;
  case Runs::OldBh: finishOldBh(machine, cpu); break;
  }
}

} // namespace bhlint::model
