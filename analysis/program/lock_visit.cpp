#include "analysis/program/lock_visit.h"
#include "analysis/program/values.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
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
  } else if (const ContextTest *test = contextTestIn(program, *program.bodyOf(node.function), guard.value)) {
    if (std::optional<bool> answer = answerOf(*test, state))
      value = *answer;
  }
  return !value || holdsOf(guard, *value);
}

Passage LockVisit::passageOf(std::uint32_t block, const BodyEdge &edge, const LockFlow::FlowState &state) const {
  Passage result = Passage::Open;
  if (!std::binary_search(outline.testedBlocks.begin(), outline.testedBlocks.end(), block))
    return result;
  for (const EdgeGuard &guard : edge.guards) {
    const bool tellsContext =
        guard.value.valueKind() == ValueKind::Load && llvm::is_contained(outline.contextPaths, guard.value.index);
    if (!isPossible(guard, state))
      return Passage::Closed;
    if (tellsContext)
      result = Passage::Doubtful;
  }
  return result;
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

LockFlow::FlowState LockVisit::entry() const {
  LockFlow::FlowState state{node.entry.irq, node.entry.bottomHalf, {}, node.isFlagDecided};
  for (const HeldLock &lock : node.entry.held) {
    state.held.push_back({{lock.name, noId}, lock});
    state.held.back().lock.event = noId;
  }
  return state;
}

void LockVisit::run() {
  const Body *body = program.bodyOf(node.function);
  if (!body)
    return;
  auto name = [&](const LockReference &lock) { return nameOf(lock); };
  auto passage = [&](std::uint32_t block, const BodyEdge &edge, const LockFlow::FlowState &state) {
    return passageOf(block, edge, state);
  };
  LockFlow flow(*body, outline.changes, /*isAbsolute=*/true, name, passage);
  LockFlow::FlowState state = entry();
  if (outline.isPlain() && node.constants.empty()) {
    for (std::uint32_t block : outline.blocks)
      visitBlock(block, state, flow);
    return;
  }
  flow.run(std::move(state));
  for (std::uint32_t block = 0; block < body->blocks.size(); ++block)
    if (const LockFlow::FlowState *before = flow.entryOf(block))
      visitBlock(block, *before, flow);
}

void LockVisit::visitBlock(std::uint32_t index, LockFlow::FlowState state, LockFlow &flow) {
  const BodyBlock &block = program.bodyOf(node.function)->blocks[index];
  const std::uint32_t end = block.firstEvent + block.eventCount;
  auto step = llvm::partition_point(outline.steps, [&](const LockStep &it) { return it.event < block.firstEvent; });
  std::uint32_t applied = block.firstEvent;
  for (; step != outline.steps.end() && step->event < end; ++step) {
    flow.applyBetween(applied, step->event, state);
    applied = step->event;
    onStep(*step, state, flow);
  }
  if (!fields.has(node.function))
    return;
  flow.applyBetween(applied, end, state);
  onBranch(index, state);
}

void LockVisit::onStep(const LockStep &step, const LockFlow::FlowState &state, LockFlow &flow) {
  if (step.lock != noId)
    onLock(reach.locks[node.function][step.lock], state, flow);
  if (step.isWait)
    found.waits.push_back({{id, step.event, state.isDoubtful},
                           reach.waitAt(program.bodyOf(node.function)->events[step.event]),
                           heldIn(state)});
  else if (step.call != noId)
    onCall(step, state);
  if (fields.has(node.function))
    onFields(step.event, state);
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

void LockVisit::onCall(const LockStep &step, const LockFlow::FlowState &state) {
  const Body &body = *program.bodyOf(node.function);
  const BodyEvent &event = body.events[step.event];
  const LockReach::Calls &calls = reach.calls[node.function];
  for (const CallTarget &target : calls.targetsOf(calls.calls[step.call])) {
    if (!reach.isWalked.test(target.function) || isFull(target.function) ||
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
    next.event = step.event;
    next.root = node.root;
    next.hop = event.call == CallKind::Field || event.call == CallKind::Value ? Hop::Indirect : Hop::Call;
    next.confidence = std::min(node.confidence, target.confidence);
    next.isFlagDecided = state.isDoubtful;
    if (calls.calls[step.call].isOneOfSeveral || state.isDoubtful)
      next.confidence = std::min(next.confidence, Confidence::Medium);
    next.avoidableCalls = static_cast<std::uint16_t>(node.avoidableCalls + step.isAvoidable);
    found.nodes.push_back(std::move(next));
  }
}

void LockVisit::bindArguments(const Body &body, const BodyEvent &event, LockNode &next) const {
  const LockOutline &callee = outlines[next.function];
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
  const std::size_t count = std::min(arguments.size(), program.bodyOf(next.function)->parameters.size());
  for (std::uint32_t i : callee.asked) {
    if (i >= count)
      break;
    const ValueKind kind = arguments[i].valueKind();
    const MaskBits change = program.maskBits(arguments[i]);
    if (kind == ValueKind::Constant)
      next.constants.emplace_back(i, change.bits);
    else if (kind == ValueKind::Parameter)
      for (const auto &[parameter, constant] : node.constants)
        if (parameter == arguments[i].index)
          next.constants.emplace_back(i, (constant & change.mask) | change.bits);
  }
  for (std::uint32_t i : callee.lockedThrough) {
    if (i >= count)
      break;
    if (std::optional<LockName> name = nameOf(lockReference(body, arguments[i])))
      next.locks.emplace_back(i, *name);
  }
}

} // namespace bhlint
