#include "checkers/path_values.h"

namespace bhlint {

using facts::Relation;
using facts::ValueKind;

std::optional<bool> PathValues::isNonZero(const Program &program, const Operand &value) const {
  std::optional<bool> result;
  if (value.valueKind() == ValueKind::Constant)
    result = program.maskBits(value).bits != 0;
  else if (auto known = tests.find(keyOf(value)); known != tests.end())
    result = known->second;
  return result && value.isNegated ? !*result : result;
}

void PathValues::know(const Operand &value, bool isNonZero) {
  switch (value.valueKind()) {
  case ValueKind::Parameter:
  case ValueKind::Local:
  case ValueKind::CallResult:
  case ValueKind::Load:
    tests[keyOf(value)] = value.isNegated ? !isNonZero : isNonZero;
    break;
  default:
    break;
  }
}

bool PathValues::assume(const Program &program, const EdgeGuard &guard) {
  const bool isPositive = guard.relation == Relation::AnyBit || guard.relation == Relation::Equal;
  const bool isBits = guard.relation == Relation::AnyBit || guard.relation == Relation::NoBit;
  const bool isZeroTest = isBits ? guard.operand == ~0ull : guard.operand == 0;
  if (isZeroTest) {
    const bool saysNonZero = isBits ? isPositive : !isPositive;
    if (std::optional<bool> known = isNonZero(program, guard.value); known && *known != saysNonZero)
      return false;
    know(guard.value, saysNonZero);
    return true;
  }
  if (guard.value.isNegated || guard.value.valueKind() == ValueKind::Constant ||
      guard.value.valueKind() == ValueKind::Opaque)
    return true;
  // A bit that is set, or another number than 0, is not 0.
  if (isPositive) {
    if (isNonZero(program, guard.value) == std::optional(false))
      return false;
    know(guard.value, true);
  }
  auto [known, isNew] =
      tests.try_emplace(keyOf(guard.value, isBits ? Test::AnyBit : Test::Equal, guard.operand), isPositive);
  return isNew || known->second == isPositive;
}

bool PathValues::follow(const Program &program, const BodyEdge &edge) {
  for (const EdgeGuard &guard : edge.guards)
    if (!assume(program, guard))
      return false;
  for (const EdgeAssignment &set : edge.assigns)
    assign(program, set.local, set.value);
  return true;
}

void PathValues::forget(ValueKind kind, std::uint32_t index) {
  std::erase_if(
      tests, [&](const auto &entry) { return std::get<0>(entry.first) == kind && std::get<1>(entry.first) == index; });
}

void PathValues::store(std::uint32_t path) { forget(ValueKind::Load, path); }

void PathValues::assign(const Program &program, std::uint32_t local, const Operand &value) {
  const std::optional<bool> known = isNonZero(program, value);
  forget(ValueKind::Local, local);
  Operand itself;
  itself.kind = static_cast<std::uint32_t>(ValueKind::Local);
  itself.index = local;
  if (known)
    know(itself, *known);
}

} // namespace bhlint
