// UnitFacts as text, for `--print=facts` and golden files. Not a storage format: nothing reads it back.
//
// One line per block, event and edge; functions sorted by name and place, other lists by their text, so that the order
// in which the extractor happened to meet things does not show. Parameters are p0.., locals l0.., events e0.. as in
// facts.h, with their names on the function's first lines. Safe on facts that `validate` would refuse (an index out of
// range prints as `<bad N>`), since it is what one reaches for when those are wrong.
//
// To show a new fact: print it in dump.cpp and bless the goldens.
#pragma once

#include "analysis/facts/facts.h"

#include <string>

namespace bhlint::facts {

std::string dump(const UnitFacts &unit);

} // namespace bhlint::facts
