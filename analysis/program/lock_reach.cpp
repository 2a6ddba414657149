#include "analysis/program/lock_reach.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {
constexpr std::size_t mostTargets = 4; ///< of an indirect call that is followed
} // namespace

LockReach::LockReach(const Program &program, const CallResolver &resolver, const LockTable &table,
                     const SharedFields &fields)
    : program(program), resolver(resolver) {
  indexContracts();
  find(table, fields);
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

void LockReach::find(const LockTable &table, const SharedFields &fields) {
  const std::size_t count = program.functions.size();
  reachesLock.resize(count);
  reachesWait.resize(count);
  isCalled.resize(count);
  locks.resize(count);
  std::vector<std::vector<FunctionId>> callers(count);
  std::vector<FunctionId> worklist;
  for (FunctionId id = 0; id < count; ++id) {
    const Body *body = program.bodyOf(id);
    if (!body || isLeaf(id))
      continue;
    locks[id] = table.eventsOf(*body);
    bool hasWait = false;
    for (std::uint32_t e = 0; e < body->events.size(); ++e) {
      hasWait |= waitAt(body->events[e]) != nullptr;
      for (const CallTarget &target : targetsOf(id, e))
        if (target.function != id) {
          callers[target.function].push_back(id);
          isCalled.set(target.function);
        }
    }
    if (hasWait)
      reachesWait.set(id);
    if (hasWait || llvm::any_of(locks[id], [](const LockEvent &lock) { return !lock.contract->isRelease; }))
      reachesLock.set(id);
    if (reachesLock.test(id))
      worklist.push_back(id);
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

bool LockReach::isLockedThrough(FunctionId id, std::uint32_t parameter) const {
  if (llvm::any_of(locks[id], [&](const LockEvent &lock) { return lock.lock.parameter == parameter; }))
    return true;
  const Body &body = *program.bodyOf(id);
  return llvm::any_of(body.events, [&](const BodyEvent &event) {
    return event.kind == EventKind::Call && event.call == CallKind::Direct && reachesLock.test(event.index) &&
           program.functions[event.index].effect == noId &&
           llvm::any_of(body.argumentsOf(event), [&](const Operand &argument) {
             return argument.valueKind() == ValueKind::Parameter && argument.index == parameter;
           });
  });
}

bool asksFor(const Body &body, std::uint32_t parameter) {
  return llvm::any_of(body.blocks, [&](const BodyBlock &block) {
    return llvm::any_of(block.edges, [&](const BodyEdge &edge) {
      return llvm::any_of(edge.guards, [&](const EdgeGuard &guard) {
        return guard.value.valueKind() == ValueKind::Parameter && guard.value.index == parameter;
      });
    });
  });
}

} // namespace bhlint
