// System: what never changes while a scenario runs. Devices, handlers and their programs, tasks, locks, the profile.
//
// It is not the YAML (scenario.h reads that into a System) and not the changing part (State).
//
// To add a kind of object: a spec here, its state in state.h, its mechanism in mechanisms/.
#pragma once

#include "runtime-model/instruction.h"
#include "runtime-model/state.h"

#include <string>
#include <vector>

namespace bhlint::model {

/// The kernel configuration that changes semantics. PREEMPT_RT is `rt` alone; everything else follows from it.
struct Profile {
  bool rt = false;
  bool smp = false;          ///< CONFIG_SMP; tasklets have no RUN bit without it
  bool threadirqs = false;   ///< forced threading without RT
  bool tinyRcu = false;      ///< uniprocessor, non-preemptible RCU
  bool lockdep = true;       ///< wait types and usage of locks are checked
  bool preemption = true;    ///< tasks may be preempted anywhere that they are preemptible
};

enum class LockKind : std::uint8_t { Raw, Spin, Local, Mutex, Semaphore };
struct LockSpec {
  std::string name;
  LockKind kind = LockKind::Spin;
  std::uint8_t usage = 0;    ///< LockUsage that lockdep has seen before the scenario begins
};

enum class TaskKind : std::uint8_t { Idle, Plain, Ksoftirqd, Kworker, IrqThread, Secondary, Rcuc, IrqWorkd, KthreadWorker };
struct TaskSpec {
  std::string name;
  TaskKind kind = TaskKind::Plain;
  int program = -1;
  std::uint8_t cpu = 0xff;   ///< pinned to; 0xff: any
  std::uint8_t object = 0;   ///< pool of a kworker, action of an interrupt thread
  bool hasUserMm = false;
};

struct TaskletSpec {
  std::string name;
  int program = -1;
  std::uint8_t disables = 0;
};

enum class QueueKindBits : std::uint8_t { Bh = 1, HighPri = 2, Unbound = 4, Ordered = 8, MemReclaim = 16 };
struct QueueSpec {
  std::string name;
  std::uint8_t flags = 0;
  std::uint8_t maxActive = 0; ///< 0: no limit that a scenario could reach
  bool is(QueueKindBits bit) const { return flags & static_cast<std::uint8_t>(bit); }
};

struct WorkSpec {
  std::string name;
  int program = -1;
  std::uint8_t queue = 0;
  int timer = -1;            ///< of a delayed work
  bool isKthreadWork = false;
};

enum class TimerKind : std::uint8_t { Timer, IrqSafe, HrDefault, HrSoft, HrHard, IrqWork, IrqWorkHard, Ipi };
struct TimerSpec {
  std::string name;
  TimerKind kind = TimerKind::Timer;
  int program = -1;
  int work = -1;             ///< the delayed work that it queues
};

struct LineSpec {
  std::string name;
  bool isLevel = false;
  std::uint8_t events = 0;   ///< that the device will raise
  std::uint8_t cpu = 0xff;   ///< affinity
  bool autoEnable = true;
  bool isInjected = false;   ///< the scenario calls the flow handler itself; the controller's mask does not matter
  std::uint8_t counter = 0;  ///< variable+1 that counts the events raised
};

enum ActionFlag : std::uint8_t {
  actionShared = 1, actionOneshot = 2, actionNoThread = 4, actionForced = 8, actionSecondary = 16
};
struct ActionSpec {
  std::string name;
  std::uint8_t line = 0;
  int primary = -1;          ///< -1: the default primary handler, which only wakes the thread
  int thread = -1;
  std::uint8_t flags = 0;
  int threadTask = -1, secondaryTask = -1;
  bool canThread() const { return threadTask >= 0; }
};

enum class CallbackKind : std::uint8_t { Rcu, Srcu };
struct CallbackSpec {
  std::string name;
  CallbackKind kind = CallbackKind::Rcu;
  int program = -1;
};

struct VariableSpec {
  std::string name;
  std::uint8_t initial = 0;
};

/// What must hold when nothing is left to do.
struct FinalExpectation {
  std::uint8_t variable = 0;
  char comparison = '=';
  std::uint8_t value = 0;
  bool isVariable = false;   ///< `value` is the index of another variable
  Problem problem = Problem::Expectation;
  std::string text;
};

struct System {
  std::string name;
  Profile profile;
  unsigned cpus = 1;
  std::vector<Program> programs;
  std::vector<TaskSpec> tasks;       ///< [0, cpus): idle; [cpus, 2*cpus): ksoftirqd
  std::vector<LockSpec> locks;
  std::vector<TaskletSpec> tasklets;
  std::vector<QueueSpec> queues;
  std::vector<WorkSpec> works;
  std::vector<TimerSpec> timers;
  std::vector<LineSpec> lines;
  std::vector<ActionSpec> actions;
  std::vector<CallbackSpec> callbacks;
  std::vector<VariableSpec> variables;
  std::vector<std::string> observations;
  int vectorPrograms[vectorCount] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
  int slotPrograms[8] = {-1, -1, -1, -1, -1, -1, -1, -1}; ///< bottom halves of before 2.5
  std::vector<FinalExpectation> finals;
  std::vector<std::uint8_t> initialTimers; ///< armed when the scenario begins
  Extent extent;

  unsigned ksoftirqd(unsigned cpu) const { return cpus + cpu; }
  unsigned boundPool(unsigned cpu, bool highPri) const { return cpu + (highPri ? cpus : 0); }
  unsigned unboundPool() const { return 2 * cpus; }
  unsigned kthreadPool() const { return 2 * cpus + 1; }
  const std::vector<Instruction> *code(const Frame &frame) const {
    const int index = programOf(frame);
    return index < 0 ? nullptr : &programs[static_cast<unsigned>(index)].code;
  }
  int programOf(const Frame &frame) const;
};

inline int System::programOf(const Frame &frame) const {
  const unsigned object = frame.object;
  switch (frame.runs) {
  case Runs::None: return -1;
  case Runs::Task: return tasks[object].program;
  case Runs::Primary: return actions[object].primary;
  case Runs::IrqThread: return actions[object].flags & actionForced ? actions[object].primary : actions[object].thread;
  case Runs::Secondary: return actions[object].thread;
  case Runs::Tasklet: return tasklets[object].program;
  case Runs::Timer: return timers[object].program;
  case Runs::Work: return works[object].program;
  case Runs::RcuCallback: return callbacks[object].program;
  case Runs::Softirq: return vectorPrograms[object];
  case Runs::OldBh: return slotPrograms[object];
  }
  return -1;
}

/// Adds what every system has (idle tasks, ksoftirqd, workers for the pools in use, interrupt threads) and computes
/// the extent. Call once, after the objects are in place.
void completeSystem(System &system);
State initialState(const System &system);

} // namespace bhlint::model
