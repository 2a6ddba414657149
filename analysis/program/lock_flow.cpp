#include "analysis/program/lock_flow.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>

namespace bhlint {

using facts::Relation;
using facts::ValueKind;

namespace {

bool isSameReference(const LockReference &a, const LockReference &b) {
  return a.parameter == b.parameter && a.name == b.name;
}

Depth joined(Depth a, Depth b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

/// Both states' locks. What is turned off on one of the paths may be off.
void join(LockFlow::FlowState &into, const LockFlow::FlowState &other) {
  into.irq = joined(into.irq, other.irq);
  into.bottomHalf = joined(into.bottomHalf, other.bottomHalf);
  into.isDoubtful = into.isDoubtful && other.isDoubtful;
  llvm::erase_if(into.held, [&](const LockFlow::Taken &taken) {
    return llvm::none_of(other.held, [&](const LockFlow::Taken &also) {
      return isSameReference(taken.reference, also.reference) && taken.lock == also.lock;
    });
  });
}

bool areEqual(const LockFlow::FlowState &a, const LockFlow::FlowState &b) {
  return a.irq == b.irq && a.bottomHalf == b.bottomHalf && a.isDoubtful == b.isDoubtful &&
         a.held.size() == b.held.size();
}

/// true: the guard says that the value is not zero; false: that it is.
std::optional<bool> isNonZero(const EdgeGuard &guard) {
  if (guard.relation == Relation::AnyBit || (guard.relation == Relation::NotEqual && guard.operand == 0))
    return !guard.value.isNegated;
  if (guard.relation == Relation::NoBit || (guard.relation == Relation::Equal && guard.operand == 0))
    return bool(guard.value.isNegated);
  return std::nullopt;
}

bool isPartOf(const Body &body, std::uint32_t event, std::uint32_t whole) {
  for (std::uint32_t level = event; level != noId; level = body.events[level].expansion)
    if (level == whole)
      return true;
  return false;
}

} // namespace

bool LockEffect::isNothing() const {
  return acquired.empty() && released.empty() && irq == Depth() && bottomHalf == Depth();
}

LockFlow::LockFlow(const Body &body, llvm::ArrayRef<LockChange> changes, bool isAbsolute, NameOf nameOf,
                   PassageOf passageOf)
    : body(body), changes(changes), isAbsolute(isAbsolute), nameOf(nameOf), passageOf(passageOf) {}

static const LockChange *firstFrom(llvm::ArrayRef<LockChange> changes, std::uint32_t event) {
  return std::lower_bound(changes.begin(), changes.end(), event,
                          [](const LockChange &change, std::uint32_t wanted) { return change.event < wanted; });
}

void LockFlow::add(Depth &depth, int low, int high) const {
  depth.low = saturate(depth.low + low);
  depth.high = saturate(depth.high + high);
  if (isAbsolute) {
    depth.low = std::max<std::int8_t>(depth.low, 0);
    depth.high = std::max<std::int8_t>(depth.high, 0);
  }
  depth.high = std::max(depth.high, depth.low); // masks count above only
}

void LockFlow::take(FlowState &state, Taken lock) const {
  if (!lock.reference.isKnown())
    return;
  for (Taken &other : state.held)
    if (isSameReference(other.reference, lock.reference))
      other.lock.isOneOfSeveral = lock.lock.isOneOfSeveral = true;
  state.held.push_back(std::move(lock));
}

/// The lock itself, or, where it cannot be told, the last one that was taken in that way.
void LockFlow::drop(FlowState &state, const Taken &lock) {
  auto isIt = [&](const Taken &taken) {
    return lock.reference.isKnown() ? isSameReference(taken.reference, lock.reference)
                                    : taken.lock.isSleeping == lock.lock.isSleeping;
  };
  auto found = std::find_if(state.held.rbegin(), state.held.rend(), isIt);
  if (found != state.held.rend())
    state.held.erase(std::next(found).base());
  else if (!isAbsolute && llvm::none_of(dropped, [&](const Taken &known) {
             return isSameReference(known.reference, lock.reference) && known.lock.isSleeping == lock.lock.isSleeping;
           }))
    dropped.push_back(lock);
}

void LockFlow::apply(const LockEvent &event, FlowState &state) {
  const EffectContract &contract = *event.contract;
  // A handler that is kept away is as if it were off; nothing says that it is.
  add(state.irq, event.isMask ? 0 : contract.effect.irq, contract.effect.irq);
  add(state.bottomHalf, event.isMask ? 0 : contract.effect.bottomHalf, contract.effect.bottomHalf);
  if (event.isMask)
    return;
  Taken lock;
  lock.reference = event.lock;
  if (std::optional<LockName> name = nameOf(event.lock)) {
    lock.reference = {name, noId};
    lock.lock.name = *name;
  }
  lock.lock.isSleeping = event.isSleeping;
  lock.lock.isShared = contract.isShared;
  lock.lock.effect = contract.effect;
  lock.lock.event = event.event;
  const bool isLock = contract.lockArgument || !contract.lockName.empty();
  if (contract.isRelease && isLock)
    drop(state, lock);
  else if (isLock)
    take(state, std::move(lock));
}

void LockFlow::apply(const LockEffect &effect, std::uint32_t event, FlowState &state) {
  const bool isCleanup = body.events[event].call == facts::CallKind::Cleanup;
  auto change = [&](Depth &depth, Depth by) {
    // A cleanup releases what there is to release; it was taken, if not by the path that skips it.
    isCleanup ? add(depth, by.low, by.low) : add(depth, by.low, by.high);
  };
  change(state.irq, effect.irq);
  change(state.bottomHalf, effect.bottomHalf);
  auto inTermsHere = [&](const std::pair<LockReference, HeldLock> &lock) {
    Taken here{lock.first, lock.second};
    here.lock.event = event;
    if (lock.first.parameter != noId) {
      llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[event]);
      here.reference = lock.first.parameter < arguments.size() ? lockReference(body, arguments[lock.first.parameter])
                                                               : LockReference();
    }
    if (std::optional<LockName> name = nameOf(here.reference)) {
      here.reference = {name, noId};
      here.lock.name = *name;
    }
    return here;
  };
  for (const auto &lock : effect.released) {
    Taken here = inTermsHere(lock);
    if (isCleanup) // of a guard's own object; what it guards is the last lock of that kind
      here.reference = {};
    drop(state, here);
  }
  for (const auto &lock : effect.acquired)
    take(state, inTermsHere(lock));
}

const LockEvent *LockFlow::lockAt(std::uint32_t event) const {
  const LockChange *found = firstFrom(changes, event);
  return found != changes.end() && found->event == event ? found->lock : nullptr;
}

void LockFlow::applyBetween(std::uint32_t from, std::uint32_t to, FlowState &state) {
  for (const LockChange *change = firstFrom(changes, from); change != changes.end() && change->event < to; ++change) {
    if (change->lock)
      apply(*change->lock, state);
    else
      apply(*change->effect, change->event, state);
  }
}

bool LockFlow::enter(std::uint32_t block, FlowState state) {
  std::optional<FlowState> &known = entries[block];
  if (!known) {
    known = std::move(state);
    return true;
  }
  FlowState before = *known;
  join(*known, state);
  return !areEqual(before, *known);
}

void LockFlow::run(FlowState entry) {
  entries.assign(body.blocks.size(), std::nullopt);
  if (body.blocks.empty())
    return;
  std::deque<std::uint32_t> worklist{0};
  enter(0, std::move(entry));
  constexpr unsigned mostRounds = 16; // a loop that takes one lock more each time
  std::vector<unsigned> rounds(body.blocks.size(), 0);
  while (!worklist.empty()) {
    const std::uint32_t at = worklist.front();
    worklist.pop_front();
    if (++rounds[at] > mostRounds)
      continue;
    const BodyBlock &block = body.blocks[at];
    FlowState state = *entries[at];
    applyBetween(block.firstEvent, block.firstEvent + block.eventCount, state);
    if (block.edges.empty()) {
      if (!exit)
        exit = state;
      else
        join(*exit, state);
    }
    for (const BodyEdge &edge : block.edges) {
      const Passage passage = passageOf(at, edge, state);
      if (passage == Passage::Closed)
        continue;
      FlowState next = state;
      next.isDoubtful |= passage == Passage::Doubtful;
      for (const EdgeGuard &guard : edge.guards)
        if (guard.value.valueKind() == ValueKind::CallResult)
          llvm::erase_if(next.held, [&](const Taken &taken) {
            if (taken.lock.event == noId || !isPartOf(body, guard.value.index, taken.lock.event))
              return false;
            const LockEvent *lock = lockAt(taken.lock.event);
            std::optional<bool> result = isNonZero(guard);
            return lock && result && lock->contract->when != EffectWhen::Always &&
                   *result != (lock->contract->when == EffectWhen::ResultNonZero);
          });
      if (enter(edge.to, std::move(next)) && llvm::find(worklist, edge.to) == worklist.end())
        worklist.push_back(edge.to);
    }
  }
}

bool isAvoidable(const Body &body, std::uint32_t event) {
  std::vector<bool> seen(body.blocks.size(), false);
  std::vector<std::uint32_t> worklist;
  auto enter = [&](std::uint32_t block) {
    const BodyBlock &at = body.blocks[block];
    if (seen[block] || (event >= at.firstEvent && event < at.firstEvent + at.eventCount))
      return;
    seen[block] = true;
    worklist.push_back(block);
  };
  if (!body.blocks.empty())
    enter(0);
  while (!worklist.empty()) {
    const std::uint32_t block = worklist.back();
    worklist.pop_back();
    if (body.blocks[block].edges.empty())
      return true;
    for (const BodyEdge &edge : body.blocks[block].edges)
      enter(edge.to);
  }
  return false;
}

} // namespace bhlint
