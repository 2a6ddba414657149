// Learned contracts as summaries.
#pragma once

#include "analysis/program/summary.h"

namespace bhlint {

/// Fills in the summaries of the functions that Function::learned tells of.
void readLearned(Summaries &summaries);

} // namespace bhlint
