// Interrupt threads: IRQ_WAKE_THREAD, coalescing in RUNTHREAD, ONESHOT masking until all threads of the line are done,
// forced threading with its secondary thread. kernel/irq/handle.c:61-137, manage.c:1135-1208, 1306-1412
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

void unmaskIfIdle(Machine &machine, unsigned cpu, unsigned line);
void wakeActionThread(Machine &machine, unsigned cpu, unsigned action, bool isFromPrimary);

namespace {

constexpr Act acts[] = {Act::WakeThread, Act::LineWaitThreads, Act::ActionWait};

std::uint8_t oneshotBit(unsigned action) { return static_cast<std::uint8_t>(1u << (action & 7)); }

bool isOneshot(const ActionSpec &spec) { return spec.flags & (actionOneshot | actionForced); }

bool isOwnThread(const System &system, const State &state, unsigned cpu, unsigned line) {
  const Frame &base = currentTask(state, cpu).base;
  return (base.runs == Runs::IrqThread || base.runs == Runs::Secondary) && system.actions[base.object].line == line;
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (instruction.act == Act::WakeThread) {
    wakeActionThread(machine, cpu, instruction.object, false);
    if (machine.state.problem == Problem::None)
      advance(machine, cpu);
    return;
  }
  const unsigned line = instruction.act == Act::ActionWait ? machine.system.actions[instruction.object].line
                                                           : instruction.object;
  cameBack(machine, cpu);
  if (machine.state.lines[line].active == 0) {
    advance(machine, cpu);
    return;
  }
  const bool isOwn = isOwnThread(machine.system, machine.state, cpu, line);
  block(machine, cpu, isOwn ? WaitFor::Never : WaitFor::LineThreads, line);
}

void wake(Machine &machine, unsigned action, int task, bool isSecondary) {
  Task &thread = machine.state.tasks[task];
  if (thread.isWoken)
    return; // RUNTHREAD is set: coalesced
  thread.isWoken = 1;
  Line &line = machine.state.lines[machine.system.actions[action].line];
  ++line.active;
  if (isOneshot(machine.system.actions[action]) && !isSecondary)
    line.oneshot |= oneshotBit(action);
}

} // namespace

void wakeActionThread(Machine &machine, unsigned cpu, unsigned action, bool isFromPrimary) {
  const ActionSpec &spec = machine.system.actions[action];
  if (spec.threadTask < 0) {
    report(machine, cpu, Problem::Warning,
           "IRQ " + machine.system.lines[spec.line].name + " device " + spec.name +
               " returned IRQ_WAKE_THREAD but no thread function available.");
    return;
  }
  (void)isFromPrimary;
  wake(machine, action, spec.threadTask, false);
}

void wakeIrqThread(Machine &machine, unsigned, unsigned action, bool isSecondary) {
  const ActionSpec &spec = machine.system.actions[action];
  wake(machine, action, isSecondary ? spec.secondaryTask : spec.threadTask, isSecondary);
}

void beginIrqThread(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  const TaskSpec &spec = machine.system.tasks[machine.state.cpus[cpu].task];
  const ActionSpec &action = machine.system.actions[spec.object];
  task.isWoken = 0;
  if (spec.kind == TaskKind::Secondary) {
    enterFrame(machine, cpu, task.base, Runs::Secondary, spec.object);
    return;
  }
  if (action.flags & actionForced) {
    bhDisable(machine, cpu);
    if (!machine.system.profile.rt)
      machine.state.cpus[cpu].irqsOff = 1;
  }
  enterFrame(machine, cpu, task.base, Runs::IrqThread, spec.object);
}

void finishIrqThread(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  const Frame frame = task.base;
  const ActionSpec &action = machine.system.actions[frame.object];
  const bool isForced = frame.runs == Runs::IrqThread && (action.flags & actionForced);
  task.base = {};
  if ((frame.result & 0x80) && action.secondaryTask >= 0)
    wakeIrqThread(machine, cpu, frame.object, true);
  if (isForced && !machine.system.profile.rt)
    machine.state.cpus[cpu].irqsOff = 0;
  Line &line = machine.state.lines[action.line];
  --line.active;
  if (isOneshot(action) && frame.runs == Runs::IrqThread && !task.isWoken) {
    line.oneshot &= static_cast<std::uint8_t>(~oneshotBit(frame.object));
    if (!(line.bits & lineInProgress))
      unmaskIfIdle(machine, cpu, action.line);
  }
  const unsigned self = machine.state.cpus[cpu].task;
  if (isForced)
    bhEnable(machine, cpu); // may run softirqs on this thread first
  if (machine.state.problem == Problem::None && machine.state.cpus[cpu].task == self &&
      !isServingSoftirq(machine.system, machine.state, cpu))
    switchToIdle(machine, cpu);
}

const Mechanism threadedIrqMechanism = {"threaded IRQ", acts, nullptr, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
