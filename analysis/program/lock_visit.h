// LockVisit: one step of the walk over locks (lock_walk.h). The function of a node is gone through once, and tells
// which locks it takes, what it waits for, and which functions it calls in which state.
#pragma once

#include "analysis/program/lock_outline.h"
#include "analysis/program/lock_walk.h"

namespace bhlint {

/// Reads the map and changes nothing, so nodes are visited in parallel.
class LockVisit {
public:
  LockVisit(const Program &program, const LockReach &reach, const LockOutlines &outlines, const SharedFields &fields,
            const LockMap &map, std::uint32_t id, llvm::function_ref<bool(FunctionId)> isFull)
      : program(program), reach(reach), outlines(outlines), fields(fields), isFull(isFull), id(id), node(map.nodes[id]),
        outline(outlines[node.function]) {}

  void run();

  LockMap found; ///< nodes: what is called from here

private:
  std::optional<LockName> nameOf(const LockReference &lock) const;
  /// Whether a path on which the guard holds can be taken, for what is known of parameters and of the context.
  bool isPossible(const EdgeGuard &guard, const LockFlow::FlowState &state) const;
  Passage passageOf(std::uint32_t block, const BodyEdge &edge, const LockFlow::FlowState &state) const;
  std::optional<bool> answerOf(const ContextTest &test, const LockFlow::FlowState &state) const;
  LockFlow::FlowState entry() const;
  void visitBlock(std::uint32_t block, LockFlow::FlowState state, LockFlow &flow);
  void onStep(const LockStep &step, const LockFlow::FlowState &state, LockFlow &flow);
  void onLock(const LockEvent &lock, LockFlow::FlowState state, LockFlow &flow);
  void onFields(std::uint32_t event, const LockFlow::FlowState &state);
  void onBranch(std::uint32_t block, const LockFlow::FlowState &state);
  void addField(FieldUse use, const LockFlow::FlowState &state);
  void onCall(const LockStep &step, const LockFlow::FlowState &state);
  /// Locks with a name; those that were taken here are remembered by where.
  std::vector<HeldLock> heldIn(const LockFlow::FlowState &state) const;
  void bindArguments(const Body &body, const BodyEvent &event, LockNode &next) const;

  const Program &program;
  const LockReach &reach;
  const LockOutlines &outlines;
  const SharedFields &fields;
  const llvm::function_ref<bool(FunctionId)> isFull; ///< no further node of the function is taken
  const std::uint32_t id;
  const LockNode &node;
  const LockOutline &outline; ///< of the node's function
};

} // namespace bhlint
