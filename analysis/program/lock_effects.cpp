#include "analysis/program/lock_effects.h"

namespace bhlint {

namespace {

/// Wrappers of wrappers. More than that is no wrapper: what a flow without conditions adds up there is not to be
/// believed.
constexpr unsigned mostLevels = 6;
constexpr unsigned deepestChain = 64; ///< of calls, followed on the stack

bool isFollowed(const BodyEvent &event) {
  return event.kind == facts::EventKind::Call && !event.isCovered &&
         (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup);
}

/// What was learned of a function says how much is off when it returns, and of no lock by name.
LockEffect learnedEffect(const Summary &summary) {
  LockEffect effect;
  for (const ExitEntry &exit : summary.exits) {
    const bool isFirst = &exit == &summary.exits.front();
    auto widen = [&](Depth &depth, std::int8_t by) {
      depth.low = isFirst ? by : std::min(depth.low, by);
      depth.high = isFirst ? by : std::max(depth.high, by);
    };
    widen(effect.irq, exit.delta.irq);
    widen(effect.bottomHalf, exit.delta.bottomHalf);
  }
  return effect;
}

} // namespace

bool LockEffects::mayChangeLocks(FunctionId id) const {
  const Function &function = program.functions[id];
  if (function.effect != noId || function.test != noId)
    return false;
  if (summaries[id].hasAtomicEffect())
    return true;
  int balance = 0, masks = 0;
  for (const LockEvent &lock : locks[id])
    (lock.isMask ? masks : balance) += lock.contract->isRelease ? -1 : 1;
  return balance != 0 || masks != 0;
}

LockEffects::LockEffects(const Program &program, const Summaries &summaries,
                         const std::vector<std::vector<LockEvent>> &locks)
    : program(program), summaries(summaries), locks(locks), numbers(program.functions.size(), noId) {
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    levelOf(id, 0);
}

/// Callees first. One that is part of a cycle has no effect yet when it is met again.
unsigned LockEffects::levelOf(FunctionId id, unsigned depth) {
  if (!mayChangeLocks(id))
    return 0;
  if (numbers[id] != noId)
    return levels[numbers[id]];
  if (depth > deepestChain)
    return mostLevels + 1;
  numbers[id] = static_cast<std::uint32_t>(effects.size());
  LockEffect &effect = effects.emplace_back();
  unsigned &level = levels.emplace_back(1);
  const Body *body = program.bodyOf(id);
  if (!body) {
    effect = learnedEffect(summaries[id]);
    return level;
  }
  for (const BodyEvent &event : body->events)
    if (isFollowed(event))
      level = std::max(level, 1 + levelOf(event.index, depth + 1));
  if (level > mostLevels)
    return level;
  auto nameOf = [](const LockReference &lock) { return lock.name; };
  auto passageOf = [](std::uint32_t, const BodyEdge &, const LockFlow::FlowState &) { return Passage::Open; };
  const std::vector<LockChange> changes = changesOf(*body, locks[id]);
  LockFlow flow(*body, changes, /*isAbsolute=*/false, nameOf, passageOf);
  flow.run({});
  if (!flow.atExit())
    return level;
  effect.irq = flow.atExit()->irq;
  effect.bottomHalf = flow.atExit()->bottomHalf;
  for (const LockFlow::Taken &taken : flow.atExit()->held)
    effect.acquired.emplace_back(taken.reference, taken.lock);
  for (const LockFlow::Taken &taken : flow.released())
    effect.released.emplace_back(taken.reference, taken.lock);
  return level;
}

const LockEffect *LockEffects::of(const BodyEvent &event) const {
  if (!isFollowed(event) || numbers[event.index] == noId)
    return nullptr;
  const LockEffect &effect = effects[numbers[event.index]];
  return effect.isNothing() ? nullptr : &effect;
}

std::vector<LockChange> LockEffects::changesOf(const Body &body, const std::vector<LockEvent> &locks) const {
  std::vector<LockChange> changes;
  auto lock = locks.begin();
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    if (lock != locks.end() && lock->event == e)
      changes.push_back({e, &*lock++, nullptr});
    else if (const LockEffect *effect = of(body.events[e]))
      changes.push_back({e, nullptr, effect});
  }
  return changes;
}

} // namespace bhlint
