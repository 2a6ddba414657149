// Are all indices of some UnitFacts in range, so that whoever reads them may follow every one without a check?
//
// FlatUnit asks this of everything that comes from outside; tests ask it of what was built. It says nothing about
// whether the facts are true. A new index in facts.h gets its check in flat_unit.cpp.
#pragma once

#include "analysis/facts/facts.h"

#include "llvm/Support/Error.h"

namespace bhlint::facts {

/// The first thing found wrong, with the function that it stands in; success when every index may be followed, every
/// function has an entry block, and no macro event encloses itself.
llvm::Error validate(const UnitFacts &unit);

} // namespace bhlint::facts
