// LockFlow: one body's locks, as a dataflow over its blocks. What is held is what is held on every path.
#pragma once

#include "analysis/program/lock_walk.h"

namespace bhlint {

/// What a call does to the locks of its caller, in the callee's terms.
struct LockEffect {
  std::vector<std::pair<LockReference, HeldLock>> acquired;
  std::vector<std::pair<LockReference, HeldLock>> released; ///< whatever it is: the latest of that kind
  Depth irq, bottomHalf;
  bool isNothing() const;
};

/// An event that changes what is held, or what is off.
struct LockChange {
  std::uint32_t event = 0;
  const LockEvent *lock = nullptr;    ///< null: a call that does so
  const LockEffect *effect = nullptr; ///< of that call
};

/// Whether an edge can be taken. Doubtful: only by a flag that says in which context the object is used.
enum class Passage : std::uint8_t { Closed, Doubtful, Open };

/// A state in which locks may still be parameters of the function.
class LockFlow {
public:
  struct Taken {
    LockReference reference;
    HeldLock lock;
  };
  struct FlowState {
    Depth irq, bottomHalf;
    std::vector<Taken> held;
    bool isDoubtful = false; ///< every path comes through a Passage that is
  };
  using NameOf = llvm::function_ref<std::optional<LockName>(const LockReference &)>;
  using PassageOf = llvm::function_ref<Passage(std::uint32_t block, const BodyEdge &, const FlowState &)>;

  /// `changes`: in order.
  LockFlow(const Body &body, llvm::ArrayRef<LockChange> changes, bool isAbsolute, NameOf nameOf, PassageOf passageOf);
  void run(FlowState entry);
  /// The state at the beginning of a block, once it is final; null: no path leads there.
  const FlowState *entryOf(std::uint32_t block) const {
    return block < entries.size() && entries[block] ? &*entries[block] : nullptr;
  }
  /// Changes at events from `from` up to, not including, `to`.
  void applyBetween(std::uint32_t from, std::uint32_t to, FlowState &state);
  /// Joined over all ends of the function.
  const std::optional<FlowState> &atExit() const { return exit; }
  /// Locks that were dropped without having been taken, on some path.
  const std::vector<Taken> &released() const { return dropped; }
  /// The state after `lock`.
  void apply(const LockEvent &lock, FlowState &state);

private:
  void apply(const LockEffect &effect, std::uint32_t event, FlowState &state);
  void add(Depth &depth, int low, int high) const;
  void take(FlowState &state, Taken lock) const;
  void drop(FlowState &state, const Taken &lock);
  const LockEvent *lockAt(std::uint32_t event) const;
  bool enter(std::uint32_t block, FlowState state);

  const Body &body;
  llvm::ArrayRef<LockChange> changes;
  const bool isAbsolute;
  NameOf nameOf;
  PassageOf passageOf;
  std::vector<std::optional<FlowState>> entries;
  std::optional<FlowState> exit;
  std::vector<Taken> dropped;
};

} // namespace bhlint
