#include "checkers/handlers.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

Handlers::Handlers(const Program &program) : program(program) {
  for (const WaitContract &wait : program.rules->waits)
    for (const std::string &registrar : wait.registrars)
      if (NameId name = program.find(registrar); name != noId)
        registrars.try_emplace(name, &wait);
  indexRegistrations();
}

std::optional<ObjectName> objectNameOf(const Path &path, llvm::function_ref<bool(NameId record)> isInside) {
  llvm::ArrayRef<FieldKey> fields = path.fields;
  while (!fields.empty() && isInside(fields.back().record))
    fields = fields.drop_back();
  ObjectName name;
  if (!fields.empty())
    name.field = fields.back();
  else if (path.root == facts::RootKind::Global)
    name.global = path.index;
  else
    return std::nullopt;
  return name;
}

std::optional<ObjectName> Handlers::nameOf(const Program &program, const std::vector<std::string> &inside,
                                           const Body &body, const Operand &operand) {
  if (operand.valueKind() != ValueKind::Address && operand.valueKind() != ValueKind::Load)
    return std::nullopt;
  return objectNameOf(body.paths[operand.index],
                      [&](NameId record) { return llvm::is_contained(inside, program.text(record)); });
}

void Handlers::indexRegistrations() {
  for (const Function &function : program.functions)
    if (function.body != noId && !function.isInHeader)
      for (const BodyEvent &event : program.bodies[function.body].events)
        if (event.kind == EventKind::Call && event.call == facts::CallKind::Direct)
          indexCall(program.bodies[function.body], event, function.module);
}

void Handlers::indexCall(const Body &body, const BodyEvent &event, NameId module) {
  const Function &callee = program.functions[event.index];
  auto registrar = registrars.find(callee.name);
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
  if (registrar == registrars.end() || registrar->second->registeredArgument >= arguments.size())
    return;
  std::optional<ObjectName> object =
      nameOf(program, registrar->second->inside, body, arguments[registrar->second->registeredArgument]);
  if (!object)
    return;
  for (std::uint32_t i = 0; i < callee.callbackCount; ++i) {
    const unsigned argument = program.rules->callbacks[callee.firstCallback + i].argument;
    if (argument < arguments.size() && arguments[argument].valueKind() == ValueKind::Function)
      registered[{callee.name, *object, module}].push_back(arguments[argument].index);
  }
}

std::vector<FunctionId> Handlers::of(const WaitContract &contract, const Body &body, const Operand &operand,
                                     NameId module) const {
  std::vector<FunctionId> result;
  std::optional<ObjectName> object = nameOf(program, contract.inside, body, operand);
  if (!object)
    return result;
  const FieldKey slot{program.find(contract.record), program.find(contract.field)};
  if (slot.record != noId && slot.field != noId)
    for (const auto &[field, binding] : program.bindingsOf(slot)) {
      const bool isIt =
          object->global != noId ? binding.object == object->global : llvm::is_contained(binding.owners, object->field);
      if (binding.module == module && isIt)
        result.push_back(binding.function);
    }
  for (const std::string &registrar : contract.registrars)
    if (auto found = registered.find({program.find(registrar), *object, module}); found != registered.end())
      result.insert(result.end(), found->second.begin(), found->second.end());
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

} // namespace bhlint
