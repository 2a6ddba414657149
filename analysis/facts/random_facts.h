// Valid UnitFacts made up from a seed, for property tests and benchmarks. Not a model of real code: every kind of every
// field occurs, in shapes and numbers that the seed decides.
//
// A new field of facts.h is filled in random_facts.cpp, or the round-trip test proves nothing about it.
#pragma once

#include "analysis/facts/facts.h"

#include <cstdint>

namespace bhlint::facts {

/// The same seed gives the same facts on every machine. `functionCount` sets the size; events, blocks and the rest of
/// each function are a few each.
UnitFacts randomFacts(std::uint64_t seed, std::uint32_t functionCount);

} // namespace bhlint::facts
