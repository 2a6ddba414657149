#include "analysis/program/lock_events.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

namespace {

LockName nameOfPath(const Path &path, bool isPointer) {
  LockName name;
  name.isPointer = isPointer;
  name.field = path.fields.back();
  if (path.fields.size() > 1)
    name.owner = path.fields[path.fields.size() - 2];
  return name;
}

/// Guards keep their lock in an object of their own: `guard.lock = p0; spin_lock(guard.lock)`.
LockReference storedReference(const Body &body, const Path &path) {
  LockReference result;
  for (const BodyEvent &event : body.events)
    if (event.kind == EventKind::Store && body.paths[event.index].fields == path.fields &&
        body.paths[event.index].root == RootKind::Local) {
      LockReference stored;
      if (event.value.valueKind() == ValueKind::Parameter)
        stored.parameter = event.value.index;
      if (stored.isKnown())
        result = stored;
    }
  return result;
}

LockReference referenceOf(const Body &body, const Operand &operand, unsigned depth) {
  LockReference result;
  switch (operand.valueKind()) {
  case ValueKind::Parameter:
    result.parameter = operand.index;
    break;
  case ValueKind::Address:
  case ValueKind::Load: {
    const Path &path = body.paths[operand.index];
    const bool isPointer = operand.valueKind() == ValueKind::Load;
    if (isPointer && path.root == RootKind::Local && !path.fields.empty())
      if (LockReference stored = storedReference(body, path); stored.isKnown())
        return stored;
    if (!path.fields.empty()) {
      result.name = nameOfPath(path, isPointer);
    } else if (path.root == RootKind::Global) {
      result.name = LockName();
      result.name->global = path.index;
      result.name->isPointer = isPointer;
    }
    break;
  }
  case ValueKind::Local: {
    const BodyEvent *only = nullptr;
    unsigned count = 0;
    for (const BodyEvent &event : body.events)
      if (event.kind == EventKind::Assign && event.index == operand.index) {
        only = &event;
        ++count;
      }
    if (count == 1 && depth < 4)
      return referenceOf(body, only->value, depth + 1);
    break;
  }
  case ValueKind::CallResult: {
    // A checked conversion, spinlock_check(lock).
    const BodyEvent &call = body.events[operand.index];
    if (call.kind == EventKind::Call && call.argumentCount == 1 && depth < 4)
      return referenceOf(body, body.argumentsOf(call)[0], depth + 1);
    break;
  }
  default:
    break;
  }
  return result;
}

bool isWithin(const Body &body, std::uint32_t event, std::uint32_t macro) {
  for (std::uint32_t level = body.events[event].expansion; level != noId; level = body.events[level].expansion)
    if (level == macro)
      return true;
  return false;
}

/// Facts do not say which argument a macro was given; the first that can be a lock in its expansion is taken for it.
LockReference lockOfMacro(const Body &body, std::uint32_t macro) {
  for (std::uint32_t e = macro + 1; e < body.events.size() && body.events[e].expansion != noId; ++e)
    if (isWithin(body, e, macro))
      for (const Operand &argument : body.argumentsOf(body.events[e]))
        if (LockReference lock = lockReference(body, argument); lock.isKnown())
          return lock;
  return {};
}

} // namespace

LockReference lockReference(const Body &body, const Operand &operand) { return referenceOf(body, operand, 0); }

LockTable::LockTable(const Program &program) : program(program) {
  const RuleSet &rules = *program.rules;
  auto add = [&](const std::vector<EffectContract> &rows, bool isSleeping, bool isMask) {
    for (const EffectContract &row : rows)
      if (NameId name = program.find(row.function); name != noId) {
        if (!row.lockName.empty())
          named.try_emplace(row.lockName, name);
        contracts.try_emplace(name, Contract{&row, isSleeping, isMask});
      }
  };
  add(rules.effects, false, false);
  add(rules.sleepingLocks, true, false);
  add(rules.masks, false, true);
  indexInits();
}

std::vector<LockEvent> LockTable::eventsOf(const Body &body) const {
  std::vector<LockEvent> result;
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    const BodyEvent &event = body.events[e];
    const bool isMacro = event.kind == EventKind::Macro;
    if (event.isCovered || (!isMacro && (event.kind != EventKind::Call || event.call == facts::CallKind::Field ||
                                         event.call == facts::CallKind::Value)))
      continue;
    auto found = contracts.find(isMacro ? event.macro : program.functions[event.index].name);
    const bool isSaid = std::any_of(result.begin(), result.end(),
                                    [&](const LockEvent &outer) { return isWithin(body, e, outer.event); });
    if (found == contracts.end() || isSaid)
      continue;
    const Contract &contract = found->second;
    LockEvent lock{e, contract.row, {}, contract.isSleeping, contract.isMask};
    if (!contract.row->lockName.empty()) {
      lock.lock.name = LockName();
      lock.lock.name->named = named.find(contract.row->lockName)->second;
    } else if (isMacro && contract.row->lockArgument) {
      lock.lock = lockOfMacro(body, e);
    } else if (contract.row->lockArgument && *contract.row->lockArgument < event.argumentCount) {
      lock.lock = lockReference(body, body.argumentsOf(event)[*contract.row->lockArgument]);
    }
    result.push_back(lock);
  }
  return result;
}

void LockTable::indexInits() {
  std::vector<NameId> names;
  for (const std::string &function : program.rules->lockInits)
    if (NameId name = program.find(function); name != noId)
      names.push_back(name);
  std::sort(names.begin(), names.end());
  for (const Function &function : program.functions) {
    if (function.body == noId)
      continue;
    const Body &body = program.bodies[function.body];
    for (const BodyEvent &event : body.events) {
      if (event.kind != EventKind::Call || event.call != facts::CallKind::Direct || event.argumentCount == 0 ||
          !std::binary_search(names.begin(), names.end(), program.functions[event.index].name))
        continue;
      LockReference lock = lockReference(body, body.argumentsOf(event)[0]);
      if (!lock.name)
        continue;
      Inits &known = inits[lock.name->field];
      records.insert(lock.name->field.record);
      known.isInHeader |= function.isInHeader;
      if (auto at = std::lower_bound(known.owners.begin(), known.owners.end(), lock.name->owner);
          at == known.owners.end() || *at != lock.name->owner)
        known.owners.insert(at, lock.name->owner);
    }
  }
}

std::optional<Confidence> LockTable::areSame(const LockName &a, const LockName &b) const {
  if (a.field != b.field || a.global != b.global || a.named != b.named || a.isPointer != b.isPointer)
    return std::nullopt;
  if (a.owner == b.owner && (a.owner != FieldKey() || a.field == FieldKey()))
    return Confidence::High;
  auto found = inits.find(a.field);
  const bool isOfMany = found != inits.end() && (found->second.isInHeader || found->second.owners.size() > 1);
  if (!isOfMany)
    return Confidence::High;
  return a.owner != FieldKey() && b.owner != FieldKey() ? std::nullopt : std::optional(Confidence::Medium);
}

} // namespace bhlint
