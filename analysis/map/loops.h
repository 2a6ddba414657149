// Loops of a function body, by its reduced graph.
#pragma once

#include "analysis/program/program.h"

#include <vector>

namespace bhlint {

/// Where each loop's first event is. Loops that do nothing of interest are not in the facts, and those that a macro
/// brings (to poll a register, to print) are not the function's own.
std::vector<Place> loopsOf(const Body &body);

} // namespace bhlint
