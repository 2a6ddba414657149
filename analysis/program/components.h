// The call graph's strongly connected components, callees before callers: the order in which summaries are made.
#pragma once

#include "analysis/program/resolve.h"

namespace bhlint {

/// Functions that call each other, directly or not; one function that does not call itself is a component, too.
struct Component {
  std::vector<FunctionId> functions; ///< sorted
  bool isRecursive = false;
  std::uint32_t level = 0; ///< above the levels of all that it calls
  /// A recursive component's functions. Who looks at what is known of callees, layer by layer and at a layer's
  /// functions at once, sees what he would see taking `functions` one by one.
  std::vector<std::vector<FunctionId>> layers;
};

class Workers;

struct CallOrder {
  std::vector<Component> components;            ///< by level
  std::vector<std::vector<FunctionId>> callees; ///< of each function, sorted
};

/// Edges are calls as far as CallResolver::mostBottomUpTargets lets summaries look through them, and functions that are
/// passed as arguments. `workers` don't change the result.
CallOrder callOrderOf(const Program &program, const CallResolver &resolver, Workers &workers);

} // namespace bhlint
