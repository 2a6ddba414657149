// Contexts, top-down: from the roots that contracts name, and from every lock that a function takes, down to what
// sleeps. The first cause of each (function, context) is kept, found breadth-first, so a witness is a shortest one.
//
// Ambient atomicity (in a tasklet) cannot be given up by a callee; that of locks can. What is found here are
// `SleepSite`s; what is said about them is the checkers' business.
#pragma once

#include "analysis/program/summary.h"

#include <string>

namespace bhlint {

/// Where a context begins.
struct ContextRoot {
  FunctionId function = noId;
  Context context = Context::Process;
  Confidence confidence = Confidence::High;
  std::string why; ///< "bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()"
  Place place;     ///< of the registration
  std::vector<std::string> evidence;
};

enum class Hop : std::uint8_t { Root, Call, Indirect, Callback };

/// A function entered in a context: (function, ambient, held, what is known about parameters).
struct ContextNode {
  FunctionId function = noId;
  Context ambient = Context::Process;
  bool isAmbientKnown = false; ///< false: entered from who knows where; a lock that is taken is atomic all the same
  Delta held;                  ///< absolute, at entry
  std::vector<Binding> bindings;
  FieldFacts fields;           ///< what the chain has tested or set of fields that the function looks at
  std::uint32_t parent = noId; ///< node; noId: a root or the function that takes the lock
  std::uint32_t event = noId;  ///< in the parent's body
  std::uint32_t root = noId;   ///< into ContextMap::roots
  std::uint32_t heldBy = noId; ///< node in whose body the lock was taken, by event `heldAt`
  std::uint32_t heldAt = noId;
  Hop hop = Hop::Root;
  Confidence confidence = Confidence::High;
  std::uint16_t depth = 0;
  std::uint16_t avoidableCalls = 0; ///< calls on the way that their functions may also do without
  Doubts doubts = noDoubt;    ///< since it is atomic
  bool givesUpReference = false;    ///< a call on the way gave up its holder's reference (reference.h)
  bool needsUnknownValue = false;   ///< a field on the way holds what no code stores there (field_domains.h)
  bool isConditional = false;       ///< since the lock was taken, some call on the way was made only if a test held
  bool isLockOptional = false;      ///< the call on the way that its holder makes is also made without the lock
};

/// A call that can sleep in a state that must not.
struct SleepSite {
  std::uint32_t node = noId;
  std::uint32_t event = noId;
  FunctionId callee = noId;      ///< noId: a macro
  std::uint32_t contract = noId; ///< RuleSet::sleeps, noId: `entry` of the callee's summary, in another module
  std::uint32_t entry = noId;
  SleepKind kind = SleepKind::Sleep;
  Delta held; ///< absolute, at the call
  std::uint32_t heldBy = noId, heldAt = noId;
  Confidence confidence = Confidence::High;
  bool isForbidden = false;        ///< does not sleep, but must not be called here either
  bool isConditionAssumed = false; ///< an argument, or a flag in an object, of unknown value decides
  Doubts doubts = noDoubt;   ///< since it is atomic
  bool isFieldContradicted = false; ///< the chain knows the contrary of a field that the sleep needs, of some object
  bool isCore = false;              ///< in code that every machine runs (Calibration::coreFolders)
  bool isFlagUnset = false;         ///< needs a flag that no code of the root's module sets
  bool isValueNeverStored = false;  ///< needs a field to hold what no code stores there
  std::uint16_t avoidableCalls = 0; ///< as in the node; the call itself and what is behind it included
  std::uint16_t foreignCalls = 0;   ///< of these, those in other modules
  bool isTooConditional = false;    ///< more such calls than calibration allows in a module of this size
  bool isLockOptional = false;      ///< the same code also runs without the lock, and the sleep is conditional: the two
                                    ///< conditions may exclude each other (c->no_sleep and !cache->no_sleep)
  bool isOtherArm = false; ///< what was taken is the other side of the branch that the sink is on: another round
};

struct ContextMap {
  std::vector<ContextRoot> roots;
  std::vector<ContextNode> nodes;
  std::vector<SleepSite> sites;
  /// Per function, bit i: may run in Context i as far as entry points tell (locks apart). 0: never reached.
  std::vector<std::uint16_t> ambient;
  /// Per function and context: caller and event through which it was first reached; for `contexts FUNCTION`.
  struct Reach {
    FunctionId from = noId;
    std::uint32_t event = noId;
    std::uint32_t root = noId;
  };
  std::vector<std::vector<std::pair<Context, Reach>>> reach;
};

/// What a context brings with it, as counts: BhOff is one level of disabled bottom halves, and so on.
Delta entryDelta(Context context);

/// Registrations and ops tables as the contracts name them. Needs no summaries, so it may run while these are made.
std::vector<ContextRoot> findRoots(const Program &program);

/// `roots`: what findRoots() says. The result does not depend on `workers`.
ContextMap inferContexts(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                         std::vector<ContextRoot> roots, const Workers &workers = 1);

} // namespace bhlint
