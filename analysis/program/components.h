// The call graph's strongly connected components, callees before callers: the order in which summaries are made.
#pragma once

#include "analysis/program/resolve.h"

namespace bhlint {

/// Functions that call each other, directly or not; one function that does not call itself is a component, too.
struct Component {
  std::vector<FunctionId> functions; ///< sorted
  bool isRecursive = false;
  std::uint32_t level = 0; ///< above the levels of all that it calls
};

/// Edges are calls as far as CallResolver::mostBottomUpTargets lets summaries look through them, and functions that are
/// passed as arguments.
std::vector<Component> componentsBottomUp(const Program &program, const CallResolver &resolver);

} // namespace bhlint
