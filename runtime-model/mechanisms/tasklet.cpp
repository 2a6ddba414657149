// Tasklets: SCHED and RUN bits, two lists per CPU, disable count, kill. kernel/softirq.c:744-920, interrupt.h:651-770
//
// Without SMP and without RT there is no RUN bit: trylock always succeeds and waiting for it is empty (interrupt.h:699).
#include "runtime-model/machine.h"
#include "runtime-model/mechanisms/mechanisms.h"

namespace bhlint::model {

void runResend(Machine &machine, unsigned cpu);
bool hasResend(const System &system, const State &state);
bool runOldBhStage(Machine &machine, unsigned cpu);

namespace {

constexpr Act acts[] = {Act::TaskletSchedule, Act::TaskletHiSchedule, Act::TaskletDisable, Act::TaskletEnable,
                        Act::TaskletGrab, Act::TaskletUnlockWait, Act::TaskletSpinWait, Act::TaskletClear};

bool hasRunBit(const System &system) { return system.profile.smp || system.profile.rt; }

void schedule(Machine &machine, unsigned cpu, unsigned index, bool isHigh) {
  Tasklet &tasklet = machine.state.tasklets[index];
  if (tasklet.bits & taskletSched)
    return;
  tasklet.bits |= taskletSched;
  listPush(machine.state.cpus[cpu].tasklets[isHigh ? 0 : 1], index);
  raiseSoftirq(machine, cpu, isHigh ? Vector::Hi : Vector::Tasklet);
}

/// The kill loop's test_and_set_bit(SCHED), or a sleeping wait for the pending instance to run.
void grab(Machine &machine, unsigned cpu, const Instruction &instruction) {
  cameBack(machine, cpu);
  Tasklet &tasklet = machine.state.tasklets[instruction.object];
  if (!(tasklet.bits & taskletSched)) {
    tasklet.bits |= taskletSched;
    advance(machine, cpu);
    return;
  }
  checkMightSleep(machine, cpu, instruction.site, true);
  if (machine.state.problem == Problem::None)
    block(machine, cpu, WaitFor::TaskletIdle, instruction.object);
}

/// tasklet_unlock_wait(): might_sleep() even when there is nothing to wait for.
void unlockWait(Machine &machine, unsigned cpu, const Instruction &instruction) {
  if (hasRunBit(machine.system)) {
    if (!cameBack(machine, cpu))
      checkMightSleep(machine, cpu, "kernel/softirq.c:919", true);
    if (machine.state.problem != Problem::None)
      return;
    if (machine.state.tasklets[instruction.object].bits & taskletRun) {
      block(machine, cpu, WaitFor::TaskletUnlocked, instruction.object);
      return;
    }
  }
  advance(machine, cpu);
}

bool ready(const Machine &machine, unsigned, const Instruction &instruction) {
  return instruction.act != Act::TaskletSpinWait || !(machine.state.tasklets[instruction.object].bits & taskletRun);
}

void execute(Machine &machine, unsigned cpu, const Instruction &instruction) {
  Tasklet &tasklet = machine.state.tasklets[instruction.object];
  switch (instruction.act) {
  case Act::TaskletGrab: grab(machine, cpu, instruction); return;
  case Act::TaskletUnlockWait: unlockWait(machine, cpu, instruction); return;
  case Act::TaskletSchedule: schedule(machine, cpu, instruction.object, false); break;
  case Act::TaskletHiSchedule: schedule(machine, cpu, instruction.object, true); break;
  case Act::TaskletDisable: ++tasklet.disables; break;
  case Act::TaskletEnable: --tasklet.disables; break; // unbalanced: wraps, and the tasklet stays off for ever
  case Act::TaskletClear: tasklet.bits &= static_cast<std::uint8_t>(~taskletSched); break;
  default: break;
  }
  advance(machine, cpu);
}

/// Takes the first of the detached list. False: it could not run and went to the end of the CPU's list.
bool runFirst(Machine &machine, unsigned cpu, bool isHigh) {
  Cpu &c = machine.state.cpus[cpu];
  std::uint8_t *list = c.tasklets[isHigh ? 0 : 1];
  const unsigned index = list[0] - 1u;
  Tasklet &tasklet = machine.state.tasklets[index];
  listRemoveAt(list, 0);
  --c.batch;
  const bool isLocked = hasRunBit(machine.system) && (tasklet.bits & taskletRun);
  if (isLocked || tasklet.disables) {
    listPush(list, index);
    c.pending |= static_cast<std::uint16_t>(1u << static_cast<unsigned>(isHigh ? Vector::Hi : Vector::Tasklet));
    return false;
  }
  // SCHED goes before the callback: scheduling while it runs makes it run once more.
  tasklet.bits &= static_cast<std::uint8_t>(~taskletSched);
  if (hasRunBit(machine.system))
    tasklet.bits |= taskletRun;
  enterFrame(machine, cpu, currentTask(machine.state, cpu).soft, Runs::Tasklet, index);
  return true;
}

} // namespace

bool runTaskletStage(Machine &machine, unsigned cpu, bool highPri) {
  Cpu &c = machine.state.cpus[cpu];
  // tasklet_action() runs the BH works of its priority first (softirq.c:832-842).
  if (c.stage <= 1) {
    if (runBhWorkStage(machine, cpu, highPri))
      return true;
    c.stage = 2;
    c.batch = static_cast<std::uint8_t>(listLength(c.tasklets[highPri ? 0 : 1]));
  }
  while (c.batch)
    if (runFirst(machine, cpu, highPri))
      return true;
  if (highPri)
    return runOldBhStage(machine, cpu);
  if (hasResend(machine.system, machine.state)) {
    runResend(machine, cpu);
    return true;
  }
  return false;
}

void finishTasklet(Machine &machine, unsigned cpu) {
  Frame &frame = currentTask(machine.state, cpu).soft;
  machine.state.tasklets[frame.object].bits &= static_cast<std::uint8_t>(~taskletRun);
  frame = {};
}

const Mechanism taskletMechanism = {"tasklet", acts, ready, execute, nullptr, nullptr, nullptr};

} // namespace bhlint::model
