#include "checkers/deferral_uses.h"

#include "analysis/program/values.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

DeferralUses::DeferralUses(const Program &program) : program(program) {
  nameFunctions();
  addStored();
  addRegistered();
  llvm::stable_sort(objects, [&](const DeferralUse &a, const DeferralUse &b) {
    auto key = [&](const DeferralUse &use) {
      return std::make_tuple(program.text(use.setup.file), use.setup.line, use.setup.column, use.name);
    };
    return key(a) < key(b);
  });
  for (std::uint32_t i = 0; i < objects.size(); ++i)
    byName[objects[i].name].push_back(i);
  // The address of a global in a table: who takes it from there is not in sight.
  for (const ObjectBinding &binding : program.objectBindings)
    if (binding.object == binding.target)
      continue; // its own list head
    else if (auto found = byName.find({{}, binding.target}); found != byName.end())
      for (std::uint32_t object : found->second)
        handOn(objects[object]);
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (const Body *body = program.bodyOf(id))
      scan(id, *body);
}

void DeferralUses::nameFunctions() {
  const RuleSet &rules = *program.rules;
  for (const FreeContract &queue : rules.sharedQueues)
    sharedQueues.insert(program.find(queue.function));
  for (const WaitContract &wait : rules.waits)
    waits.insert(program.find(wait.function));
  for (const DeferralField &row : rules.deferralFields)
    if (!row.within.empty())
      wrappers.insert(program.find(row.within));
  for (const TeardownMechanism &mechanism : rules.teardowns) {
    auto name = [&](const std::string &function, Call call) {
      if (NameId id = program.find(function); id != noId)
        calls[{id, mechanism.mechanism}] = call;
    };
    for (const DeferralStart &start : rules.deferralStarts)
      name(start.function, {Meaning::Start, noId});
    for (const QueueContract &queue : rules.queues)
      name(queue.function, {Meaning::Start, queue.queueArgument});
    for (const std::string &function : mechanism.stops)
      name(function, {Meaning::Stop, noId});
    for (const std::string &function : mechanism.harmless)
      name(function, {Meaning::Nothing, noId});
    for (const DeferralSetup &setup : rules.deferralSetups) {
      name(setup.function, {Meaning::Setup, noId});
      if (setup.mechanism == mechanism.mechanism &&
          (mechanism.setups.empty() || llvm::is_contained(mechanism.setups, setup.function)))
        setups[program.find(setup.function)] = {&setup, &mechanism};
    }
  }
}

/// The object itself, and nothing inside it.
std::optional<ObjectName> DeferralUses::exactName(const Path &path) const {
  return objectNameOf(path, [&](NameId record) { return wrappers.count(record) != 0; });
}

void DeferralUses::add(DeferralUse use) {
  if (isKnown.insert({use.module, use.name}).second)
    objects.push_back(std::move(use));
}

/// Objects whose function is stored or initialised.
void DeferralUses::addStored() {
  for (const TeardownMechanism &mechanism : program.rules->teardowns)
    for (const DeferralField &row : program.rules->deferralFields) {
      const FieldKey field{program.find(row.record), program.find(row.field)};
      if (row.mechanism != mechanism.mechanism || mechanism.isPointer || field.record == noId || field.field == noId)
        continue;
      const NameId within = row.within.empty() ? noId : program.find(row.within);
      for (const auto &[key, binding] : program.bindingsOf(field)) {
        llvm::ArrayRef<FieldKey> owners = binding.owners;
        const bool isWrapped = !owners.empty() && wrappers.count(owners.back().record);
        if (!program.bodyOf(binding.function) || isWrapped != !row.within.empty() ||
            (isWrapped && owners.back().record != within))
          continue;
        if (isWrapped)
          owners = owners.drop_back();
        ObjectName name;
        if (!owners.empty())
          name.field = owners.back();
        else
          name.global = binding.object;
        if (owners.empty() && binding.object == noId)
          continue;
        add({&mechanism,
             name,
             binding.module,
             binding.function,
             binding.setter,
             binding.place,
             {},
             {},
             {},
             false,
             false,
             false});
      }
    }
}

/// Objects that a call gives their function.
void DeferralUses::addRegistered() {
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Body *body = program.bodyOf(id);
    if (!body || program.functions[id].isInHeader)
      continue;
    for (const BodyEvent &event : body->events) {
      if (event.kind != EventKind::Call || event.call != CallKind::Direct)
        continue;
      auto found = setups.find(program.functions[event.index].name);
      if (found == setups.end())
        continue;
      const auto [setup, mechanism] = found->second;
      llvm::ArrayRef<Operand> arguments = body->argumentsOf(event);
      const ValueKind kind = mechanism->isPointer ? ValueKind::Load : ValueKind::Address;
      if (std::max(setup->objectArgument, setup->handlerArgument) >= arguments.size() ||
          arguments[setup->objectArgument].valueKind() != kind)
        continue;
      std::optional<ObjectName> name = exactName(body->paths[arguments[setup->objectArgument].index]);
      if (!name || (!name->field.record && name->global == noId))
        continue;
      for (FunctionId handler : functionsIn(*body, arguments[setup->handlerArgument]))
        if (program.bodyOf(handler))
          add({mechanism,
               *name,
               program.functions[id].module,
               handler,
               id,
               event.place,
               {},
               {},
               {},
               false,
               false,
               false});
    }
  }
}

/// A pointer's value is the object that it points to; the address of one may be anything's.
bool DeferralUses::names(const Operand &value, const DeferralUse &use) const {
  return value.valueKind() == ValueKind::Address || use.mechanism->isPointer;
}

std::vector<std::uint32_t> DeferralUses::objectsAt(const Body &body, const Operand &value) const {
  std::vector<std::uint32_t> result;
  for (const Operand &one : valuesOf(body, value))
    if (one.valueKind() == ValueKind::Address || one.valueKind() == ValueKind::Load)
      if (std::optional<ObjectName> name = exactName(body.paths[one.index]))
        if (auto found = byName.find(*name); found != byName.end())
          llvm::copy_if(found->second, std::back_inserter(result),
                        [&](std::uint32_t object) { return names(one, objects[object]); });
  return result;
}

bool DeferralUses::isShared(const Body &body, const BodyEvent &event, std::uint32_t argument) const {
  if (argument >= event.argumentCount)
    return true;
  const Operand &queue = body.argumentsOf(event)[argument];
  if (queue.valueKind() != ValueKind::Load || !body.paths[queue.index].fields.empty() ||
      body.paths[queue.index].root != facts::RootKind::Global)
    return false;
  return sharedQueues.count(program.globals[body.paths[queue.index].index].name) != 0;
}

void DeferralUses::use(FunctionId id, const Body &body, std::uint32_t number, std::uint32_t object) {
  DeferralUse &known = objects[object];
  const BodyEvent &event = body.events[number];
  Call call;
  if (event.kind == EventKind::Call && event.call == CallKind::Direct)
    if (auto found = calls.find({program.functions[event.index].name, known.mechanism->mechanism});
        found != calls.end())
      call = found->second;
  switch (call.meaning) {
  case Meaning::Setup:
  case Meaning::Nothing:
    return;
  case Meaning::Start:
    known.isOnOwnQueue |= call.queueArgument != noId && !isShared(body, event, call.queueArgument);
    if (program.functions[id].module == known.module)
      known.starts.push_back({id, number});
    return;
  case Meaning::Stop:
    known.stops.push_back({id, number});
    return;
  case Meaning::End:
    known.isEnded = true;
    if (event.kind == EventKind::Call && event.call == CallKind::Direct &&
        waits.count(program.functions[event.index].name))
      known.ends.push_back({id, number});
    else
      known.isHandedOn = true;
    return;
  }
}

void DeferralUses::scan(FunctionId id, const Body &body) {
  const bool isAtHand = llvm::any_of(body.paths, [&](const Path &path) {
    std::optional<ObjectName> name = exactName(path);
    return name && byName.count(*name);
  });
  if (!isAtHand)
    return;
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    const BodyEvent &event = body.events[e];
    if (event.kind == EventKind::Call)
      for (const Operand &argument : body.argumentsOf(event))
        for (std::uint32_t object : objectsAt(body, argument))
          use(id, body, e, object);
    if (event.kind == EventKind::Store || event.kind == EventKind::Return)
      for (std::uint32_t object : objectsAt(body, event.value))
        handOn(objects[object]);
  }
}

} // namespace bhlint
