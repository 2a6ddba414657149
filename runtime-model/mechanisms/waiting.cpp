// Sleeping, completions and wait queues. kernel/sched/{core,completion,wait}.c, kernel/time/sleep_timeout.c
//
// A completion and a wait queue's condition are variables: non-zero means done. `wait_wake` sleeps until an explicit
// wake-up comes after it began to wait, without looking at any condition: that is how a lost wake-up is written.
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

namespace {

constexpr Act acts[] = {Act::SetUninterruptible, Act::SetRunning, Act::Schedule, Act::Sleep, Act::Complete,
                        Act::WaitCompletion, Act::Wake, Act::WaitWake, Act::WaitForever, Act::Block};

void wakeSleepers(State &state, const System &system, unsigned variable) {
  for (unsigned t = 0; t < system.tasks.size(); ++t) {
    Task &task = state.tasks[t];
    if (task.state == TaskState::Blocked && task.waitFor == WaitFor::Wakeup && task.waitObject == variable)
      task.waitFor = WaitFor::Nothing;
  }
}

/// schedule(): with TASK_RUNNING it only yields; otherwise it waits for somebody to wake the task.
void schedule(Machine &machine, unsigned cpu) {
  Task &task = currentTask(machine.state, cpu);
  if (cameBack(machine, cpu)) {
    advance(machine, cpu);
    return;
  }
  const bool isSleeping = task.flags & taskUninterruptible;
  block(machine, cpu, isSleeping ? WaitFor::Never : WaitFor::Timeout, 0);
}

void sleepFor(Machine &machine, unsigned cpu, WaitFor waitFor, unsigned object) {
  if (cameBack(machine, cpu))
    advance(machine, cpu);
  else
    block(machine, cpu, waitFor, object);
}

void waitFor(Machine &machine, unsigned cpu, unsigned variable, bool consumes) {
  const bool isBack = cameBack(machine, cpu);
  if (machine.state.variables[variable]) {
    if (consumes)
      --machine.state.variables[variable];
    advance(machine, cpu);
    return;
  }
  (void)isBack;
  block(machine, cpu, WaitFor::Variable, variable);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  Task &task = currentTask(machine.state, cpu);
  switch (instruction.act) {
  case Act::Schedule: schedule(machine, cpu); return;
  case Act::Sleep: sleepFor(machine, cpu, WaitFor::Timeout, 0); return;
  case Act::WaitWake: sleepFor(machine, cpu, WaitFor::Wakeup, instruction.object); return;
  case Act::WaitForever: sleepFor(machine, cpu, WaitFor::Never, 0); return;
  case Act::WaitCompletion: waitFor(machine, cpu, instruction.object, true); return;
  case Act::Block: waitFor(machine, cpu, instruction.object, false); return;
  case Act::SetUninterruptible: task.flags |= taskUninterruptible; break;
  case Act::SetRunning: task.flags &= static_cast<std::uint8_t>(~taskUninterruptible); break;
  case Act::Complete:
    if (machine.state.variables[instruction.object] < 0xff)
      ++machine.state.variables[instruction.object];
    break;
  case Act::Wake: wakeSleepers(machine.state, machine.system, instruction.object); break;
  default: break;
  }
  advance(machine, cpu);
}

} // namespace

const Mechanism waitingMechanism = {"waiting", acts, nullptr, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
