// Natural loops of a function body, by its reduced graph.
#pragma once

#include "analysis/program/program.h"

#include <map>
#include <set>

namespace bhlint {

/// By the loop's first block: what leads back to it without coming by it, and itself. Loops that do nothing of interest
/// are not in the facts.
std::map<std::uint32_t, std::set<std::uint32_t>> naturalLoops(const Body &body);

} // namespace bhlint
