// Interrupt lines and primary handlers: masking, in-progress, pending and replay, shared lines, disable and enable,
// synchronize. kernel/irq/{chip,handle,manage,resend}.c: chip.c:605-655 (level), 787-838 (edge), handle.c:139-180,
// manage.c:112-120, 688-800, 1898-1995, resend.c:31-48
//
// The device is part of it: it drives a level line until it is acknowledged, or latches an edge. Software resend runs
// the handler from a tasklet, as on a controller that cannot retrigger.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

void wakeActionThread(Machine &machine, unsigned cpu, unsigned action, bool isFromPrimary);
void unmaskIfIdle(Machine &machine, unsigned cpu, unsigned line);
void runResend(Machine &machine, unsigned cpu);
bool hasResend(const System &system, const State &state);

namespace {

constexpr Act acts[] = {Act::LineDisable, Act::LineEnable, Act::LineWaitHandlers, Act::ActionFree, Act::DeviceAck,
                        Act::DeviceMask, Act::DeviceUnmask, Act::ReturnWake, Act::Request};
enum : std::uint8_t { raiseStep = 1, deliverStep = 2, endStep = 3 };
constexpr std::uint8_t returned = 0xff; ///< pc of a primary handler that woke its thread; the flow handler goes on
constexpr unsigned stormLimit = 3; ///< deliveries of one level without anything that quietens the device

bool runsHandlerHere(const State &state, const System &system, unsigned cpu, unsigned line) {
  const Cpu &c = state.cpus[cpu];
  const Task &task = currentTask(state, cpu);
  auto is = [&](const Frame &frame) {
    return frame.runs == Runs::Primary && system.actions[frame.object].line == line;
  };
  return is(c.hard) || is(task.soft);
}

bool ready(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (instruction.act != Act::LineWaitHandlers)
    return true;
  return !(machine.state.lines[instruction.object].bits & lineInProgress) ||
         runsHandlerHere(machine.state, machine.system, cpu, instruction.object);
}

/// Runs the first action of `line` from `action` on that has a primary handler of its own; wakes threads of the others.
void runActions(Machine &machine, unsigned cpu, unsigned line, unsigned action, Frame &frame) {
  for (; action < machine.system.actions.size(); ++action) {
    const ActionSpec &spec = machine.system.actions[action];
    if (spec.line != line)
      continue;
    if (spec.primary >= 0 && !(spec.flags & actionForced)) {
      enterFrame(machine, cpu, frame, Runs::Primary, action);
      return;
    }
    wakeActionThread(machine, cpu, action, true); // the default primary handler
  }
  Line &state = machine.state.lines[line];
  state.bits &= static_cast<std::uint8_t>(~lineInProgress);
  frame = {};
  if (&frame != &machine.state.cpus[cpu].hard) {
    machine.state.cpus[cpu].irqsOff = 0; // a resend, from its tasklet
    return;
  }
  // Edge: the flow handler loops while another edge came in.
  if (!machine.system.lines[line].isLevel && (state.bits & linePending) && state.depth == 0) {
    state.bits = static_cast<std::uint8_t>((state.bits & ~(linePending | lineMasked)) | lineInProgress);
    runActions(machine, cpu, line, 0, frame);
    return;
  }
  unmaskIfIdle(machine, cpu, line);
  machine.state.cpus[cpu].preemptCount -= hardirqOffset;
  machine.state.cpus[cpu].irqsOff = 0;
  irqExit(machine, cpu);
}

void deliverLevel(Machine &machine, unsigned cpu, unsigned line) {
  Line &state = machine.state.lines[line];
  state.bits |= lineMasked; // mask_ack_irq()
  noteChip(machine, cpu, "chip mask");
  noteChip(machine, cpu, "chip ack");
  if (state.depth) {
    state.bits |= linePending;
    return;
  }
  if (++state.repeats > stormLimit) {
    report(machine, cpu, Problem::Storm,
           "irq " + machine.system.lines[line].name + ": the level stays asserted and the line is unmasked: storm");
    return;
  }
  Cpu &c = machine.state.cpus[cpu];
  state.bits = static_cast<std::uint8_t>((state.bits & ~linePending) | lineInProgress);
  c.preemptCount += hardirqOffset;
  c.irqsOff = 1;
  runActions(machine, cpu, line, 0, c.hard);
}

void deliverEdge(Machine &machine, unsigned cpu, unsigned line) {
  Line &state = machine.state.lines[line];
  state.bits &= static_cast<std::uint8_t>(~lineAsserted); // ack
  if (state.depth || (state.bits & lineInProgress)) {
    if (!(state.bits & lineMasked))
      noteChip(machine, cpu, "chip mask");
    noteChip(machine, cpu, "chip ack");
    state.bits |= linePending | lineMasked;
    return;
  }
  noteChip(machine, cpu, "chip ack");
  Cpu &c = machine.state.cpus[cpu];
  state.bits = static_cast<std::uint8_t>((state.bits & ~linePending) | lineInProgress);
  c.preemptCount += hardirqOffset;
  c.irqsOff = 1;
  runActions(machine, cpu, line, 0, c.hard);
}

void enableLine(Machine &machine, unsigned cpu, unsigned line) {
  Line &state = machine.state.lines[line];
  if (state.depth == 0) {
    report(machine, cpu, Problem::Warning, "Unbalanced enable for IRQ " + machine.system.lines[line].name);
    return;
  }
  if (--state.depth)
    return;
  unmaskIfIdle(machine, cpu, line);
  const bool wasPending = state.bits & linePending;
  state.bits &= static_cast<std::uint8_t>(~linePending);
  if (wasPending && !machine.system.lines[line].isLevel) {
    // check_irq_resend(): the handler runs from a tasklet.
    state.bits |= lineReplay;
    raiseSoftirq(machine, cpu, Vector::Tasklet);
  }
}

void quieten(Line &line, const LineSpec &spec) {
  if (spec.isLevel)
    line.bits &= static_cast<std::uint8_t>(~lineAsserted);
  line.repeats = 0;
}

constexpr std::uint8_t einval = 22, ebusy = 16;

/// __setup_irq(): what it refuses. The status goes to the variable `status` when the scenario has one.
void request(Machine &machine, unsigned cpu, unsigned index) {
  const System &system = machine.system;
  const ActionSpec &action = system.actions[index];
  std::uint8_t status = 0;
  if (action.primary < 0 && action.thread < 0)
    status = einval;
  else if (action.primary < 0 && !(action.flags & actionOneshot)) {
    noteChip(machine, cpu, ("genirq: Threaded irq requested with handler=NULL and !ONESHOT for " + action.name +
                            " (irq " + system.lines[action.line].name + ")").c_str());
    status = einval;
  }
  for (unsigned other = 0; other < index && !status; ++other)
    if (system.actions[other].line == action.line &&
        (!(action.flags & system.actions[other].flags & actionShared) ||
         ((action.flags ^ system.actions[other].flags) & actionOneshot)))
      status = ebusy;
  for (unsigned i = 0; i < system.variables.size(); ++i)
    if (system.variables[i].name == "status")
      machine.state.variables[i] = status;
  setResult(machine, cpu, status == 0);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  switch (instruction.act) {
  case Act::LineDisable: ++machine.state.lines[instruction.object].depth; break;
  case Act::LineEnable:
    enableLine(machine, cpu, instruction.object);
    if (machine.state.problem != Problem::None)
      return;
    break;
  case Act::LineWaitHandlers:
    if (runsHandlerHere(machine.state, machine.system, cpu, instruction.object)) {
      report(machine, cpu, Problem::Deadlock, "the handler waits for itself to finish, for ever");
      return;
    }
    break;
  case Act::ActionFree:
    machine.state.lines[machine.system.actions[instruction.object].line].bits |= lineFreed;
    break;
  case Act::DeviceAck:
    quieten(machine.state.lines[instruction.object], machine.system.lines[instruction.object]);
    break;
  case Act::DeviceMask:
    machine.state.lines[instruction.object].bits |= lineDeviceOff;
    quieten(machine.state.lines[instruction.object], machine.system.lines[instruction.object]);
    break;
  case Act::DeviceUnmask:
    machine.state.lines[instruction.object].bits &= static_cast<std::uint8_t>(~lineDeviceOff);
    break;
  case Act::Request: request(machine, cpu, instruction.object); break;
  case Act::ReturnWake:
    activeFrame(machine.state, cpu).result |= 0x80;
    break;
  default: break;
  }
  advance(machine, cpu);
}

bool mayDeliver(const System &system, const State &state, unsigned line, unsigned cpu) {
  const Line &l = state.lines[line];
  const Cpu &c = state.cpus[cpu];
  const bool isMasked = (l.bits & lineMasked) && !system.lines[line].isInjected;
  if (!(l.bits & lineAsserted) || isMasked || (l.bits & lineFreed) || !c.hard.isFree() || c.irqsOff)
    return false;
  return system.lines[line].cpu == 0xff || system.lines[line].cpu == cpu;
}

void enabled(const System &system, const State &state, std::uint8_t self, Steps &steps) {
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    if (state.cpus[cpu].hard.runs == Runs::Primary && state.cpus[cpu].hard.pc == returned)
      steps.add({self, static_cast<std::uint8_t>(cpu), endStep, 0});
  for (unsigned i = 0; i < system.lines.size(); ++i) {
    const Line &line = state.lines[i];
    if (line.events && !(line.bits & (lineDeviceOff | lineFreed)) && !(line.bits & lineAsserted))
      steps.add({self, 0, raiseStep, static_cast<std::uint8_t>(i)});
    for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
      if (mayDeliver(system, state, i, cpu))
        steps.add({self, static_cast<std::uint8_t>(cpu), deliverStep, static_cast<std::uint8_t>(i)});
  }
}

void apply(Machine &machine, const Step &step) {
  if (step.kind == endStep) {
    Frame &frame = machine.state.cpus[step.cpu].hard;
    const unsigned action = frame.object;
    runActions(machine, step.cpu, machine.system.actions[action].line, action + 1, frame);
    return;
  }
  Line &line = machine.state.lines[step.object];
  if (step.kind == raiseStep) {
    --line.events;
    line.bits |= lineAsserted;
    const LineSpec &spec = machine.system.lines[step.object];
    if (spec.counter)
      ++machine.state.variables[spec.counter - 1];
    return;
  }
  if (machine.system.lines[step.object].isLevel)
    deliverLevel(machine, step.cpu, step.object);
  else
    deliverEdge(machine, step.cpu, step.object);
}

} // namespace

void unmaskIfIdle(Machine &machine, unsigned cpu, unsigned line) {
  Line &l = machine.state.lines[line];
  if (l.depth || l.oneshot || !(l.bits & lineMasked))
    return;
  l.bits &= static_cast<std::uint8_t>(~lineMasked);
  noteChip(machine, cpu, "chip unmask");
}

bool hasResend(const System &system, const State &state) {
  for (unsigned i = 0; i < system.lines.size(); ++i)
    if ((state.lines[i].bits & lineReplay) && !(state.lines[i].bits & lineInProgress))
      return true;
  return false;
}

void runResend(Machine &machine, unsigned cpu) {
  for (unsigned i = 0; i < machine.system.lines.size(); ++i) {
    Line &line = machine.state.lines[i];
    if (!(line.bits & lineReplay) || (line.bits & lineInProgress))
      continue;
    line.bits = static_cast<std::uint8_t>((line.bits & ~lineReplay) | lineInProgress);
    machine.state.cpus[cpu].irqsOff = 1;
    if (!machine.system.lines[i].isLevel)
      noteChip(machine, cpu, "chip ack");
    runActions(machine, cpu, i, 0, currentTask(machine.state, cpu).soft);
    return;
  }
}

void finishPrimary(Machine &machine, unsigned cpu) {
  Frame &frame = activeFrame(machine.state, cpu);
  const unsigned action = frame.object;
  const bool isWaking = frame.result & 0x80;
  if (!machine.state.cpus[cpu].irqsOff) {
    report(machine, cpu, Problem::Leak, "irq handler enabled interrupts");
    return;
  }
  if (isWaking) {
    wakeActionThread(machine, cpu, action, true);
    // Another CPU may run the thread before the line is unmasked here.
    if (&frame == &machine.state.cpus[cpu].hard) {
      frame.pc = returned;
      return;
    }
  }
  if (machine.state.problem == Problem::None)
    runActions(machine, cpu, machine.system.actions[action].line, action + 1, frame);
}

const Mechanism hardIrqMechanism = {"hard IRQ", acts, ready, execute, enabled, apply, nullptr};

} // namespace bhlint::model
