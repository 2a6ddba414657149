// BodyOutline: what of a body an exploration has to look at.
//
// Most of a function has no part in whether and how it sleeps: branches between which nothing happens that matters,
// values that no such branch looks at. They are found once per body (control dependence on postdominators, and the
// values that what matters needs), and explorations go around them. That keeps states few, and guards free of
// conditions that decide nothing.
#pragma once

#include "analysis/program/program.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

namespace bhlint {

struct Term;

/// What there is to a Call or Macro event, going by contracts and summaries.
struct EventUse {
  bool matters = false;       ///< may sleep, change the lock state, call back, or not return
  bool definesResult = false; ///< something is known of what it returns
  bool hasLockEffect = false;
  bool tellsLastReference = false; ///< its result may say that the last reference was dropped
};

class BodyOutline {
public:
  /// `useOf` is asked once for each Call and Macro event that is not covered. `asksField`: whether a guard of a callee
  /// that matters looks at a field.
  BodyOutline(const Body &body, llvm::function_ref<EventUse(std::uint32_t event)> useOf,
              llvm::function_ref<bool(FieldKey)> asksField);

  /// No event matters and no branch tells callers anything: the function just returns (`returns`), or never does.
  bool isTrivial() const { return trivial; }
  bool mayReturn() const { return returns; }

  /// Whether some call's result may say that the last reference was dropped.
  bool tellsLastReference() const { return lastReference; }

  /// Whether the event has to be executed.
  bool isNeeded(std::uint32_t event) const { return neededEvents.test(event); }
  /// For a block whose branch decides nothing that matters: where its sides meet again; `toReturn`: not before the
  /// function has returned. noId: the branch is to be followed.
  static constexpr std::uint32_t toReturn = 0xfffffffeu;
  std::uint32_t skipTo(std::uint32_t block) const { return skips.empty() ? noId : skips[block]; }

  /// The first block from here on in which something happens, or that several ways lead on from.
  std::uint32_t passOn(std::uint32_t block) const { return passes.empty() ? block : passes[block]; }

  /// Locals, call results and paths that a later guard, argument or value of `block` may look at.
  bool isLive(std::uint32_t block, Term term) const;
  /// Whether anything looks at what the call `event` returns.
  bool isResultUsed(std::uint32_t event) const { return usedResults.test(event); }
  /// Whether the function can return without coming past the event.
  bool isAvoidable(std::uint32_t event) const { return !inevitable.test(event); }
  /// Whether the path is stored to by one event only, and by that once: before it, the path holds what it held at
  /// entry.
  bool isStoredOnce(std::uint32_t path) const { return storedOnce.test(path); }

private:
  void findUses(llvm::function_ref<EventUse(std::uint32_t)> useOf);
  void findPostdominators();
  void findNeeded(llvm::function_ref<bool(FieldKey)> asksField);
  void findSkips();
  void findPasses();
  bool isEmpty(const BodyBlock &block) const;
  using LiveSet = llvm::SmallVector<std::uint64_t, 4>;
  static constexpr std::uint32_t wordBits = 64;
  bool mayBeNeeded(std::uint32_t event) const;
  void findLiveness();
  void findLiveBehind(std::uint32_t block, LiveSet &live, LiveSet &edgeLive);
  void stepBack(std::uint32_t index, LiveSet &live);
  void use(LiveSet &live, const Operand &operand);
  void setLive(LiveSet &live, std::uint32_t slot, bool isLive);
  void findInevitable();
  void findStoresOnce();
  bool decides(std::uint32_t block) const;
  bool isInLoop(std::uint32_t block) const;
  std::uint32_t slotOf(facts::ValueKind kind, std::uint32_t index) const;
  bool need(const Operand &operand);
  std::uint32_t pointerSlot(const BodyEvent &event) const;

  const Body &body;
  std::uint32_t locals, results, paths;
  bool trivial = false, returns = false, returnsMatter = false, lastReference = false;
  std::vector<EventUse> uses;
  std::vector<std::uint32_t> meets; ///< immediate postdominator; the number of blocks: the function's end; noId: none
  llvm::BitVector neededSlots, neededEvents, marked, deciding;
  std::vector<std::uint32_t> skips, passes;
  std::vector<std::uint32_t> liveSlots; ///< by local and result: its bit in a set of live ones; noId: nothing needs it
  std::uint32_t liveWords = 0;          ///< of one set
  std::vector<std::uint64_t> liveIn;    ///< one set for each block
  llvm::BitVector usedResults, storedOnce, inevitable;
};

} // namespace bhlint
