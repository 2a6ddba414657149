// FieldCalls: where the code at hand calls the functions that fields hold, and what is certainly off there.
//
// That is what contracts on fields (RuleSet::ops) take from documentation, inferred from the calls instead, so that the
// two can be compared (bench/contracts). Calls of contracted fields are looked at, but not followed: where these
// functions run is what their contracts say. Conditions are not looked at, so a way there may need two that exclude
// each other; what is taken on some paths only counts as not taken.
#pragma once

#include "analysis/program/contexts.h"

namespace bhlint {

struct FieldCall {
  FieldKey field;
  Context context = Context::Process; ///< where it runs, or, in a process, the strictest of what is off there
  std::vector<FunctionId> chain;      ///< from who is called by nothing, or by contract, to who calls
  Place place;                        ///< of the call
};

/// One for each field and context: a shortest chain. Sorted by the field's names and context.
std::vector<FieldCall> findFieldCalls(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                                      const ContextMap &contexts);

/// A parameter of a function with a contract for it is stored in a field: `action->handler = handler`.
struct StoredCallback {
  FunctionId function = noId;
  std::uint32_t parameter = 0;
  FieldKey field;
  friend auto operator<=>(const StoredCallback &, const StoredCallback &) = default;
};

/// In the functions of RuleSet::callbacks, and in what they hand the parameter on to. Sorted.
std::vector<StoredCallback> findStoredCallbacks(const Program &program);

} // namespace bhlint
