// What a scenario writes down for itself: counters, sections that must not overlap, objects that may be gone,
// observations, jumps. Not part of any kernel; they make properties visible.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::Set, Act::Add, Act::Expect, Act::Use, Act::Enter, Act::Leave, Act::Observe, Act::Say, Act::Jump};

void observe(State &state, const Extent &extent, unsigned label) {
  for (unsigned i = 0; i < extent.observations; ++i)
    if (!state.observed[i]) {
      state.observed[i] = static_cast<std::uint8_t>(label + 1);
      return;
    }
}

/// "run {n} of {m}, queue={result}": what a scenario prints, with the values of variables.
std::string expand(const Machine &machine, unsigned cpu, std::string text) {
  for (std::size_t open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string::npos)
      break;
    const std::string name = text.substr(open + 1, close - open - 1);
    std::string value = name == "result" ? std::to_string(activeFrame(machine.state, cpu).result & 1) : "?";
    for (unsigned i = 0; i < machine.system.variables.size(); ++i)
      if (machine.system.variables[i].name == name)
        value = std::to_string(machine.state.variables[i]);
    text.replace(open, close - open + 1, value);
  }
  return text;
}

void say(Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (!machine.log)
    return;
  const int program = machine.system.programOf(activeFrame(machine.state, cpu));
  const std::string &call = machine.system.programs[static_cast<unsigned>(program)].calls[instruction.call];
  note(machine, cpu, expand(machine, cpu, call.substr(call.find(' ') + 1)));
  machine.log->back().isOutput = true;
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  auto name = [&] { return machine.system.variables[instruction.object].name; };
  std::uint8_t &variable = machine.state.variables[instruction.object < maxVariables ? instruction.object : 0];
  switch (instruction.act) {
  case Act::Set: variable = instruction.argument; break;
  case Act::Add: variable = static_cast<std::uint8_t>(variable + instruction.argument); break;
  case Act::Expect:
    if (variable != instruction.argument)
      report(machine, cpu, Problem::Expectation,
             "expected " + name() + " = " + std::to_string(instruction.argument) + ", it is " + std::to_string(variable));
    break;
  case Act::Use:
    if (!variable)
      report(machine, cpu, Problem::UseAfterKill, name() + " is gone: killed, cancelled or freed");
    break;
  case Act::Enter:
    if (++variable > 1)
      report(machine, cpu, Problem::Reentered, name() + " is entered while another activation is in it");
    break;
  case Act::Leave: --variable; break;
  case Act::Observe: observe(machine.state, machine.system.extent, instruction.object); break;
  case Act::Say: say(machine, cpu, instruction); break;
  case Act::Jump:
    activeFrame(machine.state, cpu).pc = instruction.object;
    return;
  default: break;
  }
  if (machine.state.problem == Problem::None)
    advance(machine, cpu);
}

} // namespace

const Mechanism bookkeepingMechanism = {"bookkeeping", acts, nullptr, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
