#include "checkers/lifetimes.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <deque>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

Lifetimes::Lifetimes(const Program &program, const std::set<NameId> &modules) : program(program) {
  nameFunctions();
  findEnds(modules);
  findBegins(modules);
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (const Function &function = program.functions[id]; !function.isInHeader && modules.count(function.module))
      if (const Body *body = program.bodyOf(id))
        scan(id, *body);
  // Who frees the whole frees the part that is somebody's private data.
  for (const auto &[record, contracts] : isPrivate)
    for (const FreeContract *contract : contracts)
      if (auto whole = wholeFrees.find({record.first, contract}); whole != wholeFrees.end())
        freed[record].insert(freed[record].end(), whole->second.begin(), whole->second.end());
}

void Lifetimes::nameFunctions() {
  for (const FreeContract &contract : program.rules->frees) {
    freeing[program.find(contract.function)] = &contract;
    if (!contract.privateOf.empty())
      privates[program.find(contract.privateOf)].push_back(&contract);
  }
  for (const FreeContract &contract : program.rules->managed)
    managing.insert(program.find(contract.function));
  for (const FreeContract &contract : program.rules->puts)
    putting.insert(program.find(contract.function));
}

void Lifetimes::findEnds(const std::set<NameId> &modules) {
  for (const TeardownEnd &end : program.rules->teardownEnds)
    if (FieldKey key{program.find(end.record), program.find(end.field)}; key.record != noId && key.field != noId)
      for (const auto &[field, binding] : program.bindingsOf(key))
        if (modules.count(binding.module) && program.bodyOf(binding.function))
          lastFunctions[binding.module].push_back(binding.function);
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (const Function &function = program.functions[id];
        function.isExit && modules.count(function.module) && program.bodyOf(id) && !isBuiltIn(function))
      lastFunctions[function.module].push_back(id);
  for (auto &[module, functions] : lastFunctions) {
    llvm::sort(functions);
    functions.erase(std::unique(functions.begin(), functions.end()), functions.end());
  }
}

void Lifetimes::findBegins(const std::set<NameId> &modules) {
  for (const TeardownEnd &begin : program.rules->teardownBegins)
    if (FieldKey key{program.find(begin.record), program.find(begin.field)}; key.record != noId && key.field != noId)
      for (const auto &[field, binding] : program.bindingsOf(key))
        if (modules.count(binding.module))
          firstFunctions.insert(binding.function);
}

/// Such code is never left, and its exit functions are not even linked. Its module is the folder of its file.
bool Lifetimes::isBuiltIn(const Function &function) const {
  return llvm::sys::path::parent_path(program.text(function.file)) == program.text(function.module);
}

NameId Lifetimes::recordOf(const Body &body, const Operand &value) {
  if (value.valueKind() == ValueKind::Parameter)
    return value.index < body.parameterRecords.size() ? body.parameterRecords[value.index] : 0;
  if (value.valueKind() != ValueKind::Local)
    return 0;
  for (const Path &path : body.paths)
    if (path.root == RootKind::Local && path.index == value.index && path.rootRecord != 0)
      return path.rootRecord;
  return 0;
}

void Lifetimes::scan(FunctionId id, const Body &body) {
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    const BodyEvent &event = body.events[e];
    if (event.kind == EventKind::Call && event.call == CallKind::Direct)
      scanCall(id, body, e);
    if (event.kind != EventKind::Assign || event.value.valueKind() != ValueKind::CallResult)
      continue;
    const BodyEvent &source = body.events[event.value.index];
    if (source.kind != EventKind::Call || source.call != CallKind::Direct)
      continue;
    Operand local;
    local.kind = static_cast<std::uint32_t>(ValueKind::Local);
    local.index = event.index;
    const NameId name = program.functions[source.index].name;
    const NameId record = recordOf(body, local);
    if (record != 0 && managing.count(name))
      managedAt[{program.functions[id].module, record}].push_back({id, event.value.index});
    if (auto found = privates.find(name); record != 0 && found != privates.end())
      isPrivate[{program.functions[id].module, record}].insert(found->second.begin(), found->second.end());
  }
}

void Lifetimes::scanCall(FunctionId id, const Body &body, std::uint32_t e) {
  const BodyEvent &event = body.events[e];
  const NameId module = program.functions[id].module, name = program.functions[event.index].name;
  called.insert({module, name});
  if (program.functions[event.index].module == module) {
    llvm::SmallVector<FunctionId, 2> &known = callers[event.index];
    if (known.empty() || known.back() != id)
      known.push_back(id);
  }
  auto found = freeing.find(name);
  if (found == freeing.end() || found->second->argument >= event.argumentCount)
    return;
  if (NameId record = recordOf(body, body.argumentsOf(event)[found->second->argument]); record != 0)
    freed[{module, record}].push_back({id, e});
  if (!found->second->privateOf.empty())
    wholeFrees[{module, found->second}].push_back({id, e});
}

bool Lifetimes::isCalled(NameId module, const std::vector<std::string> &functions) const {
  return llvm::any_of(functions,
                      [&](const std::string &function) { return called.count({module, program.find(function)}) != 0; });
}

llvm::ArrayRef<FunctionId> Lifetimes::ends(NameId module) const {
  auto found = lastFunctions.find(module);
  return found == lastFunctions.end() ? llvm::ArrayRef<FunctionId>() : llvm::ArrayRef<FunctionId>(found->second);
}

const std::map<FunctionId, Lifetimes::Step> &Lifetimes::lastSteps(NameId module) const {
  auto [entry, isNew] = steps.try_emplace(module);
  if (!isNew)
    return entry->second;
  std::map<FunctionId, Step> &reached = entry->second;
  std::deque<FunctionId> worklist;
  for (FunctionId id : ends(module)) {
    reached[id] = {};
    worklist.push_back(id);
  }
  for (; !worklist.empty(); worklist.pop_front()) {
    const Body *body = program.bodyOf(worklist.front());
    for (std::uint32_t e = 0; body && e < body->events.size(); ++e)
      if (const BodyEvent &event = body->events[e]; event.kind == EventKind::Call && event.call == CallKind::Direct &&
                                                    program.functions[event.index].module == module)
        if (reached.insert({event.index, {worklist.front(), e}}).second)
          worklist.push_back(event.index);
  }
  return reached;
}

bool Lifetimes::isUnwinding(FunctionId first, NameId module) const {
  if (lastSteps(module).count(first))
    return false;
  std::set<FunctionId> seen{first};
  std::vector<FunctionId> worklist{first};
  while (!worklist.empty()) {
    const FunctionId id = worklist.back();
    worklist.pop_back();
    const Function &function = program.functions[id];
    if (firstFunctions.count(id) || function.isInit)
      continue;
    auto calling = callers.find(id);
    if (function.isAddressTaken || calling == callers.end())
      return false;
    for (FunctionId caller : calling->second)
      if (seen.insert(caller).second)
        worklist.push_back(caller);
  }
  return true;
}

bool Lifetimes::givesUpReference(FunctionId handler, Record record) const {
  constexpr unsigned deepest = 4;
  auto freesIt = [&](FunctionId id) {
    return llvm::any_of(frees(record), [&](const UsePlace &place) { return place.function == id; });
  };
  std::map<FunctionId, unsigned> depth{{handler, 0}};
  std::deque<FunctionId> worklist{handler};
  for (; !worklist.empty(); worklist.pop_front()) {
    const FunctionId id = worklist.front();
    const Function &function = program.functions[id];
    if (function.isLastReference || putting.count(function.name) || freesIt(id))
      return true;
    // What the core does with its own references is not the handler's business.
    const Body *body = function.module == record.first || function.isInHeader ? program.bodyOf(id) : nullptr;
    if (!body || depth[id] == deepest)
      continue;
    for (const BodyEvent &event : body->events)
      if (event.kind == EventKind::Call && (event.call == CallKind::Direct || event.call == CallKind::Cleanup) &&
          depth.insert({event.index, depth[id] + 1}).second)
        worklist.push_back(event.index);
  }
  return false;
}

} // namespace bhlint
