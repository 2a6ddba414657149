#include "analysis/program/resolve.h"
#include "analysis/program/values.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::ValueKind;

CallResolver::CallResolver(const Program &program) : program(program) {
  for (const ObjectBinding &binding : program.objectBindings)
    if (binding.object != noId)
      pointees[{binding.object, binding.field}].push_back(binding.target);
}

llvm::SmallVector<CallTarget, 2> CallResolver::targetsOf(FunctionId caller, std::uint32_t index,
                                                         const Evaluator &evaluator, const State &state) const {
  const BodyEvent &event = program.bodyOf(caller)->events[index];
  if (event.kind == facts::EventKind::Call && (event.call == CallKind::Value || event.call == CallKind::Field)) {
    Expression pointer = event.call == CallKind::Value ? evaluator.expressionOf(event.value) : Expression();
    if (event.call == CallKind::Field)
      pointer.term = {ValueKind::Load, evaluator.pathTerm(event.index)};
    pointer = evaluator.resolve(pointer, state);
    if (pointer.term.kind == ValueKind::Function)
      return {{pointer.term.index, Confidence::High, noId}};
  }
  return targetsOf(caller, index);
}

llvm::SmallVector<CallTarget, 2> CallResolver::targetsOf(FunctionId caller, std::uint32_t index) const {
  const Body &body = *program.bodyOf(caller);
  const BodyEvent &event = body.events[index];
  if (event.kind != facts::EventKind::Call)
    return {};
  switch (event.call) {
  case CallKind::Direct:
  case CallKind::Cleanup:
    return {{event.index, Confidence::High, noId}};
  case CallKind::Field:
    return throughField(program.functions[caller], body.paths[event.index]);
  case CallKind::Value:
    return throughValue(body, event.value);
  }
  return {};
}

llvm::SmallVector<CallTarget, 2> CallResolver::throughField(const Function &caller, const Path &path) const {
  llvm::SmallVector<CallTarget, 2> result;
  auto add = [&](const FieldBinding &binding) {
    for (const CallTarget &target : result)
      if (target.function == binding.function && target.object == binding.object)
        return;
    result.push_back({binding.function, Confidence::Medium, binding.object});
  };
  if (path.fields.empty()) {
    if (path.root == facts::RootKind::Global)
      for (auto entry = std::lower_bound(program.arrayBindings.begin(), program.arrayBindings.end(), path.index,
                                         [](const auto &known, std::uint32_t object) { return known.first < object; });
           entry != program.arrayBindings.end() && entry->first == path.index; ++entry) {
        add(entry->second);
        result.back().object = path.index;
        result.back().confidence = Confidence::High;
      }
    return result;
  }
  llvm::ArrayRef<std::pair<FieldKey, FieldBinding>> bindings = program.bindingsOf(path.fields.back());
  // The object itself is named, or the table that it points to: only what is put there.
  if (path.root == facts::RootKind::Global) {
    std::vector<std::uint32_t> objects;
    if (path.fields.size() == 1)
      objects.push_back(path.index);
    else if (auto known = pointees.find({path.index, path.fields[path.fields.size() - 2]}); known != pointees.end())
      objects = known->second;
    for (const auto &[key, binding] : bindings)
      if (std::find(objects.begin(), objects.end(), binding.object) != objects.end())
        add(binding);
    if (!result.empty()) {
      for (CallTarget &target : result)
        target.confidence = Confidence::High;
      return result;
    }
  }
  std::pair<NameId, FieldKey> key{caller.module, path.fields.back()};
  {
    std::shared_lock lock(*mutex);
    if (auto known = byType.find(key); known != byType.end())
      return known->second;
  }
  llvm::SmallVector<CallTarget, 2> targets = throughType(key.first, key.second);
  std::unique_lock lock(*mutex);
  return byType.try_emplace(key, std::move(targets)).first->second;
}

/// Whatever the object: functions that the module stores in the field, else those that anyone does.
llvm::SmallVector<CallTarget, 2> CallResolver::throughType(NameId module, FieldKey field) const {
  llvm::ArrayRef<std::pair<FieldKey, FieldBinding>> bindings = program.bindingsOf(field);
  auto isOwn = [&](const auto &entry) { return entry.second.module == module; };
  bool hasOwn = std::any_of(bindings.begin(), bindings.end(), isOwn);
  // Every function that is ever stored in the field is in sight.
  bool isOwnType = std::all_of(bindings.begin(), bindings.end(), isOwn);
  llvm::SmallVector<CallTarget, 2> result;
  llvm::DenseSet<std::pair<FunctionId, std::uint32_t>> seen;
  for (const auto &[key, binding] : bindings) {
    if (hasOwn && binding.module != module)
      continue;
    if (seen.insert({binding.function, binding.object}).second)
      result.push_back({binding.function, isOwnType ? Confidence::High : Confidence::Medium, binding.object});
    if (result.size() > mostTargets)
      return {};
  }
  if (result.size() == 1) // the only one that there is
    result.front().confidence = Confidence::High;
  return result;
}

llvm::SmallVector<CallTarget, 2> CallResolver::throughValue(const Body &body, const Operand &value) const {
  llvm::SmallVector<CallTarget, 2> result;
  if (value.valueKind() == ValueKind::Function)
    return {{value.index, Confidence::High, noId}};
  if (value.valueKind() != ValueKind::Local)
    return result;
  // Flow-insensitive, through locals that are set from other locals (the sides of ?: among them).
  std::vector<Operand> locals{value};
  auto isKnown = [&](const Operand &local) {
    return std::any_of(locals.begin(), locals.end(), [&](const Operand &known) { return known.index == local.index; });
  };
  for (std::size_t i = 0; i < locals.size(); ++i)
    for (const Operand &assigned : valuesOf(body, locals[i])) {
      if (assigned.valueKind() == ValueKind::Function)
        result.push_back({assigned.index, Confidence::High, noId});
      else if (assigned.valueKind() == ValueKind::Local && !isKnown(assigned))
        locals.push_back(assigned);
    }
  std::sort(result.begin(), result.end(),
            [](const CallTarget &a, const CallTarget &b) { return a.function < b.function; });
  return result;
}

} // namespace bhlint
