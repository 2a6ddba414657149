#include "analysis/program/values.h"

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

std::optional<ObjectKey> objectKeyOf(const Body &body, const Operand &value) {
  if (value.valueKind() != ValueKind::Address && value.valueKind() != ValueKind::Load)
    return std::nullopt;
  const Path &path = body.paths[value.index];
  if (!path.fields.empty())
    return ObjectKey{path.fields.back().record, path.fields.back().field, noId};
  if (path.root == facts::RootKind::Global)
    return ObjectKey{0, 0, path.index};
  return std::nullopt;
}

std::vector<Operand> valuesOf(const Body &body, const Operand &value) {
  if (value.valueKind() != ValueKind::Local)
    return {value};
  std::vector<Operand> result;
  for (const BodyEvent &event : body.events)
    if (event.kind == EventKind::Assign && event.index == value.index)
      result.push_back(event.value);
  for (const BodyBlock &block : body.blocks)
    for (const BodyEdge &edge : block.edges)
      for (const EdgeAssignment &assign : edge.assigns)
        if (assign.local == value.index)
          result.push_back(assign.value);
  return result;
}

std::vector<FunctionId> functionsIn(const Body &body, const Operand &value) {
  std::vector<FunctionId> result;
  for (const Operand &one : valuesOf(body, value))
    if (one.valueKind() == ValueKind::Function)
      result.push_back(one.index);
  return result;
}

std::string textOf(const Program &program, const Body &body, const Operand &value) {
  switch (value.valueKind()) {
  case ValueKind::Address:
    return "&" + program.text(body.paths[value.index].text).str();
  case ValueKind::Load:
    return program.text(body.paths[value.index].text).str();
  case ValueKind::Parameter:
    return value.index < body.parameters.size() ? program.text(body.parameters[value.index]).str() : std::string();
  default:
    return {};
  }
}

bool holdsOf(const EdgeGuard &guard, std::uint64_t value) {
  const std::uint64_t is = guard.value.isNegated ? value == 0 : value;
  switch (guard.relation) {
  case facts::Relation::AnyBit:
    return (is & guard.operand) != 0;
  case facts::Relation::NoBit:
    return (is & guard.operand) == 0;
  case facts::Relation::Equal:
    return is == guard.operand;
  case facts::Relation::NotEqual:
    return is != guard.operand;
  }
  return true;
}

} // namespace bhlint
