// Instruction: one atomic step of a handler, task or kernel function. A Program is a list of them.
//
// What a kernel function does in terms of instructions is data (data/functions.yaml), and so is which functions a
// scenario's handler calls. What an instruction does to the State is in mechanisms/, one file per mechanism.
//
// To add one: a row in the table in instruction.cpp, a case in the mechanism that owns it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bhlint::model {

enum class Act : std::uint8_t {
  Nop,
  // The kernel's own checks, and its contracts that nothing checks.
  MightSleep, MightResched, MaySleep, MayLock, Warn, Forbid,
  // Preemption, interrupt flags, bottom halves, RCU sections.
  PreemptDisable, PreemptEnable, MigrateDisable, MigrateEnable, IrqDisable, IrqEnable, IrqSave, IrqRestore, BhDisable,
  BhEnable, RcuLock, RcuUnlock, RcuBhLock, RcuBhUnlock, RcuSchedLock, RcuSchedUnlock,
  // Locks.
  Take, Drop, Try,
  // Sleeping, completions, wait queues.
  SetUninterruptible, SetRunning, Schedule, Sleep, Complete, WaitCompletion, Wake, WaitWake, WaitForever, Block,
  // Softirqs, tasklets, the bottom halves of before 2.5.
  Raise, TaskletSchedule, TaskletHiSchedule, TaskletDisable, TaskletEnable, TaskletGrab, TaskletUnlockWait,
  TaskletSpinWait, TaskletClear, MarkBh,
  // Timers, hrtimers, irq_work.
  TimerArm, TimerDelete, TimerWait, TimerShutdown,
  // Workqueues.
  WorkQueue, WorkDelay, WorkModDelay, WorkCancel, WorkDisable, WorkEnable, WorkWait, WorkFlush, WorkFlushDelayed,
  QueueFlush, WorkBhCheck,
  // Interrupt lines.
  LineDisable, LineEnable, LineWaitHandlers, LineWaitThreads, ActionFree, ActionWait, WakeThread, DeviceAck, DeviceMask,
  DeviceUnmask, ReturnWake,
  // RCU.
  CallRcu, WaitGracePeriod, WaitCallbacks,
  // A scenario's own bookkeeping.
  Set, Add, Expect, Use, Enter, Leave, Observe, Say, Jump, Request, Self
};
inline constexpr unsigned actCount = static_cast<unsigned>(Act::Self) + 1;

/// What the operand of an instruction names.
enum class Operand : std::uint8_t {
  None, Text, Lock, Tasklet, Work, WorkOnQueue, Queue, Timer, Line, Action, Callback, Variable, Vector, Label, Slot
};

struct ActInfo {
  Act act;
  const char *name;   ///< spelling in the YAML files
  Operand operand;
};
const ActInfo &actInfo(Act act);
std::optional<Act> actFromName(std::string_view name);

/// Predicates on the state in which an instruction runs, as bits. `Rt` etc. are those of the profile.
enum Predicate : std::uint16_t {
  inNmi = 1, inHardirq = 2, inServing = 4, inSoftirqAny = 8, inInterrupt = 16, inTask = 32, inAtomic = 64,
  irqsDisabled = 128, preemptible = 256, isRt = 512, isSmp = 1024, resultSet = 2048, tinyRcu = 4096,
  isUninterruptible = 8192, hasUserMm = 16384, onCpu0 = 32768
};
std::optional<std::uint16_t> predicateFromName(std::string_view name);

/// Holds when any of the alternatives does: all bits of `must` are set and none of `mustNot`. None: always.
struct Guard {
  struct Alternative {
    std::uint16_t must = 0, mustNot = 0;
  };
  std::uint8_t count = 0;
  bool isNegated = false;
  Alternative alternatives[3];
  // Or a comparison of a variable.
  std::uint8_t variable = 0; ///< index+1
  char comparison = 0;       ///< '=', '!', '<', '>'
  std::uint8_t value = 0;
  bool isAlways() const { return count == 0 && variable == 0; }
};

struct Instruction {
  Act act = Act::Nop;
  std::uint8_t object = 0;
  std::uint8_t argument = 0;  ///< workqueue of WorkOnQueue, value of Set, ...
  Guard guard;
  std::uint16_t call = 0;     ///< index into Program::calls: whose part this is
  bool isLast = true;         ///< of that call
  std::string_view site;      ///< where the kernel's check is, "kernel/locking/mutex.c:586"; owned by the catalogue
};

struct Program {
  std::string name;                  ///< "tasklet A"
  std::vector<Instruction> code;
  std::vector<std::string> calls;    ///< as written: "mutex_lock m"
};

} // namespace bhlint::model
