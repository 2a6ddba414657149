#include "analysis/facts/validate.h"

#include "analysis/facts/flat_unit.h"
#include "analysis/facts/serialize.h"

namespace bhlint::facts {

// What comes from outside is checked before it is UnitFacts, so that is where the checks are.
llvm::Error validate(const UnitFacts &unit) { return FlatUnit::validate(serialize(unit)); }

} // namespace bhlint::facts
