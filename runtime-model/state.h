// State: everything that the modelled kernel remembers at one instant, as a regular value: compare, hash, print.
//
// It is not the program text, nor which handlers belong to which device: those never change and live in System
// (system.h). There is no clock and no thread in here; time is an order of steps (mechanism.h). The preempt count has
// the kernel's own layout (include/linux/preempt.h), so what the model prints is what a kernel would print.
//
// To add something that the kernel remembers: a field in the struct that owns it, a line in usedWords() if it is a new
// array, and a line in print(). Everything must stay trivially copyable bytes without padding.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace bhlint::model {

inline constexpr unsigned maxCpus = 4;
inline constexpr unsigned maxTasks = 20;
inline constexpr unsigned maxLocks = 12;
inline constexpr unsigned maxTasklets = 4;
inline constexpr unsigned maxWorks = 6;
inline constexpr unsigned maxTimers = 6;
inline constexpr unsigned maxLines = 4;
inline constexpr unsigned maxActions = 6;
inline constexpr unsigned maxCallbacks = 4;
inline constexpr unsigned maxVariables = 12;
inline constexpr unsigned maxPools = 2 * maxCpus + 2;
inline constexpr unsigned queueLength = 6; ///< at least maxTasklets and maxWorks: an object is on a list at most once
inline constexpr unsigned maxObservations = 12;

/// preempt_count() as in include/linux/preempt.h.
inline constexpr std::uint32_t preemptOffset = 1;
inline constexpr std::uint32_t softirqOffset = 0x100;
inline constexpr std::uint32_t softirqDisableOffset = 0x200;
inline constexpr std::uint32_t softirqMask = 0xff00;
inline constexpr std::uint32_t hardirqOffset = 0x10000;
inline constexpr std::uint32_t hardirqMask = 0xf0000;
inline constexpr std::uint32_t nmiMask = 0xf00000;

/// Softirq vectors in the kernel's order (include/linux/interrupt.h).
enum class Vector : std::uint8_t { Hi, Timer, NetTx, NetRx, Block, IrqPoll, Tasklet, Sched, Hrtimer, Rcu };
inline constexpr unsigned vectorCount = 10;

/// What the code in a frame is. None: the frame is free.
enum class Runs : std::uint8_t {
  None,
  Task,        ///< a task's own program
  Primary,     ///< primary interrupt handler of action `object`
  IrqThread,   ///< thread function of action `object`, or its forced-threaded primary
  Secondary,   ///< the thread function of an action whose primary was force-threaded
  Tasklet,
  Timer,       ///< timer_list, hrtimer or irq_work `object`
  Work,
  RcuCallback,
  Softirq,     ///< a scenario's own handler of vector `object`
  OldBh        ///< bottom half slot or task queue of before 2.5
};

/// One activation: which program, how far. The program follows from (runs, object).
struct Frame {
  Runs runs = Runs::None;
  std::uint8_t object = 0;
  std::uint8_t pc = 0;
  std::uint8_t result = 0;   ///< of the last operation; bits 1..7: stack of saved IRQ flags
  bool isFree() const { return runs == Runs::None; }
};

struct Cpu {
  std::uint32_t preemptCount = 0;
  std::uint16_t pending = 0;   ///< raised softirq vectors
  std::uint16_t snapshot = 0;  ///< vectors of the running pass that are not done yet
  Frame hard;                  ///< the primary handler that is running
  std::uint8_t irqsOff = 0;
  std::uint8_t task = 0;       ///< index of current
  std::uint8_t passes = 0;     ///< left in this __do_softirq()
  std::uint8_t stage = 0;      ///< within the vector: 0 not begun, 1 BH works, 2 tasklets
  std::uint8_t budget = 0;     ///< BH works left in this stage
  std::uint8_t batch = 0;      ///< tasklets left of the detached list
  std::uint8_t reschedules = 0;///< need_resched()
  std::uint8_t origin = 0;     ///< who serves softirqs: see SoftirqOrigin
  std::uint8_t tasklets[2][queueLength] = {}; ///< FIFO of index+1; [0] high priority, [1] normal
  std::uint8_t bhWorks[2][queueLength] = {};
  std::uint8_t pad[4] = {};
};
enum class SoftirqOrigin : std::uint8_t { None, IrqExit, BhEnable, Ksoftirqd };

enum class TaskState : std::uint8_t { Runnable, Blocked, Done };

/// What a blocked task waits for. It may go on when the condition holds; Wakeup needs an explicit wake-up.
enum class WaitFor : std::uint8_t {
  Nothing, Timeout, Wakeup, Lock, Variable, TaskletIdle, TaskletUnlocked, WorkIdle, WorkFlushed, PoolSlot, LineThreads,
  LineHandlers, GracePeriod, SrcuGracePeriod, Callbacks, TimerIdle, SoftirqLock, CompletionDone, Never
};

struct Task {
  Frame base;                 ///< its own program, a work item, an interrupt thread
  Frame soft;                 ///< the softirq handler that it serves (non-RT: that borrowed it)
  TaskState state = TaskState::Runnable;
  WaitFor waitFor = WaitFor::Nothing;
  std::uint8_t waitObject = 0;
  std::uint8_t cpu = 0;       ///< where it runs, or ran last
  std::uint8_t rcuDepth = 0;
  std::uint8_t bhDisabled = 0;///< RT: softirq_disable_cnt: low bit serving, rest number of local_bh_disable()
  std::uint8_t flags = 0;     ///< TaskFlag
  std::uint8_t isWoken = 0;   ///< ksoftirqd, interrupt threads: there is something to do
};
enum TaskFlag : std::uint8_t {
  taskUninterruptible = 1, ///< set_current_state(TASK_UNINTERRUPTIBLE) was done
  taskRcuSched = 2,        ///< in rcu_read_lock_sched()
  taskMigrateOff = 4,
  taskPagefaultOff = 8,
  taskOnCpu = 16,          ///< is some CPU's current
  taskRcuReader = 32,      ///< in rcu_read_lock() without preemptible RCU
  taskBlockable = 64       ///< this wait has passed its checks; now only the condition counts
};

struct Lock {
  std::uint8_t owner = 0;     ///< 0 free; see Machine::ownerId
  std::uint8_t usage = 0;     ///< LockUsage: what lockdep has seen so far
};
enum LockUsage : std::uint8_t { usedInHardirq = 1, usedInSoftirq = 2, takenWithIrqsOn = 4, takenWithBhOn = 8 };

struct Tasklet {
  std::uint8_t bits = 0;      ///< TaskletBit
  std::uint8_t disables = 0;  ///< count
};
enum TaskletBit : std::uint8_t { taskletSched = 1, taskletRun = 2, taskletRunCpuShift = 4 };

struct Work {
  std::uint8_t bits = 0;      ///< WorkBit
  std::uint8_t disables = 0;
  std::uint8_t queue = 0;     ///< workqueue+1 that it is pending on
  std::uint8_t pool = 0;      ///< pool+1 where it is pending or inactive
  std::uint8_t runners = 0;   ///< how many contexts execute it now
  std::uint8_t lastPool = 0;  ///< pool+1 where it runs or ran last
  std::uint8_t runQueue = 0;  ///< workqueue+1 for which it runs
  std::uint8_t spare = 0;
};
enum WorkBit : std::uint8_t {
  workPending = 1,
  workOnBh = 2,      ///< WORK_OFFQ_BH: it has been on a BH pool
  workDelayed = 4,   ///< pending in its timer
  workInactive = 8,  ///< over max_active
  workEverQueued = 16
};

struct Timer {
  std::uint8_t bits = 0;      ///< TimerBit
  std::uint8_t cpu = 0;       ///< where it is armed or runs
};
enum TimerBit : std::uint8_t { timerArmed = 1, timerExpired = 2, timerRunning = 4, timerShutdown = 8 };

struct Line {
  std::uint8_t bits = 0;       ///< LineBit
  std::uint8_t depth = 0;      ///< disable depth
  std::uint8_t oneshot = 0;    ///< threads_oneshot
  std::uint8_t active = 0;     ///< threads_active
  std::uint8_t events = 0;     ///< that the device may still raise
  std::uint8_t repeats = 0;    ///< deliveries since the device last deasserted
};
enum LineBit : std::uint8_t {
  lineAsserted = 1,  ///< level: the device drives it; edge: an edge is latched
  lineMasked = 2,
  lineInProgress = 4,
  linePending = 8,   ///< IRQS_PENDING
  lineDeviceOff = 16,///< the device's own interrupt enable is off
  lineFreed = 32,
  lineReplay = 64
};

struct Callback {
  std::uint8_t bits = 0;      ///< 1 queued, 2 grace period over, 4 running
  std::uint8_t cpu = 0;
  std::uint16_t pad = 0;
  std::uint32_t readers = 0;  ///< tasks in a read-side section when it was queued
};
enum CallbackBit : std::uint8_t { callbackQueued = 1, callbackReady = 2, callbackRunning = 4 };

/// What went wrong. Order: most severe last, None first.
enum class Problem : std::uint8_t {
  None,
  Contract,        ///< forbidden by contract, and nothing in the kernel reports it
  Hang,            ///< nothing can go on, and something should
  LostEvent,
  LostWakeup,
  UseAfterKill,    ///< a handler ran after it was killed, cancelled or freed
  Reentered,       ///< two activations of what must be serialised
  Storm,           ///< a level line keeps interrupting
  Deadlock,        ///< owners wait for each other
  Leak,            ///< a handler returned in another atomic state than it was entered in
  Warning,         ///< WARN_ON() or a message of the kernel's own checks
  RtLock,          ///< a lock that sleeps on PREEMPT_RT, taken where it must not
  LockContext,     ///< lockdep: invalid wait context
  LockUsage,       ///< lockdep: inconsistent lock state
  RcuSwitch,       ///< voluntary context switch in an RCU read-side section
  NotRunning,      ///< blocking operation when !TASK_RUNNING
  SchedulingAtomic,
  Sleep,           ///< sleeping function called from invalid context
  Expectation      ///< what the scenario said must hold does not
};
const char *problemName(Problem problem);
/// Would a kernel with its checks on say something by itself?
inline bool isReported(Problem problem) { return problem >= Problem::Leak && problem != Problem::Expectation; }

struct alignas(8) State {
  Cpu cpus[maxCpus];
  Task tasks[maxTasks];
  Lock locks[maxLocks];
  Tasklet tasklets[maxTasklets];
  Work works[maxWorks];
  Timer timers[maxTimers];
  Line lines[maxLines];
  Callback callbacks[maxCallbacks];
  std::uint8_t pools[maxPools][queueLength] = {};  ///< work lists, index+1
  std::uint8_t variables[maxVariables] = {};
  std::uint8_t observed[maxObservations] = {};     ///< what an observer has seen, in order, as label+1
  Problem problem = Problem::None;
  std::uint8_t problemCpu = 0;
  Problem silent = Problem::None;                  ///< Contract: execution goes on, as the kernel does
  std::uint8_t oldBh = 0;                          ///< marked bottom-half slots (of before 2.5), global as they were
  std::uint8_t pad[4] = {};

  friend bool operator==(const State &a, const State &b) { return std::memcmp(&a, &b, sizeof(State)) == 0; }
};
static_assert(std::is_trivially_copyable_v<State>);
static_assert(std::has_unique_object_representations_v<State>);

/// How many of each array a scenario uses; the rest stays zero and is neither hashed nor stored.
struct Extent {
  std::uint8_t cpus = 1, tasks = 0, locks = 0, tasklets = 0, works = 0, timers = 0, lines = 0, callbacks = 0, pools = 0,
               variables = 0, observations = 0;
};

/// Which 64-bit words of a State the scenario uses, ascending.
std::vector<unsigned> usedWords(const Extent &extent);
std::uint64_t hashState(const State &state);
/// One line per CPU, task and object in use; for people and for golden files.
std::string printState(const State &state, const Extent &extent);

// FIFO lists of index+1, zero-terminated.
inline unsigned listLength(const std::uint8_t *list) {
  unsigned n = 0;
  while (n < queueLength && list[n])
    ++n;
  return n;
}
inline void listPush(std::uint8_t *list, unsigned index) {
  unsigned n = listLength(list);
  if (n < queueLength)
    list[n] = static_cast<std::uint8_t>(index + 1);
}
inline void listRemoveAt(std::uint8_t *list, unsigned position) {
  for (unsigned i = position; i + 1 < queueLength; ++i)
    list[i] = list[i + 1];
  list[queueLength - 1] = 0;
}
inline int listFind(const std::uint8_t *list, unsigned index) {
  for (unsigned i = 0; i < queueLength && list[i]; ++i)
    if (list[i] == index + 1)
      return static_cast<int>(i);
  return -1;
}

} // namespace bhlint::model
