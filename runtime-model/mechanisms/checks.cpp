// The kernel's own checks as instructions: might_sleep() and cond_resched() (kernel/sched/core.c:__might_resched),
// WARN_ON() conditions, and contracts from kernel-doc that no code checks.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::Nop, Act::MightSleep, Act::MightResched, Act::MaySleep, Act::MayLock, Act::Warn,
                        Act::Forbid, Act::Self};

std::string callText(const Machine &machine, unsigned cpu, const Instruction &instruction) {
  const int program = machine.system.programOf(activeFrame(machine.state, cpu));
  return program < 0 ? std::string() : machine.system.programs[static_cast<unsigned>(program)].calls[instruction.call];
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  switch (instruction.act) {
  case Act::MightSleep:
    checkMightSleep(machine, cpu, instruction.site, true);
    break;
  case Act::MightResched:
    checkMightSleep(machine, cpu, instruction.site, false);
    break;
  case Act::MaySleep:
    // Documented to sleep, but this path has no might_sleep(): kernels stay silent.
    if (!maySleepHere(machine.system, machine.state, cpu, false))
      reportSilent(machine, cpu, callText(machine, cpu, instruction) + " may sleep; this path does not check");
    break;
  case Act::MayLock: // might_lock() and friends: lockdep's view of a lock that this path does not take
    break;
  case Act::Warn:
    report(machine, cpu, Problem::Warning,
           "WARNING: at " + std::string(instruction.site) + " " + callText(machine, cpu, instruction));
    break;
  case Act::Forbid:
    reportSilent(machine, cpu, callText(machine, cpu, instruction) + ": not allowed here by contract");
    break;
  default:
    break;
  }
  if (machine.state.problem == Problem::None)
    advance(machine, cpu);
}

} // namespace

const Mechanism checksMechanism = {"checks", acts, nullptr, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
