// Findings followed through the states of a series: which patch each one is from, and what goes. Which findings are the
// same from one state to the next is analysis/findings/compare.h.
#pragma once

#include "driver/cli/gate_states.h"

namespace bhlint {

/// Fills what `gate` says of known, fixed, allowed and transient findings; returns the new ones, each with the patch
/// that introduces it.
std::vector<Finding> newFindings(const std::vector<TreeState> &states, const Series &series, Gate &gate);

/// Units of the last state that the series makes, or changes, such that they can't be analysed.
std::vector<FailedUnit> unjudgedUnits(const std::vector<TreeState> &states, const GateUnits &units);

/// What a reader should see first comes first: certain, grave, reproduced, short.
void bestFirst(std::vector<Finding> &findings);

} // namespace bhlint
