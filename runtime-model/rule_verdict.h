// What the rules say of a cell of the matrix: the contracts of rules/, applied by hand as the analysis would.
//
// The context is looked up where the analysis looks it up (which callback, which ops field, which queue), what a task
// holds is summed up from the effect contracts of the calls before, and each call of the operation is judged by its
// sleep contract. It knows no kernel function by name; a cell that the contracts do not speak about is "ok".
//
// A library of its own: the model does not depend on the rules.
#pragma once

#include "runtime-model/matrix.h"

#include "analysis/ruleset/rule_set.h"

namespace bhlint::model {

/// A judge over `rules`, which must outlive it.
RuleJudge ruleJudge(const RuleSet &rules);

} // namespace bhlint::model
