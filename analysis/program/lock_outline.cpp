#include "analysis/program/lock_outline.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

const ContextTest *contextTestIn(const Program &program, const Body &body, const Operand &value) {
  std::uint32_t test = noId;
  if (value.valueKind() == ValueKind::ContextTest) {
    if (auto found = program.tests.find(value.index); found != program.tests.end())
      test = found->second;
  } else if (value.valueKind() == ValueKind::CallResult) {
    const BodyEvent &event = body.events[value.index];
    if (event.kind == EventKind::Call && event.call == CallKind::Direct)
      test = program.functions[event.index].test;
  }
  return test == noId ? nullptr : &program.rules->tests[test];
}

LockOutlines::LockOutlines(const Program &program, const LockReach &reach, const LockEffects &effects,
                           const SharedFields &fields, Workers &workers)
    : program(program), reach(reach), effects(effects), fields(fields), numbers(program.functions.size(), 0) {
  std::vector<FunctionId> walked;
  for (unsigned id : reach.isWalked.set_bits())
    if (program.bodyOf(id)) {
      walked.push_back(id);
      numbers[id] = static_cast<std::uint32_t>(walked.size());
    }
  outlines.resize(walked.size() + 1);
  workers.forEach(walked.size(), [&](std::size_t i) {
    const FunctionId id = walked[i];
    LockOutline &outline = outlines[i + 1];
    findChanges(id, outline);
    findSteps(id, outline);
    findTests(*program.bodyOf(id), outline);
    findParameters(id, outline);
  });
}

void LockOutlines::findChanges(FunctionId id, LockOutline &outline) const {
  outline.changes = effects.changesOf(*program.bodyOf(id), reach.locks[id]);
}

void LockOutlines::findSteps(FunctionId id, LockOutline &outline) const {
  const Body &body = *program.bodyOf(id);
  const std::vector<LockEvent> &locks = reach.locks[id];
  const std::vector<LockReach::Calls::Call> &calls = reach.calls[id].calls;
  llvm::ArrayRef<FieldAccess> accesses = fields.accessesOf(id);
  std::uint32_t call = 0, lock = 0;
  std::uint32_t blockEnd = 0; // of the block whose calls are as avoidable as the last one
  bool isBlockAvoidable = false;
  auto isCallAvoidable = [&](std::uint32_t e) {
    if (e < blockEnd)
      return isBlockAvoidable;
    auto block = llvm::find_if(body.blocks, [&](const BodyBlock &it) { return e - it.firstEvent < it.eventCount; });
    blockEnd = block == body.blocks.end() ? 0 : block->firstEvent + block->eventCount;
    return isBlockAvoidable = isAvoidable(body, e);
  };
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    LockStep step;
    step.event = e;
    if (lock < locks.size() && locks[lock].event == e)
      step.lock = lock++;
    const bool isCall = step.lock == noId || locks[step.lock].isMask;
    if (call < calls.size() && calls[call].event == e) {
      if (isCall) {
        step.call = call;
        step.isAvoidable = isCallAvoidable(e);
      }
      ++call;
    }
    step.isWait = isCall && reach.waitAt(body.events[e]);
    const bool isUse = !accesses.empty() && accesses.front().event == e;
    while (!accesses.empty() && accesses.front().event == e)
      accesses = accesses.drop_front();
    if (step.lock != noId || step.isWait || step.call != noId || isUse)
      outline.steps.push_back(step);
  }
}

bool LockOutlines::tellsContext(const Body &body, const Operand &value) const {
  if (!body.asksForContext || value.valueKind() != ValueKind::Load || body.paths[value.index].fields.empty())
    return false;
  return program.rules->calibration.isContextField(program.text(body.paths[value.index].fields.back().field));
}

namespace {

void insert(std::vector<std::uint32_t> &sorted, std::uint32_t value) {
  auto at = llvm::lower_bound(sorted, value);
  if (at == sorted.end() || *at != value)
    sorted.insert(at, value);
}

std::vector<std::uint32_t> reachedBlocks(const Body &body) {
  std::vector<bool> isReached(body.blocks.size(), false);
  std::vector<std::uint32_t> blocks;
  auto reach = [&](std::uint32_t block) {
    if (isReached[block])
      return;
    isReached[block] = true;
    blocks.push_back(block);
  };
  if (!body.blocks.empty())
    reach(0);
  for (std::size_t next = 0; next < blocks.size(); ++next)
    for (const BodyEdge &edge : body.blocks[blocks[next]].edges)
      reach(edge.to);
  llvm::sort(blocks);
  return blocks;
}

} // namespace

void LockOutlines::findTests(const Body &body, LockOutline &outline) const {
  outline.blocks = reachedBlocks(body);
  for (std::uint32_t block : outline.blocks)
    for (const BodyEdge &edge : body.blocks[block].edges)
      for (const EdgeGuard &guard : edge.guards) {
        const bool isParameter = guard.value.valueKind() == ValueKind::Parameter;
        const bool tells = tellsContext(body, guard.value);
        if (isParameter)
          insert(outline.asked, guard.value.index);
        if (tells)
          insert(outline.contextPaths, guard.value.index);
        const bool isTest = tells || contextTestIn(program, body, guard.value);
        outline.asksContext |= isTest;
        if (isParameter || isTest)
          insert(outline.testedBlocks, block);
      }
}

void LockOutlines::findParameters(FunctionId id, LockOutline &outline) const {
  const Body &body = *program.bodyOf(id);
  for (const LockEvent &lock : reach.locks[id])
    if (lock.lock.parameter != noId)
      insert(outline.lockedThrough, lock.lock.parameter);
  for (const BodyEvent &event : body.events)
    if (event.kind == EventKind::Call && event.call == CallKind::Direct && reach.reachesLock.test(event.index) &&
        program.functions[event.index].effect == noId)
      for (const Operand &argument : body.argumentsOf(event))
        if (argument.valueKind() == ValueKind::Parameter)
          insert(outline.lockedThrough, argument.index);
}

} // namespace bhlint
