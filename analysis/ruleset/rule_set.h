// RuleSet: all kernel knowledge, as data. What sleeps, what takes a lock, which callback runs where, what to say.
//
// Loaded from rules/ by loadRuleSet() (load.h), the only code that sees YAML. It is const after loading. Names are
// kernel names as written in C; the analysis interns them when it links. What is inferred from function bodies is
// not here: contracts are for what bodies cannot tell (assembly, hardware, function pointers stored in the core) and
// for the leaves at which an explanation should stop.
//
// To add a rule: rules/<id>.yaml. To add a kernel fact: a row in rules/contracts/*.yaml. Neither needs C++.
#pragma once

#include "analysis/facts/context.h"
#include "analysis/facts/severity.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bhlint {

/// Where a rule or contract was read from, for messages. 1-based; file is the path as opened.
struct RuleLocation {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
};

/// Kernel versions for which a row holds, as major*1000+minor; both inclusive. `until` = 0: no end.
struct KernelRange {
  unsigned since = 0;
  unsigned until = 0;
  bool contains(unsigned version) const { return version >= since && (until == 0 || version <= until); }
};

/// Common to every contract row.
struct Provenance {
  std::vector<std::string> evidence; ///< "path:line" in the kernel tree named by the file's `tree`
  Confidence confidence = Confidence::High;
  KernelRange kernels;
  RuleLocation location;
};

/// What a sleep is caused by; decides which rule reports it.
enum class SleepKind : std::uint8_t {
  Sleep,     ///< schedule(), msleep(), wait_event(), flush_work(), free_irq(), ...
  Mutex,     ///< mutex, semaphore, rwsem, completion, ww_mutex, rtmutex
  Allocation,///< an allocation that may reclaim directly
  UserAccess ///< copy_from_user() and the like: may fault
};
std::string_view sleepKindName(SleepKind kind);

/// When a function sleeps.
enum class SleepWhen : std::uint8_t {
  Always,
  Gfp,        ///< argument `argument` has a bit of the tree's __GFP_DIRECT_RECLAIM
  NonZero,    ///< argument `argument` != 0
  Zero,       ///< argument `argument` == 0
  Never       ///< although its body looks as if: the analysis does not look inside
};

/// Sorted by function name. A function or a function-like macro, matched by name.
struct SleepContract {
  std::string function;
  SleepKind kind = SleepKind::Sleep;
  SleepWhen when = SleepWhen::Always;
  unsigned argument = 0;      ///< 0-based
  /// States in which calling it is an error whatever `when` says, as if it slept there; in all others `when` alone
  /// decides. With Never: "does not sleep, but must not be called here" (mutex_trylock() in interrupts, vfree() under a
  /// spinlock although softirqs may call it). A state counts as exactly one context, the first that applies of: the
  /// root's own, when that is Nmi, HardIrq, Softirq..Completion (where in_interrupt() is true whatever else is held);
  /// BhOff; IrqsOff; Atomic (a lock or preemption off, also in a function whose root is Process); RcuRead; Process.
  std::vector<Context> forbiddenIn;
  std::string why;
  Provenance provenance;
  /// Not empty: the row holds only in modules that call one of these (regmap_read() sleeps when the map was made by
  /// devm_regmap_init_i2c()); elsewhere it does not sleep, and the analysis does not look inside either.
  std::vector<std::string> whenModuleCalls;
  /// The row does not hold in modules that call one of these (pm_runtime_irq_safe()): there it does not sleep.
  std::vector<std::string> unlessModuleCalls;
  /// Counts only when the function's body is not among the analysed units; a body that is there is looked into.
  bool isFallback = false;
};

/// Signed change of the atomic state by a call. Kernel facts: include/linux/preempt.h, spinlock_api_smp.h, bottom_half.h.
struct AtomicEffect {
  std::int8_t preempt = 0;   ///< preempt_disable(), spin_lock()
  std::int8_t bottomHalf = 0;///< local_bh_disable(), spin_lock_bh()
  std::int8_t irq = 0;       ///< local_irq_disable(), spin_lock_irq*()
  std::int8_t rcu = 0;       ///< rcu_read_lock()
  std::int8_t pageFault = 0; ///< pagefault_disable(): user access fails instead of sleeping
  friend bool operator==(const AtomicEffect &, const AtomicEffect &) = default;
};

enum class EffectWhen : std::uint8_t { Always, ResultNonZero, ResultZero };

/// A function or macro that takes or drops something. On the other result it has no effect.
struct EffectContract {
  std::string function;
  AtomicEffect effect;
  EffectWhen when = EffectWhen::Always;
  std::optional<unsigned> lockArgument; ///< 0-based; which argument is the lock, for messages and lock identity
  bool isRelease = false;
  Provenance provenance;
  bool isShared = false;   ///< others may hold it at the same time: a reader
  bool isEnabling = false; ///< the release turns on what it says, however often it was turned off: local_irq_enable()
  std::string lockName;    ///< of a lock that is no argument: "rtnl"; empty: none
};

/// `flag`: a constant or bits thereof by name, read from the tree (IRQF_NO_THREAD, HRTIMER_MODE_REL_SOFT, ...).
struct FlagCase {
  unsigned argument = 0;
  std::string flag;
  bool isSet = true;          ///< the case holds when (argument & flag) == flag, or != if false
  Context context = Context::Process;
};

/// Argument `argument` of `function` is called back in `context`. With `member`, the argument is the address of an
/// object instead, and the function stored in its field `member` is called back (notifier_block.notifier_call): for
/// records whose context depends on where they are registered, so that no OpsContract can say it.
struct CallbackContract {
  std::string function;
  unsigned argument = 0;
  std::string member;            ///< empty: the argument itself is the function
  Context context = Context::Process;
  bool inCallerContext = false;  ///< called synchronously, in the caller's own context
  std::vector<FlagCase> cases;   ///< first that matches wins over `context`
  std::string what;              ///< "tasklet", "primary interrupt handler": for messages; may be empty
  std::string condition;
  Provenance provenance;
};

/// A flag field of the object, or of a related one, that changes the contract (nonatomic, BLK_MQ_F_BLOCKING, fast_io).
/// When code of the same module stores a non-zero value (or `flag` bits) into `record.field`, or calls `function` (with
/// `flag` bits in argument `argument`: hrtimer_init() and HRTIMER_MODE_SOFT), `context` holds instead. First one wins.
struct FieldCase {
  std::string record;         ///< empty: the case is about a call
  std::string field;
  std::string flag;           ///< empty: any non-zero value, or any call
  Context context = Context::Process;
  std::string function;       ///< empty: the case is about a field
  unsigned argument = 0;
};

/// `function` waits until the handler of its argument `argument` does not run, and does not come again. Which function the
/// handler is, is found by the object: what is stored in `field` of the `record` at that address, or what is registered
/// for the same object by one of `registrars`.
struct WaitContract {
  std::string function;
  unsigned argument = 0;
  std::string record;                    ///< work_struct; empty: only registrars
  std::string field;                     ///< func
  std::vector<std::string> inside;       ///< records that merely wrap one: delayed_work
  std::vector<std::string> registrars;   ///< functions with a CallbackContract
  unsigned registeredArgument = 0;       ///< of the registrars: the object
  bool isSelfAllowed = false;            ///< the handler may call it for itself
  std::string what;                      ///< "work item", "timer"
  Provenance provenance;
};

/// How an object that runs a function later is brought to an end before it goes. Functions that wait for it are in `waits`;
/// any other function that gets its address and is neither here, nor in `deferral_setups` or `deferral_starts`, may end it.
struct TeardownMechanism {
  std::string mechanism;                ///< of deferral_setups or deferral_fields
  std::string use;                      ///< what waits for it
  std::vector<std::string> stops;       ///< keep it from running again, but let it run to its end meanwhile
  std::vector<std::string> harmless;    ///< neither start nor end it
  std::vector<std::string> finals;      ///< wait for it, and it cannot be started any more
  std::vector<std::string> wholesale;   ///< wait for many at a time, without naming them: destroy_workqueue()
  std::vector<std::string> setups;      ///< of deferral_setups, the only ones that are looked at; empty: all
  bool isPointer = false;               ///< records have a pointer to it, and do not embed it
  Provenance provenance;
};

/// A function of a driver after which its objects are gone: platform_driver.remove.
struct TeardownEnd {
  std::string record, field;
  Provenance provenance;
};

/// A function that frees what its argument points to; or, in other sections, only a name that means something.
struct FreeContract {
  std::string function;
  unsigned argument = 0;
  std::string privateOf; ///< not empty: it frees what this function returns, too; netdev_priv of free_netdev
  Provenance provenance;
};

/// A function that keeps the CPU busy for `nanoseconds` times its argument, divided by `per`.
struct DelayContract {
  std::string function;
  unsigned argument = 0;
  unsigned nanoseconds = 0;
  unsigned per = 1;
  Provenance provenance;
};

/// A function that requests an interrupt, and where its arguments are.
struct IrqRequest {
  std::string function;
  unsigned handler = 0;
  std::optional<unsigned> thread; ///< none: only a primary handler
  unsigned flags = 0;
  std::string free;       ///< what frees it again
  bool isManaged = false; ///< the driver core frees it after the last function of the driver
  Provenance provenance;
};

/// What should no longer be called.
struct LegacyCall {
  std::string function;             ///< or macro
  std::string use;                  ///< what to call instead
  std::string why;
  std::vector<std::string> onlyIn;  ///< folders of the tree where it is wrong; empty: everywhere
  std::vector<std::string> notIn;   ///< folders and files where it is at home
  Provenance provenance;
};

/// A function stored in `struct record`'s `field` is called in `context`.
struct OpsContract {
  std::string record;
  std::string field;
  Context context = Context::Process;
  std::vector<FieldCase> cases;
  std::string what;
  std::string condition;
  Provenance provenance;
};

/// `in_interrupt()` and relatives: in which states the test is certainly true, and certainly false. In all others it is
/// unknown. Lock states count as the contexts BhOff (bottom halves off), IrqsOff, Atomic (preemption off), RcuRead.
struct ContextTest {
  std::string name;           ///< function or macro
  std::vector<Context> trueIn;
  std::vector<Context> falseIn;
  Provenance provenance;
};

/// A function that queues a deferred object on a queue that decides the context.
struct QueueContract {
  std::string function;
  unsigned queueArgument = 0;
  unsigned objectArgument = 0;
  Provenance provenance;
};

/// A queue object that decides the context of what is queued on it: a global, or the result of an allocation.
struct QueueKind {
  std::string global;         ///< system_bh_wq; empty for an allocator
  std::string allocator;      ///< alloc_workqueue; empty for a global
  unsigned flagsArgument = 0; ///< of the allocator
  std::string flag;           ///< WQ_BH
  Context context = Context::BhWork;
  Provenance provenance;
};

/// `record.field` holds a function whose context is decided by the queue that the object is put on.
struct DeferredObject {
  std::string record;         ///< work_struct
  std::string field;          ///< func
  Context fallback = Context::Process; ///< when only unknown queues are seen
  Provenance provenance;
};

/// A call that gives an object the function that runs later: tasklet_setup().
struct DeferralSetup {
  std::string mechanism;       ///< "tasklet": for people, and for the decision table
  std::string function;
  unsigned objectArgument = 0;
  unsigned handlerArgument = 0;
  Provenance provenance;
};

/// `record.field` of an object holds the function that runs later: work_struct.func.
struct DeferralField {
  std::string mechanism;
  std::string record;
  std::string field;
  std::string within;          ///< only where the object is a member of this record, and that one is started; may be empty
  Provenance provenance;
};

/// A call that makes an object's function run later: tasklet_schedule().
struct DeferralStart {
  std::string function;
  unsigned objectArgument = 0;
  Provenance provenance;
};

/// The mechanism of an interrupt's thread, which has no row of its own.
inline constexpr const char *threadMechanism = "threaded interrupt";

/// A call that requests an interrupt.
struct InterruptRequest {
  std::string function;
  unsigned handlerArgument = 0;
  std::optional<unsigned> threadArgument;
  std::string wake;            ///< constant that a handler returns to run the thread; empty without one
  Provenance provenance;
};

/// A constant that the analysis needs and that differs between kernels; its value is read from the tree.
struct TreeConstant {
  std::string name;           ///< ___GFP_DIRECT_RECLAIM
  std::string header;         ///< linux/gfp.h
  RuleLocation location;
};

/// One row of the decision table: what to use instead. The first row whose conditions all hold is suggested.
struct MechanismAdvice {
  std::vector<Context> contexts;   ///< empty: any
  std::vector<SleepKind> kinds;    ///< empty: any
  std::optional<bool> isLockHeld;  ///< the atomicity is a lock's, not the context's
  std::string mechanism;           ///< "threaded IRQ", "workqueue", "BH workqueue", "GFP_ATOMIC", ...
  std::string why;
  std::vector<std::string> claims; ///< ids of the seeds' claims that it rests on
  RuleLocation location;
};

/// One row of the decision table for `advise`: which mechanism a deferral should have. The first row whose conditions all
/// hold is told. A condition that is not given holds always; what `handler` means is what its function does, calls included.
struct DeferralAdvice {
  std::vector<std::string> mechanisms;
  std::optional<bool> sleeps;        ///< the handler
  std::optional<bool> allocates;     ///< the handler, with whatever flags
  std::optional<bool> loops;         ///< the handler
  std::optional<bool> restarts;      ///< the handler starts its own object again
  std::optional<bool> onlyStarts;    ///< all that the handler does is to start something else
  std::optional<bool> ownInterrupt;  ///< only the top half of one interrupt starts it, and the handler itself
  std::optional<bool> frequent;      ///< it was measured, and runs at RuleSet::frequentPerSecond or more; or at less
  std::vector<Context> runsIn;       ///< not empty: its function runs in these, and in no other
  std::vector<Context> startedIn;    ///< not empty: all that starts it, but for the handler, is in one of these
  std::string use;                   ///< "keep the tasklet", "threaded IRQ"
  bool isChange = true;              ///< false: what is there is what is recommended
  std::string why;
  std::vector<std::string> claims;
  KernelRange kernels;
  RuleLocation location;
};

/// What a rule found in a kernel's tree, at high confidence, and how much of it was judged against the source. Written by
/// bench/precision, never by hand.
struct Measured {
  std::string kernel; ///< "6.12"; empty: not measured
  std::string tree;   ///< what of it, and how: "drivers, net and sound"; empty: all of it
  unsigned findings = 0, judged = 0, real = 0;
  unsigned cases = 0; ///< known bugs of bench/corpus that it finds when they are put back

  unsigned precision() const { return judged == 0 ? 0 : 100 * real / judged; } ///< percent, rounded down
};

/// What to use instead, by a rule that is not about sleeps (those have MechanismAdvice). With placeholders: {sink},
/// {function}: what comes or is waited for, {lock}, {use}: what a contract names.
struct RuleSuggestion {
  std::string when; ///< of the rule's cases, as its checker tells them apart; empty: it has but one
  std::string use, why;
};

/// rules/<id>.yaml
struct Rule {
  std::string id;             ///< bh-mutex-in-atomic
  std::string title;
  std::string why;
  std::string bad;            ///< C, shown by `rules show`
  std::string good;
  std::string suppress;       ///< how to silence it
  std::vector<std::string> source;
  Severity severity = Severity::Error;
  bool isDefault = true;      ///< false: opt-in
  std::vector<SleepKind> kinds; ///< what it reports; empty for rules of other checkers
  /// Sentence with {sink}, {function}, {context}, {lock}; e.g. "{sink} may sleep, but {function} runs in {context}".
  std::string message;
  /// The same for a sleep that a lock or a disabled section in the way makes atomic, rather than the root's context:
  /// "{sink} may sleep, but {function} holds {lock}". Empty: `message` serves both.
  std::string lockedMessage;
  /// The same for what does not sleep but is forbidden there (SleepContract::forbiddenIn with Never): "{sink} must not be
  /// called in {context}, where {function} runs". Empty: `message` serves.
  std::string forbiddenMessage;
  std::vector<RuleSuggestion> suggestions;
  std::vector<std::string> claims;
  std::vector<std::string> scenarios; ///< runtime-model scenarios that prove it
  Measured measured;
  RuleLocation location;
};

/// How many calls of a chain may depend on conditions in a module of at most `units` units.
struct ConditionalCallLimit {
  unsigned units = ~0u;
  unsigned most = 0;
  unsigned mostInShort = 0; ///< in chains of at most `shortCalls` calls; at least `most`
};

/// How many calls may depend on conditions in what a rule about locks and waits says with certainty.
struct ChainLimit {
  std::string rule;
  unsigned most = 0;     ///< in a chain
  unsigned mostOfTwo = 0;///< in two chains together, of what meets
};

/// What makes findings less than certain (rules/calibration.yaml).
struct Calibration {
  std::vector<ConditionalCallLimit> conditionalCalls; ///< by units, ascending; empty: no limit
  std::vector<ChainLimit> chainLimits;    ///< one for each rule at most
  unsigned longestTopHalf = 0;            ///< microseconds that an interrupt handler may wait for; 0: any time
  unsigned shortCalls = 0;                ///< calls below the root or the lock; the sleep itself does not count
  unsigned mostForeign = 0;               ///< as `most`, of those in other modules: what these decide callers often know
  unsigned mostForeignInShort = 0;
  std::vector<std::string> contextFields; ///< parts of names of fields that say in which context an object is used
  std::vector<std::string> coreFolders;   ///< of the tree; code there runs on every machine
  std::vector<std::string> earlyBoot;     ///< functions that run before the scheduler does
  std::vector<std::string> neverReturn;   ///< stop the machine, though not declared to
  std::vector<std::string> lastReference; ///< drop a reference, and return true or call back when it was the last

  /// Without a row: no conditional call at all.
  ChainLimit chainLimitOf(std::string_view rule) const {
    auto found = std::find_if(chainLimits.begin(), chainLimits.end(), [&](const ChainLimit &row) { return row.rule == rule; });
    return found == chainLimits.end() ? ChainLimit{std::string(rule), 0, 0} : *found;
  }
  /// `file`: of the tree.
  bool isCore(std::string_view file) const {
    return std::any_of(coreFolders.begin(), coreFolders.end(), [&](const std::string &folder) {
      return file.size() > folder.size() && file.starts_with(folder) && file[folder.size()] == '/';
    });
  }
  bool isContextField(std::string_view field) const {
    return std::any_of(contextFields.begin(), contextFields.end(),
                       [&](const std::string &part) { return field.find(part) != std::string_view::npos; });
  }
};

/// A mechanism as a trace of the kernel shows it: the events between which one of its handlers runs (rules/observe.yaml).
struct TraceSpan {
  std::string mechanism;              ///< "tasklet"
  Context context = Context::Process; ///< where the handler runs
  std::optional<Context> inSoftirq;   ///< where it runs instead when a softirq is served meanwhile
  std::vector<Context> sameAs;        ///< contexts by which other rules mean `context`, itself included
  std::string enter, exit;            ///< events
  std::string key;                    ///< field that is equal in both
  bool isPerTask = false;             ///< both are on one task; else on one CPU
  std::string handler;                ///< field with the function; empty: there is none, but a `label`
  std::string label;
  std::string queued;                 ///< event that asks for it, with the same key; empty: none
  std::string due, dueAt, dueNow;     ///< event with field `dueAt`: when `enter`, which is at its field `dueNow`, should be
  std::uint64_t longest = 0;          ///< nanoseconds a handler may take; 0: any time
  std::string why;                    ///< no longer than that
  RuleLocation location;
};

struct RuleSet {
  std::vector<Rule> rules;                ///< sorted by id
  std::vector<SleepContract> sleeps;      ///< sorted by function
  std::vector<EffectContract> effects;    ///< sorted by function
  std::vector<CallbackContract> callbacks;///< sorted by function, argument
  std::vector<OpsContract> ops;           ///< sorted by record, field
  std::vector<EffectContract> sleepingLocks; ///< sorted by function; `effect` is empty
  std::vector<EffectContract> masks;      ///< sorted by function; keep handlers away without a lock: disable_irq()
  std::vector<WaitContract> waits;        ///< sorted by function, argument
  std::vector<TeardownMechanism> teardowns; ///< sorted by mechanism
  std::vector<TeardownEnd> teardownEnds;  ///< sorted by record, field
  std::vector<TeardownEnd> teardownBegins; ///< sorted by record, field; fail, and the core frees what it manages
  std::vector<FreeContract> frees;        ///< sorted by function
  std::vector<FreeContract> managed;      ///< sorted by function; what they return is freed after the driver's last function
  std::vector<FreeContract> puts;         ///< sorted by function; give up a reference
  std::vector<FreeContract> orderings;    ///< sorted by function; functions and macros that order what they access
  std::vector<FreeContract> atomicRecords;///< sorted by function; here: records whose fields only such functions access
  std::vector<FreeContract> prints;       ///< sorted by function; write to the console, whose port may be slow
  std::vector<FreeContract> kernelThreads;///< sorted by function; `argument` runs in a thread that has no user
  std::vector<FreeContract> userBorrows;  ///< sorted by function; give such a thread a user's memory
  std::vector<FreeContract> sharedQueues; ///< sorted by function; here: globals, queues that no driver destroys
  std::vector<DelayContract> delays;      ///< sorted by function
  std::vector<DelayContract> copies;      ///< sorted by function: moves as many units as its argument says over a bus
  std::vector<FreeContract> registerReads; ///< sorted by function; what they return is the device's
  std::vector<IrqRequest> irqRequests;    ///< sorted by function
  std::string oneShotFlag;                ///< name of the TreeConstant that keeps a line masked while its thread runs
  std::string sharedFlag;                 ///< name of the TreeConstant of a line that several devices have
  std::string wakeThread;                 ///< name of the TreeConstant by which a handler asks for its thread
  std::vector<LegacyCall> legacy;         ///< sorted by function
  std::vector<std::string> lockInits;     ///< sorted; their first argument is a lock that they initialise
  std::vector<ContextTest> tests;         ///< sorted by name
  std::vector<QueueContract> queues;
  std::vector<QueueKind> queueKinds;
  std::vector<DeferredObject> deferred;
  std::vector<DeferralSetup> deferralSetups;   ///< sorted by function
  std::vector<DeferralField> deferralFields;   ///< sorted by record, field; rows with `within` first
  std::vector<DeferralStart> deferralStarts;   ///< sorted by function
  std::vector<InterruptRequest> interrupts;    ///< sorted by function
  std::vector<TreeConstant> constants;
  std::string directReclaim;              ///< name of the TreeConstant that makes an allocation sleep
  std::vector<MechanismAdvice> advice;    ///< in order
  std::vector<DeferralAdvice> deferralAdvice; ///< in order
  unsigned frequentPerSecond = 0;         ///< from when on a wakeup each time is too much; 0: no row asks
  Calibration calibration;
  std::vector<TraceSpan> traceSpans;      ///< in order
  const Rule *find(std::string_view id) const;
};

/// Without the rows that do not hold for `version` (major*1000+minor); 0 = unknown keeps all.
RuleSet forKernel(RuleSet rules, unsigned version);

} // namespace bhlint
