// What a chain of calls knows of its functions' parameters, where callers give constants: NULL for what a thread does
// not have, a number that says which of several things is to be done.
#pragma once

#include "analysis/program/program.h"

#include <vector>

namespace bhlint {

using KnownArguments = std::vector<std::pair<std::uint32_t, std::uint64_t>>; ///< parameter, constant

/// The events that the body comes to when its parameters are those; in order.
std::vector<std::uint32_t> eventsWith(const Program &program, const Body &body, const KnownArguments &known);

/// What a call in a body with `known` says of the callee's parameters.
KnownArguments argumentsAt(const Program &program, const Body &body, const BodyEvent &call,
                           const KnownArguments &known);

} // namespace bhlint
