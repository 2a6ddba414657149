// LinkUnit: a unit's facts, with what link() needs of them and any thread can find out beforehand. Numbers are given
// out on one thread, in order; the less that one does, the better.
#pragma once

#include "analysis/facts/facts.h"

#include <cstdint>
#include <vector>

namespace bhlint {

struct LinkUnit {
  explicit LinkUnit(facts::UnitFacts facts);

  facts::UnitFacts facts;
  /// By function: a hash of its body that does not depend on the unit's numbers. 0: its name alone says which function
  /// it is.
  std::vector<std::uint64_t> shapes;
  std::vector<std::uint32_t> stringHashes; ///< by string: llvm::StringMap's
};

} // namespace bhlint
