// One function's summary, from its body and its callees' summaries.
#pragma once

#include "analysis/program/summary.h"

namespace bhlint {

/// `function` has a body. A callee whose summary is not computed counts as one of which nothing is known.
Summary summaryOf(const Summaries &summaries, const CallResolver &resolver, FunctionId function);

} // namespace bhlint
