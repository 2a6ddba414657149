// Summaries, bottom-up over the call graph: per function, under which conditions on its parameters it sleeps, with what
// change of the lock state at that moment, and in which lock states it can return.
//
// What contracts say of a function replaces its body. Wrappers, conditional locking, gfp and can_sleep parameters and
// locks dropped around a sleep need no names: they follow from the guards and deltas here.
#pragma once

#include "analysis/program/explore.h"
#include "analysis/program/parallel.h"
#include "analysis/program/resolve.h"

namespace bhlint {

/// If `guard` holds, calling the function reaches a sleep with the lock state changed by `delta`.
struct SleepEntry {
  Guard guard;
  Delta delta;
  SleepKind kind = SleepKind::Sleep;
  Confidence confidence = Confidence::High;
  bool isForbidden = false;   ///< does not sleep; must not be called in the contexts that `contract` lists
  bool isLocked = false;      ///< atomic by what is taken inside; only the guard is missing
  std::uint32_t event = noId; ///< in the function's body: the call that leads to the sleep; in its LearnedFunction's
                              ///< sleeps where there is no body
  FunctionId callee = noId;   ///< noId: `event` itself sleeps, by contract `contract`
  std::uint32_t calleeEntry = 0;
  std::uint32_t contract = noId;    ///< RuleSet::sleeps
  FieldFacts fields;                ///< what was tested of fields, of any object, on the way
  Doubts doubts = noDoubt;    ///< of the way; not in `confidence`, since callers can settle some
  std::uint16_t depth = 0;          ///< calls down to the sleep
  std::uint16_t avoidableCalls = 0; ///< of these, and the sleep itself: what its function may also do without
  bool operator==(const SleepEntry &) const = default;
};

inline Confidence certaintyOf(const SleepEntry &entry) {
  return entry.doubts == noDoubt ? entry.confidence : std::min(entry.confidence, Confidence::Medium);
}

/// A way to return. Outcomes that a caller cannot tell apart are one.
struct ExitEntry {
  Guard guard;
  Delta delta;
  Expression result; ///< rooted at parameters or context tests, or a constant
  Knowledge resultKnowledge;
  Doubts doubts = noDoubt; ///< doubtUnclearRelease: there are paths on which it seems to release its caller's lock
  bool operator==(const ExitEntry &) const = default;
};

/// Calls its parameter `parameter`, in a state changed by `delta`.
struct ParameterCall {
  std::uint32_t parameter = 0;
  Delta delta;
  Guard guard;
  std::uint32_t event = noId;
  FunctionId callee = noId; ///< noId: called here; else passed on to it
  Doubts doubts = noDoubt;
  bool operator==(const ParameterCall &) const = default;
};

struct Summary {
  std::vector<SleepEntry> sleeps;
  std::vector<ExitEntry> exits; ///< empty: never returns
  std::vector<ParameterCall> parameterCalls;
  /// Parameters that guards ask about, as bits: also of sleeps that an entry with fewer conditions stands for. What is
  /// known of them is worth telling to who looks inside.
  std::uint32_t askedParameters = 0;
  /// Fields that guards of sleeps and exits look at, sorted; what follows from these for who calls it. noteUse() fills it in.
  std::vector<FieldKey> askedFields;
  bool hasSleep = false, changesLocks = false, tellsResult = false;
  bool isComputed = false;
  bool sleepsUnderOwnLock = false; ///< some sleep is atomic by the function's own doing, with no open condition
  bool hasAtomicEffect() const; ///< or may have one
  bool operator==(const Summary &) const = default;
};

/// Fills in what follows from sleeps and exits, once they are complete.
void noteUse(Summary &summary, const TermTable &terms);

class Summaries {
public:
  explicit Summaries(const Program &program) : program(program) {}
  const Summary &operator[](FunctionId id) const { return summaries[id]; }
  /// Whichever of these is called, it may sleep by itself.
  bool allSleep(llvm::ArrayRef<CallTarget> targets) const;

  const Program &program;
  mutable TermTable terms; ///< of guards here and of whoever explores bodies with them
  std::vector<Summary> summaries;
};

/// Needs every function's callees first; recursion is iterated until nothing changes, a few rounds at most.
/// The result does not depend on `workers`.
Summaries summarize(const Program &program, const CallResolver &resolver, const Workers &workers = 1);

/// Locks held and what is disabled, as the contexts that they amount to: bit i = Context i.
std::uint16_t contextMask(const Delta &held);
/// The one context that a state counts as for SleepContract::forbiddenIn, which says in what order they apply.
Context effectiveContext(Context ambient, const Delta &held);
bool isForbidden(const SleepContract &contract, Context ambient, const Delta &held);

/// What a path knows of fields. A field of which it knows two things, of two objects, is left out.
FieldFacts fieldFactsOf(const State &state, const TermTable &terms);
/// Both; where they speak of one field, `inner`. `contradicts` is set when they do so in contradiction.
FieldFacts joined(const FieldFacts &outer, const FieldFacts &inner, bool &contradicts);

/// Whether a sleep of that kind sleeps at all: user access does not with page faults disabled.
inline bool sleepsWith(SleepKind kind, const Delta &held) {
  return kind != SleepKind::UserAccess || held.pageFault <= 0;
}

} // namespace bhlint
