#include "analysis/program/lock_reach.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::CallKind;
using facts::EventKind;

namespace {
constexpr std::size_t mostTargets = 4; ///< of an indirect call that is followed
} // namespace

LockReach::LockReach(const Program &program, const CallResolver &resolver, const LockTable &table,
                     const SharedFields &fields, Workers &workers)
    : program(program), resolver(resolver) {
  indexContracts();
  find(table, fields, workers);
}

void LockReach::indexContracts() {
  for (const WaitContract &wait : program.rules->waits)
    if (NameId name = program.find(wait.function); name != noId)
      waits[name] = &wait;
  for (const OpsContract &contract : program.rules->ops)
    addContracted(contract.record, contract.field);
  for (const DeferredObject &deferred : program.rules->deferred)
    addContracted(deferred.record, deferred.field);
}

void LockReach::addContracted(const std::string &record, const std::string &field) {
  FieldKey key{program.find(record), program.find(field)};
  if (key.record != noId && key.field != noId)
    contractedFields.insert(key);
}

const WaitContract *LockReach::waitAt(const BodyEvent &event) const {
  if (event.kind != EventKind::Call || event.call != CallKind::Direct || event.isCovered)
    return nullptr;
  auto found = waits.find(program.functions[event.index].name);
  return found == waits.end() ? nullptr : found->second;
}

LockReach::Calls LockReach::callsIn(FunctionId id) const {
  Calls result;
  const Body &body = *program.bodyOf(id);
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    llvm::SmallVector<CallTarget, 2> targets = targetsOf(id, e);
    Calls::Call call{e, static_cast<std::uint32_t>(result.targets.size()), 0, targets.size() > 1};
    for (const CallTarget &target : targets)
      if (program.bodyOf(target.function) && !isLeaf(target.function)) {
        result.targets.push_back(target);
        ++call.targetCount;
      }
    if (call.targetCount != 0)
      result.calls.push_back(call);
  }
  return result;
}

void LockReach::find(const LockTable &table, const SharedFields &fields, Workers &workers) {
  const std::size_t count = program.functions.size();
  reachesLock.resize(static_cast<unsigned>(count));
  reachesWait.resize(static_cast<unsigned>(count));
  isCalled.resize(static_cast<unsigned>(count));
  locks.resize(count);
  calls.resize(count);
  std::vector<char> hasWait(count, 0); // not bits: threads write side by side
  workers.forEach(count, [&](std::size_t i) {
    const FunctionId id = static_cast<FunctionId>(i);
    const Body *body = program.bodyOf(id);
    if (!body || isLeaf(id))
      return;
    locks[id] = table.eventsOf(*body);
    calls[id] = callsIn(id);
    hasWait[id] = llvm::any_of(body->events, [&](const BodyEvent &event) { return waitAt(event) != nullptr; });
  });
  std::vector<std::vector<FunctionId>> callers(count);
  std::vector<FunctionId> worklist;
  for (FunctionId id = 0; id < count; ++id) {
    for (const CallTarget &target : calls[id].targets)
      if (target.function != id) {
        callers[target.function].push_back(id);
        isCalled.set(target.function);
      }
    if (hasWait[id])
      reachesWait.set(id);
    if (hasWait[id] || llvm::any_of(locks[id], [](const LockEvent &lock) { return !lock.contract->isRelease; })) {
      reachesLock.set(id);
      worklist.push_back(id);
    }
  }
  spread(std::move(worklist), callers);
  spreadFields(fields, callers);
}

void LockReach::spreadFields(const SharedFields &fields, const Callers &callers) {
  isWalked = reachesLock;
  std::vector<FunctionId> worklist;
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (fields.has(id) && !isLeaf(id)) {
      isWalked.set(id);
      worklist.push_back(id);
    }
  while (!worklist.empty()) {
    const FunctionId id = worklist.back();
    worklist.pop_back();
    for (FunctionId caller : callers[id])
      if (!isWalked.test(caller) && isInside(program.functions[caller].module, caller, id)) {
        isWalked.set(caller);
        worklist.push_back(caller);
      }
  }
}

void LockReach::spread(std::vector<FunctionId> worklist, const std::vector<std::vector<FunctionId>> &callers) {
  while (!worklist.empty()) {
    const FunctionId id = worklist.back();
    worklist.pop_back();
    for (FunctionId caller : callers[id]) {
      const bool isNews = !reachesLock.test(caller) || (reachesWait.test(id) && !reachesWait.test(caller));
      if (!isNews || !isInside(program.functions[caller].module, caller, id))
        continue;
      reachesLock.set(caller);
      if (reachesWait.test(id))
        reachesWait.set(caller);
      worklist.push_back(caller);
    }
  }
}

bool LockReach::isLeaf(FunctionId id) const {
  const Function &function = program.functions[id];
  return function.effect != noId || function.test != noId || waits.count(function.name);
}

llvm::SmallVector<CallTarget, 2> LockReach::targetsOf(FunctionId id, std::uint32_t e) const {
  const Body &body = *program.bodyOf(id);
  const BodyEvent &event = body.events[e];
  if (event.kind != EventKind::Call || event.isCovered || isContracted(contractedFields, body, event))
    return {};
  llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(id, e);
  if (targets.size() > mostTargets)
    return {};
  return targets;
}

bool LockReach::isInside(NameId module, FunctionId caller, FunctionId callee) const {
  const Function &function = program.functions[callee];
  return function.isInHeader || program.functions[caller].isInHeader || function.module == module;
}

} // namespace bhlint
