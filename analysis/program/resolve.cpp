#include "analysis/program/resolve.h"

namespace bhlint {

using facts::CallKind;
using facts::ValueKind;

CallResolver::CallResolver(const Program &program) : program(program) {}

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
      for (const auto &[object, binding] : program.arrayBindings)
        if (object == path.index)
          add(binding);
    return result;
  }
  llvm::ArrayRef<std::pair<FieldKey, FieldBinding>> bindings = program.bindingsOf(path.fields.back());
  // The object itself is named: only what its initialiser (or code) puts there.
  if (path.root == facts::RootKind::Global && path.fields.size() == 1) {
    for (const auto &[key, binding] : bindings)
      if (binding.object == path.index)
        add(binding);
    if (!result.empty()) {
      for (CallTarget &target : result)
        target.confidence = Confidence::High;
      return result;
    }
  }
  for (const auto &[key, binding] : bindings)
    if (binding.module == caller.module)
      add(binding);
  if (result.empty())
    for (const auto &[key, binding] : bindings)
      add(binding);
  if (result.size() > mostTargets)
    result.clear();
  return result;
}

llvm::SmallVector<CallTarget, 2> CallResolver::throughValue(const Body &body, const Operand &value) const {
  llvm::SmallVector<CallTarget, 2> result;
  if (value.valueKind() == ValueKind::Function)
    return {{value.index, Confidence::High, noId}};
  if (value.valueKind() != ValueKind::Local)
    return result;
  auto add = [&](std::uint32_t local, const Operand &assigned) {
    if (local == value.index && assigned.valueKind() == ValueKind::Function)
      result.push_back({assigned.index, Confidence::High, noId});
  };
  for (const BodyEvent &event : body.events)
    if (event.kind == facts::EventKind::Assign)
      add(event.index, event.value);
  for (const BodyBlock &block : body.blocks)
    for (const BodyEdge &edge : block.edges)
      for (const EdgeAssignment &assign : edge.assigns)
        add(assign.local, assign.value);
  std::sort(result.begin(), result.end(),
            [](const CallTarget &a, const CallTarget &b) { return a.function < b.function; });
  return result;
}

} // namespace bhlint
