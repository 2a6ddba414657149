// Bottom halves and task queues as they were before 2.5: 32 static slots, marked by mark_bh(), run at interrupt exit,
// one at a time on the whole machine (global_bh_lock). In 2.3.43 to 2.5 they were tasklets on the HI vector whose
// bh_action() tried the global lock and rescheduled itself when it was taken; that form is modelled. Gone since 2.5;
// this is history, checked against nothing but its own description.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

#include <bit>

namespace bhlint::model {

bool runOldBhStage(Machine &machine, unsigned cpu);

namespace {

constexpr Act acts[] = {Act::MarkBh};

bool isGlobalLockTaken(const System &system, const State &state) {
  for (unsigned t = 0; t < system.tasks.size(); ++t)
    if (state.tasks[t].soft.runs == Runs::OldBh)
      return true;
  return false;
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  machine.state.oldBh |= static_cast<std::uint8_t>(1u << instruction.object);
  raiseSoftirq(machine, cpu, Vector::Hi);
  advance(machine, cpu);
}

} // namespace

bool runOldBhStage(Machine &machine, unsigned cpu) {
  if (!machine.state.oldBh)
    return false;
  if (isGlobalLockTaken(machine.system, machine.state)) {
    machine.state.cpus[cpu].pending |= 1u << static_cast<unsigned>(Vector::Hi); // mark_bh() again
    return false;
  }
  const auto slot = static_cast<unsigned>(std::countr_zero(machine.state.oldBh));
  machine.state.oldBh &= static_cast<std::uint8_t>(~(1u << slot));
  enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::OldBh, slot);
  return true;
}

void finishOldBh(Machine &machine, unsigned cpu) { currentTask(machine.state, cpu).soft = {}; }

const Mechanism oldBhMechanism = {"old BH", acts, nullptr, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
