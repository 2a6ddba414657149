// LockOutlines: what the walk over locks (lock_walk.h) looks at in each body, found once for all the states in which
// the body is entered.
#pragma once

#include "analysis/program/lock_effects.h"
#include "analysis/program/lock_reach.h"
#include "analysis/program/parallel.h"

namespace bhlint {

/// An event at which the walk stops to look.
struct LockStep {
  std::uint32_t event = 0;
  std::uint32_t lock = noId; ///< into LockReach::locks of the function; noId: not a lock
  std::uint32_t call = noId; ///< into LockReach::calls of the function; noId: no call that the walk may enter
  bool isWait = false;       ///< for a handler: LockReach::waitAt()
  bool isAvoidable = false;  ///< as isAvoidable(), of the call
};

struct LockOutline {
  std::vector<LockStep> steps;       ///< in order
  std::vector<LockChange> changes;   ///< in order
  std::vector<std::uint32_t> blocks; ///< that some path leads to, whatever its conditions; in order
  std::vector<std::uint32_t>
      testedBlocks; ///< with a branch that parameters, the context or a flag of it may decide; sorted
  std::vector<std::uint32_t> contextPaths;  ///< of fields that say in which context an object is used
  std::vector<std::uint32_t> asked;         ///< parameters that a branch looks at; sorted
  std::vector<std::uint32_t> lockedThrough; ///< parameters whose lock is taken, here or below; sorted
  bool asksContext = false;                 ///< a branch is decided by it, or by such a field

  /// Nothing changes from its beginning to its end, and no path can be ruled out but by what parameters are.
  bool isPlain() const { return changes.empty() && !asksContext; }
};

class LockOutlines {
public:
  /// Of the functions that `reach` walks. All arguments must outlive it.
  LockOutlines(const Program &program, const LockReach &reach, const LockEffects &effects, const SharedFields &fields,
               Workers &workers);
  const LockOutline &operator[](FunctionId id) const { return outlines[numbers[id]]; }

private:
  void findSteps(FunctionId id, LockOutline &outline) const;
  void findChanges(FunctionId id, LockOutline &outline) const;
  void findTests(const Body &body, LockOutline &outline) const;
  void findParameters(FunctionId id, LockOutline &outline) const;
  bool tellsContext(const Body &body, const Operand &value) const;

  const Program &program;
  const LockReach &reach;
  const LockEffects &effects;
  const SharedFields &fields;
  std::vector<LockOutline> outlines;  ///< the first is of functions that are not walked: nothing
  std::vector<std::uint32_t> numbers; ///< by function, into `outlines`
};

/// The test of the context whose answer the value is; null: none.
const ContextTest *contextTestIn(const Program &program, const Body &body, const Operand &value);

} // namespace bhlint
