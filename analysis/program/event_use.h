// Which events of a body matter to what it does, by what is known of its callees.
#pragma once

#include "analysis/program/summary.h"

namespace bhlint {

/// What there is to an event of `caller`, by contracts and the summaries so far. Calls with more than `mostTargets`
/// possible targets are taken as unknown. `asked` gets the fields that the callees' guards look at, a sorted list for each.
EventUse useOf(const Program &program, const CallResolver &resolver, const Summaries &summaries, FunctionId caller,
               std::uint32_t event, std::size_t mostTargets, llvm::SmallVectorImpl<llvm::ArrayRef<FieldKey>> &asked);
/// The outline by those uses.
BodyOutline outlineOf(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                      FunctionId function, std::size_t mostTargets);

} // namespace bhlint
