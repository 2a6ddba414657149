// What an operand stands for, whatever the path: for what is set up in one place and used in another.
#pragma once

#include "analysis/program/program.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace bhlint {

/// An object by where it lives: the field that holds it (record, field, noId), or a global (0, 0, GlobalId). Objects in
/// the same field of two instances are one.
using ObjectKey = std::tuple<NameId, NameId, std::uint32_t>;

/// Nothing: a local, a parameter or a result.
std::optional<ObjectKey> objectKeyOf(const Body &body, const Operand &value);

/// Functions that the operand may be; those of a local are all that it is ever set to.
std::vector<FunctionId> functionsIn(const Body &body, const Operand &value);

/// What a local is set to, in any way; other operands are themselves.
std::vector<Operand> valuesOf(const Body &body, const Operand &value);

/// Whether the guard holds when its value, before it is negated, is `value`.
bool holdsOf(const EdgeGuard &guard, std::uint64_t value);

/// "&p->lock", "p->lock" or the name of a parameter; empty: there are no words for it.
std::string textOf(const Program &program, const Body &body, const Operand &value);

} // namespace bhlint
