// LockVisit: one step of the walk over locks (lock_walk.h). The function of a node is gone through once, and tells
// which locks it takes, what it waits for, and which functions it calls in which state.
#pragma once

#include "analysis/program/lock_effects.h"
#include "analysis/program/lock_reach.h"
#include "analysis/program/lock_walk.h"

namespace bhlint {

/// Reads the map and changes nothing, so nodes are visited in parallel.
class LockVisit {
public:
  LockVisit(const Program &program, const LockReach &reach, const LockEffects &effects, const SharedFields &fields,
            const LockMap &map, std::uint32_t id)
      : program(program), rules(*program.rules), reach(reach), effects(effects), fields(fields), id(id),
        node(map.nodes[id]) {}

  void run();

  LockMap found; ///< nodes: what is called from here

private:
  std::optional<LockName> nameOf(const LockReference &lock) const;
  /// Whether a path on which the guard holds can be taken, for what is known of parameters and of the context.
  bool isPossible(const EdgeGuard &guard, const LockFlow::FlowState &state) const;
  bool tellsContext(const Body &body, const Operand &value) const;
  const ContextTest *testIn(const Body &body, const Operand &value) const;
  std::optional<bool> answerOf(const ContextTest &test, const LockFlow::FlowState &state) const;
  void onLock(const LockEvent &lock, LockFlow::FlowState state, LockFlow &flow);
  void onFields(std::uint32_t event, const LockFlow::FlowState &state);
  void onBranch(std::uint32_t block, const LockFlow::FlowState &state);
  void addField(FieldUse use, const LockFlow::FlowState &state);
  void onCall(const Body &body, std::uint32_t event, const LockFlow::FlowState &state);
  /// Locks with a name; those that were taken here are remembered by where.
  std::vector<HeldLock> heldIn(const LockFlow::FlowState &state) const;
  void bindArguments(const Body &body, const BodyEvent &event, LockNode &next) const;

  const Program &program;
  const RuleSet &rules;
  const LockReach &reach;
  const LockEffects &effects;
  const SharedFields &fields;
  const std::uint32_t id;
  const LockNode &node;
};

} // namespace bhlint
