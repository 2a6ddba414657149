#include "analysis/program/lock_visit.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::Relation;
using facts::ValueKind;

std::optional<LockName> LockVisit::nameOf(const LockReference &lock) const {
  if (lock.name || lock.parameter == noId)
    return lock.name;
  for (const auto &[parameter, name] : node.locks)
    if (parameter == lock.parameter)
      return name;
  return std::nullopt;
}

bool LockVisit::isPossible(const EdgeGuard &guard, const LockFlow::FlowState &state) const {
  std::optional<std::uint64_t> value;
  const MaskBits change = program.maskBits(guard.value);
  if (guard.value.valueKind() == ValueKind::Parameter) {
    for (const auto &[parameter, constant] : node.constants)
      if (parameter == guard.value.index)
        value = (constant & change.mask) | change.bits;
  } else if (const ContextTest *test = testIn(*program.bodyOf(node.function), guard.value)) {
    if (std::optional<bool> answer = answerOf(*test, state))
      value = *answer;
  }
  if (!value)
    return true;
  const std::uint64_t is = guard.value.isNegated ? *value == 0 : *value;
  switch (guard.relation) {
  case Relation::AnyBit:
    return (is & guard.operand) != 0;
  case Relation::NoBit:
    return (is & guard.operand) == 0;
  case Relation::Equal:
    return is == guard.operand;
  case Relation::NotEqual:
    return is != guard.operand;
  }
  return true;
}

bool LockVisit::tellsContext(const Body &body, const Operand &value) const {
  if (value.valueKind() != ValueKind::Load || body.paths[value.index].fields.empty())
    return false;
  llvm::StringRef field = program.text(body.paths[value.index].fields.back().field);
  return llvm::any_of(rules.calibration.contextFields, [&](const std::string &part) { return field.contains(part); });
}

const ContextTest *LockVisit::testIn(const Body &body, const Operand &value) const {
  std::uint32_t test = noId;
  if (value.valueKind() == ValueKind::ContextTest) {
    if (auto found = program.tests.find(value.index); found != program.tests.end())
      test = found->second;
  } else if (value.valueKind() == ValueKind::CallResult) {
    const BodyEvent &event = body.events[value.index];
    if (event.kind == EventKind::Call && event.call == CallKind::Direct)
      test = program.functions[event.index].test;
  }
  return test == noId ? nullptr : &rules.tests[test];
}

std::optional<bool> LockVisit::answerOf(const ContextTest &test, const LockFlow::FlowState &state) const {
  if (!node.isAmbientKnown)
    return std::nullopt;
  std::uint16_t mask = bit(node.ambient);
  if (state.irq.mayBeOff() && node.ambient != Context::HardIrq)
    mask |= bit(Context::IrqsOff);
  if (state.bottomHalf.mayBeOff())
    mask |= bit(Context::BhOff);
  if (llvm::any_of(state.held, [](const LockFlow::Taken &taken) { return !taken.lock.isSleeping; }))
    mask |= bit(Context::Atomic);
  std::uint16_t whenTrue = 0, whenFalse = 0;
  for (Context context : test.trueIn)
    whenTrue |= bit(context);
  for (Context context : test.falseIn)
    whenFalse |= bit(context);
  const std::uint16_t held = mask & ~bit(node.ambient);
  if ((whenTrue & bit(Context::Process)) && (held & whenFalse))
    return false;
  if (mask & whenTrue)
    return true;
  if ((mask & whenFalse) == mask)
    return false;
  return std::nullopt;
}

void LockVisit::run() {
  const Body *body = program.bodyOf(node.function);
  if (!body)
    return;
  auto name = [&](const LockReference &lock) { return nameOf(lock); };
  auto effectOfCall = [&](std::uint32_t e) { return effects.of(*body, e); };
  auto passageOf = [&](const EdgeGuard &guard, const LockFlow::FlowState &state) {
    return !isPossible(guard, state)          ? Passage::Closed
           : tellsContext(*body, guard.value) ? Passage::Doubtful
                                              : Passage::Open;
  };
  LockFlow flow(*body, reach.locks[node.function], /*isAbsolute=*/true, name, effectOfCall, passageOf);
  LockFlow::FlowState entry{node.entry.irq, node.entry.bottomHalf, {}, node.isFlagDecided};
  for (const HeldLock &lock : node.entry.held)
    entry.held.push_back({{lock.name, noId}, lock});
  for (LockFlow::Taken &taken : entry.held)
    taken.lock.event = noId;
  flow.run(entry);
  auto onEvent = [&](std::uint32_t e, const LockEvent *lock, const LockFlow::FlowState &state) {
    if (lock)
      onLock(*lock, state, flow);
    if ((!lock || lock->isMask) && body->events[e].kind == EventKind::Call && !body->events[e].isCovered)
      onCall(*body, e, state);
    if (fields.has(node.function))
      onFields(e, state);
  };
  flow.visit(onEvent, [&](std::uint32_t block, const LockFlow::FlowState &state) { onBranch(block, state); });
}

void LockVisit::onFields(std::uint32_t event, const LockFlow::FlowState &state) {
  llvm::ArrayRef<FieldAccess> accesses = fields.accessesOf(node.function);
  auto first = std::partition_point(accesses.begin(), accesses.end(),
                                    [&](const FieldAccess &access) { return access.event < event; });
  for (; first != accesses.end() && first->event == event; ++first)
    addField({{id, event, state.isDoubtful}, first->field, first->isWrite, first->isChange}, state);
}

/// Branches have no place of their own: that of the last event before them.
void LockVisit::onBranch(std::uint32_t block, const LockFlow::FlowState &state) {
  for (const FieldKey &field : fields.askedBy(node.function, block)) {
    const BodyBlock &at = program.bodyOf(node.function)->blocks[block];
    FieldUse use{{id, at.eventCount == 0 ? noId : at.firstEvent + at.eventCount - 1, state.isDoubtful}, field};
    use.isAsked = true;
    addField(std::move(use), state);
  }
}

void LockVisit::addField(FieldUse use, const LockFlow::FlowState &state) {
  use.irq = state.irq;
  use.bottomHalf = state.bottomHalf;
  use.held = heldIn(state);
  found.fields.push_back(std::move(use));
}

void LockVisit::onLock(const LockEvent &lock, LockFlow::FlowState state, LockFlow &flow) {
  const AtomicEffect &effect = lock.contract->effect;
  const bool turnsOn = lock.contract->isEnabling || effect.bottomHalf < 0;
  if (turnsOn && !lock.isMask && state.irq.low > 0)
    found.releases.push_back({{id, lock.event, state.isDoubtful}, lock.contract, state.irq, heldIn(state)});
  if (lock.contract->isRelease || lock.isMask)
    return;
  std::optional<LockName> name = nameOf(lock.lock);
  if (!name)
    return;
  std::vector<HeldLock> held = heldIn(state);
  flow.apply(lock, state);
  found.uses.push_back({{id, lock.event, state.isDoubtful},
                        *name,
                        lock.contract,
                        lock.isSleeping,
                        state.irq,
                        state.bottomHalf,
                        std::move(held)});
}

std::vector<HeldLock> LockVisit::heldIn(const LockFlow::FlowState &state) const {
  std::vector<HeldLock> result;
  for (const LockFlow::Taken &taken : state.held) {
    if (!taken.reference.name)
      continue;
    HeldLock lock = taken.lock;
    lock.name = *taken.reference.name;
    if (lock.event != noId) {
      lock.node = id;
    } else {
      auto before = llvm::find(node.entry.held, lock);
      if (before != node.entry.held.end())
        lock = *before;
    }
    result.push_back(std::move(lock));
  }
  return result;
}

void LockVisit::onCall(const Body &body, std::uint32_t e, const LockFlow::FlowState &state) {
  const BodyEvent &event = body.events[e];
  if (const WaitContract *wait = reach.waitAt(event)) {
    found.waits.push_back({{id, e, state.isDoubtful}, wait, heldIn(state)});
    return;
  }
  llvm::SmallVector<CallTarget, 2> targets = reach.targetsOf(node.function, e);
  for (const CallTarget &target : targets) {
    if (!program.bodyOf(target.function) || reach.isLeaf(target.function) || !reach.isWalked.test(target.function) ||
        !reach.isInside(node.module, target.function, target.function))
      continue;
    LockNode next;
    next.function = target.function;
    next.module = node.module;
    next.ambient = node.ambient;
    next.isAmbientKnown = node.isAmbientKnown;
    next.entry.irq = state.irq;
    next.entry.bottomHalf = state.bottomHalf;
    next.entry.held = heldIn(state);
    bindArguments(body, event, next);
    next.parent = id;
    next.event = e;
    next.root = node.root;
    next.hop = event.call == CallKind::Field || event.call == CallKind::Value ? Hop::Indirect : Hop::Call;
    next.confidence = std::min(node.confidence, target.confidence);
    next.isFlagDecided = state.isDoubtful;
    if (targets.size() > 1 || state.isDoubtful)
      next.confidence = std::min(next.confidence, Confidence::Medium);
    next.avoidableCalls = static_cast<std::uint16_t>(node.avoidableCalls + isAvoidable(body, e));
    found.nodes.push_back(std::move(next));
  }
}

void LockVisit::bindArguments(const Body &body, const BodyEvent &event, LockNode &next) const {
  const Body &callee = *program.bodyOf(next.function);
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
  for (std::uint32_t i = 0; i < arguments.size() && i < callee.parameters.size(); ++i) {
    const ValueKind kind = arguments[i].valueKind();
    if (kind == ValueKind::Constant && asksFor(callee, i))
      next.constants.emplace_back(i, program.maskBits(arguments[i]).bits);
    else if (kind == ValueKind::Parameter && asksFor(callee, i))
      for (const auto &[parameter, constant] : node.constants)
        if (parameter == arguments[i].index)
          next.constants.emplace_back(i, (constant & program.maskBits(arguments[i]).mask) |
                                             program.maskBits(arguments[i]).bits);
    if (!reach.isLockedThrough(next.function, i))
      continue;
    if (std::optional<LockName> name = nameOf(lockReference(body, arguments[i])))
      next.locks.emplace_back(i, *name);
  }
}

} // namespace bhlint
