// What the mechanisms share: which frame is active, the kernel's own checks, blocking, entering and leaving handlers.
//
// Nothing here decides what is allowed; it says what a kernel with its checks on would notice (kernel/sched/core.c,
// kernel/locking/lockdep.c) and carries out what it does next. Each function names its counterpart.
#pragma once

#include "runtime-model/mechanism.h"

namespace bhlint::model {

enum class Level : std::uint8_t { Task, Soft, Hard };

inline Task &currentTask(State &state, unsigned cpu) { return state.tasks[state.cpus[cpu].task]; }
inline const Task &currentTask(const State &state, unsigned cpu) { return state.tasks[state.cpus[cpu].task]; }
inline bool isIdle(const System &system, const State &state, unsigned cpu) { return state.cpus[cpu].task < system.cpus; }

// Inline, as they are what a search spends its time in.
inline Level activeLevel(const State &state, unsigned cpu) {
  if (!state.cpus[cpu].hard.isFree())
    return Level::Hard;
  return currentTask(state, cpu).soft.isFree() ? Level::Task : Level::Soft;
}
inline const Frame &activeFrame(const State &state, unsigned cpu) {
  if (!state.cpus[cpu].hard.isFree())
    return state.cpus[cpu].hard;
  const Task &task = currentTask(state, cpu);
  return task.soft.isFree() ? task.base : task.soft;
}
inline Frame &activeFrame(State &state, unsigned cpu) {
  return const_cast<Frame &>(activeFrame(static_cast<const State &>(state), cpu));
}
inline bool isServingSoftirq(const System &system, const State &state, unsigned cpu) {
  if (system.profile.rt)
    return currentTask(state, cpu).bhDisabled & 1;
  return state.cpus[cpu].preemptCount & softirqOffset;
}

/// Next instruction of the active frame of `cpu`; null when it has none.
inline const Instruction *nextInstruction(const System &system, const State &state, unsigned cpu) {
  const Frame &frame = activeFrame(state, cpu);
  if (frame.isFree())
    return nullptr;
  // Between two handlers of a softirq the borrowed task does not run.
  if (isServingSoftirq(system, state, cpu) && activeLevel(state, cpu) == Level::Task)
    return nullptr;
  const std::vector<Instruction> *code = system.code(frame);
  return code && frame.pc < code->size() ? &(*code)[frame.pc] : nullptr;
}

bool inHardirqContext(const State &state, unsigned cpu);
bool inSoftirqContext(const System &system, const State &state, unsigned cpu);
bool inInterruptContext(const System &system, const State &state, unsigned cpu);
bool isPreemptible(const State &state, unsigned cpu);
/// All Predicate bits that hold on `cpu`.
std::uint16_t predicates(const System &system, const State &state, unsigned cpu);
bool guardHolds(const Guard &guard, const System &system, const State &state, unsigned cpu);
inline bool holds(const Guard &guard, const System &system, const State &state, unsigned cpu) {
  return guard.isAlways() || guardHolds(guard, system, state, cpu);
}

/// H, S, s, B, D, A or T: how the recorded traces name a state.
char contextLetter(const System &system, const State &state, unsigned cpu);
/// "swapper/0", "ksoftirqd/1", "kworker/0:1".
std::string taskName(const System &system, unsigned task);

void note(Machine &machine, unsigned cpu, const std::string &text, bool isProblem = false);
/// What an interrupt controller is told ("chip mask") and what the core prints by itself: no task said it.
void noteChip(Machine &machine, unsigned cpu, const char *text);
/// First problem wins: what follows it proves nothing. `text` is what the kernel prints.
void report(Machine &machine, unsigned cpu, Problem problem, const std::string &text);
/// Forbidden, but nothing notices: execution goes on.
void reportSilent(Machine &machine, unsigned cpu, const std::string &text);

/// __might_resched(): preempt count, RCU depth (unless `ignoresRcu`), IRQs off, idle task. True: it may sleep.
bool maySleepHere(const System &system, const State &state, unsigned cpu, bool ignoresRcu);
void checkMightSleep(Machine &machine, unsigned cpu, std::string_view site, bool checksState);
/// rtlock_might_resched(): RCU readers may, since an rtmutex inside a reader is boosted.
void checkRtLock(Machine &machine, unsigned cpu, std::string_view site);
/// schedule_debug() and rcu_note_context_switch(); enables interrupts as a real switch does.
void checkSchedule(Machine &machine, unsigned cpu, bool isVoluntary);

/// Gives the CPU up until waitHolds(waitFor, object). The instruction is executed again then.
void block(Machine &machine, unsigned cpu, WaitFor waitFor, unsigned object, bool isVoluntary = true);
/// Is what a task waits for there?
bool waitHolds(const System &system, const State &state, const Task &task);
/// Did the current task come back from block() at this instruction? Clears the mark.
bool cameBack(Machine &machine, unsigned cpu);
void switchTo(Machine &machine, unsigned cpu, unsigned task);
void switchToIdle(Machine &machine, unsigned cpu);

/// On to the next instruction; at the end of the program the handler returns.
void advance(Machine &machine, unsigned cpu);
void setResult(Machine &machine, unsigned cpu, bool value);
/// Makes `runs`/`object` the active frame `frame`; an empty handler returns at once.
void enterFrame(Machine &machine, unsigned cpu, Frame &frame, Runs runs, unsigned object);
void leaveFrame(Machine &machine, unsigned cpu);

// Implemented by the mechanisms that own them.
void raiseSoftirq(Machine &machine, unsigned cpu, Vector vector);
void irqExit(Machine &machine, unsigned cpu);
void bhDisable(Machine &machine, unsigned cpu);
void bhEnable(Machine &machine, unsigned cpu);
void beginSoftirq(Machine &machine, unsigned cpu, SoftirqOrigin origin);
void beginKsoftirqd(Machine &machine, unsigned cpu);
void beginIrqThread(Machine &machine, unsigned cpu);
void beginWork(Machine &machine, unsigned cpu);
void beginCallbackThread(Machine &machine, unsigned cpu);
void beginIrqWorkThread(Machine &machine, unsigned cpu);
bool hasKsoftirqdWork(const System &system, const State &state, unsigned cpu);
bool hasWork(const System &system, const State &state, unsigned task);
bool hasCallbackWork(const System &system, const State &state, unsigned task);
bool hasIrqWork(const System &system, const State &state, unsigned task);
/// One tasklet or BH work of the running vector; false when the stage is empty.
bool runTaskletStage(Machine &machine, unsigned cpu, bool highPri);
bool runTimerStage(Machine &machine, unsigned cpu, bool isHrtimer);
bool runCallbackStage(Machine &machine, unsigned cpu);
bool runBhWorkStage(Machine &machine, unsigned cpu, bool highPri);
bool queueWork(Machine &machine, unsigned cpu, unsigned work, unsigned queue);
void wakeIrqThread(Machine &machine, unsigned cpu, unsigned action, bool isSecondary);
void finishPrimary(Machine &machine, unsigned cpu);
void finishIrqThread(Machine &machine, unsigned cpu);
void finishTasklet(Machine &machine, unsigned cpu);
void finishTimer(Machine &machine, unsigned cpu);
void finishWork(Machine &machine, unsigned cpu);
void finishCallback(Machine &machine, unsigned cpu);
void finishOldBh(Machine &machine, unsigned cpu);
void takeRcuSection(Machine &machine, unsigned cpu, int delta);

} // namespace bhlint::model
