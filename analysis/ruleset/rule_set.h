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
  std::vector<std::string> claims;
  std::vector<std::string> scenarios; ///< runtime-model scenarios that prove it
  RuleLocation location;
};

/// How many calls of a chain may depend on conditions in a module of at most `units` units.
struct ConditionalCallLimit {
  unsigned units = ~0u;
  unsigned most = 0;
  unsigned mostInShort = 0; ///< in chains of at most `shortCalls` calls; at least `most`
};

/// What makes findings less than certain (rules/calibration.yaml).
struct Calibration {
  std::vector<ConditionalCallLimit> conditionalCalls; ///< by units, ascending; empty: no limit
  unsigned shortCalls = 0;                ///< calls below the root or the lock; the sleep itself does not count
  unsigned mostForeign = 0;               ///< as `most`, of those in other modules: what these decide callers often know
  unsigned mostForeignInShort = 0;
  std::vector<std::string> contextFields; ///< parts of names of fields that say in which context an object is used
  std::vector<std::string> coreFolders;   ///< of the tree; code there runs on every machine
  std::vector<std::string> earlyBoot;     ///< functions that run before the scheduler does
  std::vector<std::string> neverReturn;   ///< stop the machine, though not declared to
  std::vector<std::string> lastReference; ///< drop a reference, and return true or call back when it was the last

  bool isContextField(std::string_view field) const {
    return std::any_of(contextFields.begin(), contextFields.end(),
                       [&](const std::string &part) { return field.find(part) != std::string_view::npos; });
  }
};

struct RuleSet {
  std::vector<Rule> rules;                ///< sorted by id
  std::vector<SleepContract> sleeps;      ///< sorted by function
  std::vector<EffectContract> effects;    ///< sorted by function
  std::vector<CallbackContract> callbacks;///< sorted by function, argument
  std::vector<OpsContract> ops;           ///< sorted by record, field
  std::vector<ContextTest> tests;         ///< sorted by name
  std::vector<QueueContract> queues;
  std::vector<QueueKind> queueKinds;
  std::vector<DeferredObject> deferred;
  std::vector<TreeConstant> constants;
  std::string directReclaim;              ///< name of the TreeConstant that makes an allocation sleep
  std::vector<MechanismAdvice> advice;    ///< in order
  Calibration calibration;
  const Rule *find(std::string_view id) const;
};

/// Without the rows that do not hold for `version` (major*1000+minor); 0 = unknown keeps all.
RuleSet forKernel(RuleSet rules, unsigned version);

} // namespace bhlint
