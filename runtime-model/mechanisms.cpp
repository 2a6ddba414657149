// The table of mechanisms, and the two functions that run them all.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

#include <cassert>

namespace bhlint::model {

std::span<const Mechanism> mechanisms() {
  static const Mechanism table[] = {
      checksMechanism,  sectionsMechanism,  locksMechanism,       tasksMechanism, waitingMechanism,
      hardIrqMechanism, threadedIrqMechanism, softirqMechanism,   taskletMechanism, timerMechanism,
      workqueueMechanism, bhWorkMechanism,  rcuMechanism,         oldBhMechanism, bookkeepingMechanism,
  };
  return table;
}

namespace {

struct Owners {
  std::uint8_t mechanism[actCount];
  Owners() {
    for (std::uint8_t &m : mechanism)
      m = 0xff;
    std::uint8_t index = 0;
    for (const Mechanism &mechanismRow : mechanisms()) {
      for (Act act : mechanismRow.acts)
        mechanism[static_cast<unsigned>(act)] = index;
      ++index;
    }
  }
};

const Owners &owners() {
  static const Owners table;
  return table;
}

std::uint8_t ownerOf(Act act) { return owners().mechanism[static_cast<unsigned>(act)]; }

bool isReady(const Machine &machine, unsigned cpu, const Instruction &instruction, const Mechanism &mechanism) {
  return !mechanism.ready || !holds(instruction.guard, machine.system, machine.state, cpu) ||
         mechanism.ready(machine, cpu, instruction);
}

/// A call appears in a timeline when its first instruction is executed; bookkeeping does not.
void noteCall(Machine &machine, unsigned cpu, const Instruction &instruction) {
  const Frame &frame = activeFrame(machine.state, cpu);
  const std::vector<Instruction> &code = *machine.system.code(frame);
  const bool isFirst = frame.pc == 0 || code[frame.pc - 1u].call != instruction.call;
  if (!isFirst || (currentTask(machine.state, cpu).flags & taskBlockable) || ownerOf(instruction.act) + 1u == mechanisms().size())
    return;
  const int program = machine.system.programOf(frame);
  note(machine, cpu, machine.system.programs[static_cast<unsigned>(program)].calls[instruction.call]);
}

} // namespace

void enabledSteps(const System &system, const State &state, Steps &steps) {
  steps.clear();
  if (state.problem != Problem::None)
    return;
  const Machine machine{system, const_cast<State &>(state)};
  const std::span<const Mechanism> table = mechanisms();
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    if (const Instruction *instruction = nextInstruction(system, state, cpu)) {
      const std::uint8_t owner = ownerOf(instruction->act);
      if (isReady(machine, cpu, *instruction, table[owner]))
        steps.add({owner, static_cast<std::uint8_t>(cpu), 0, 0});
    }
  std::uint8_t index = 0;
  for (const Mechanism &mechanism : table) {
    if (mechanism.enabled)
      mechanism.enabled(system, state, index, steps);
    ++index;
  }
}

void applyStep(Machine &machine, const Step &step) {
  const Mechanism &mechanism = mechanisms()[step.mechanism];
  if (step.kind != 0) {
    mechanism.apply(machine, step);
    return;
  }
  const Instruction *instruction = nextInstruction(machine.system, machine.state, step.cpu);
  assert(instruction && "a step was applied in a state in which it is not enabled");
  if (machine.log)
    noteCall(machine, step.cpu, *instruction);
  if (!holds(instruction->guard, machine.system, machine.state, step.cpu))
    advance(machine, step.cpu);
  else
    mechanism.execute(machine, step.cpu, *instruction);
}

std::string describeStep(const System &system, const State &state, const Step &step) {
  const std::string where = "cpu" + std::to_string(step.cpu) + ": ";
  if (step.kind == 0) {
    const Instruction *instruction = nextInstruction(system, state, step.cpu);
    if (!instruction)
      return where + "nothing";
    const int program = system.programOf(activeFrame(state, step.cpu));
    const Program &text = system.programs[static_cast<unsigned>(program)];
    return where + text.name + ": " + text.calls[instruction->call] + " [" + actInfo(instruction->act).name + "]";
  }
  return where + mechanisms()[step.mechanism].name + " step " + std::to_string(step.kind) + " on " +
         std::to_string(step.object);
}

} // namespace bhlint::model
