// LockWalk: what is certainly held, and what is turned off, wherever a lock is taken, a handler is waited for, or a field
// is used that both halves of a driver use.
//
// Breadth-first from the roots, within each root's module: a state is what surely holds whichever path was taken, so
// that what is said of it needs no further condition. Values are not followed but for constant arguments and context
// tests. Contexts that matter for sleeping are in contexts.h; this adds locks by name, and process context.
#pragma once

#include "analysis/program/contexts.h"
#include "analysis/program/lock_events.h"
#include "analysis/program/shared_fields.h"

namespace bhlint {

struct HeldLock {
  LockName name;
  bool isSleeping = false;
  bool isShared = false;
  bool isOneOfSeveral = false; ///< another one of that name is, or was, held at the same time
  AtomicEffect effect;
  std::uint32_t node = noId; ///< LockMap::nodes
  std::uint32_t event = noId;
  friend bool operator==(const HeldLock &a, const HeldLock &b) { return a.name == b.name && a.isShared == b.isShared; }
};

/// A count that differs from path to path: from `low` to `high`.
struct Depth {
  std::int8_t low = 0, high = 0;
  bool mayBeOff() const { return high > 0; }
  friend bool operator==(const Depth &, const Depth &) = default;
};

struct LockState {
  Depth irq, bottomHalf;      ///< how often turned off, by whoever
  std::vector<HeldLock> held; ///< in the order in which they were taken
};

/// What a place has beside its state.
struct LockPlace {
  std::uint32_t node = noId, event = noId; ///< LockMap::nodes, and in its function's body
  bool isFlagDecided = false;              ///< reached only by a flag that says in which context an object is used
};

/// A function entered in a state.
struct LockNode {
  FunctionId function = noId;
  NameId module = 0; ///< of the root; a header's function belongs to whoever calls it
  Context ambient = Context::Process;
  bool isAmbientKnown = true;
  LockState entry;
  std::vector<std::pair<std::uint32_t, LockName>> locks;          ///< what parameters point to
  std::vector<std::pair<std::uint32_t, std::uint64_t>> constants; ///< what parameters are
  std::uint32_t parent = noId, event = noId;                      ///< as in ContextNode
  std::uint32_t root = noId;                                      ///< into ContextMap::roots
  Hop hop = Hop::Root;
  Confidence confidence = Confidence::High;
  bool isFlagDecided = false;       ///< as of LockPlace, of some call on the way
  std::uint16_t avoidableCalls = 0; ///< calls on the way that their functions may also do without
};

/// A lock is taken.
struct LockUse : LockPlace {
  LockName lock;
  const EffectContract *contract = nullptr;
  bool isSleeping = false;
  Depth irq, bottomHalf; ///< once it is held
  std::vector<HeldLock> held; ///< before it is taken
};

/// A field is used that others use, too (shared_fields.h).
struct FieldUse : LockPlace {
  FieldKey field;
  bool isWrite = false, isChange = false; ///< as in FieldAccess
  bool isAsked = false;                   ///< by a branch after `event`, or the function's first one
  Depth irq, bottomHalf;
  std::vector<HeldLock> held;
};

/// A handler is waited for.
struct HandlerWait : LockPlace {
  const WaitContract *contract = nullptr;
  std::vector<HeldLock> held;
};

/// Interrupts or bottom halves are turned on again, with interrupts off.
struct LockRelease : LockPlace {
  const EffectContract *contract = nullptr;
  Depth irq; ///< before
  std::vector<HeldLock> held;
};

struct LockMap {
  std::vector<LockNode> nodes;
  std::vector<LockUse> uses;
  std::vector<LockRelease> releases;
  std::vector<HandlerWait> waits;
  std::vector<FieldUse> fields;
};

/// Whether the function can return without coming past the event.
bool isAvoidable(const Body &body, std::uint32_t event);

class LockReach; // lock_reach.h

/// `roots`: what findRoots() says; what else is known of contexts is not asked for. The result does not depend on
/// `workers`.
LockMap walkLocks(const Program &program, const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots,
                  const LockReach &reach, const SharedFields &fields, Workers &workers);

} // namespace bhlint
