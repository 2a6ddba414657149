#include "checkers/known_arguments.h"

#include "analysis/program/values.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::ValueKind;

namespace {

/// Whether a path on which the guard holds can be taken.
bool isPossible(const Program &program, const EdgeGuard &guard, const KnownArguments &known) {
  if (guard.value.valueKind() != ValueKind::Parameter)
    return true;
  auto constant = llvm::find_if(known, [&](const auto &one) { return one.first == guard.value.index; });
  if (constant == known.end())
    return true;
  const MaskBits change = program.maskBits(guard.value);
  return holdsOf(guard, (constant->second & change.mask) | change.bits);
}

} // namespace

std::vector<std::uint32_t> eventsWith(const Program &program, const Body &body, const KnownArguments &known) {
  std::vector<std::uint32_t> events, worklist;
  std::vector<bool> seen(body.blocks.size());
  if (!body.blocks.empty())
    worklist.push_back(0);
  while (!worklist.empty()) {
    const std::uint32_t at = worklist.back();
    worklist.pop_back();
    if (seen[at])
      continue;
    seen[at] = true;
    const BodyBlock &block = body.blocks[at];
    for (std::uint32_t e = block.firstEvent; e < block.firstEvent + block.eventCount; ++e)
      events.push_back(e);
    for (const BodyEdge &edge : block.edges)
      if (llvm::all_of(edge.guards, [&](const EdgeGuard &guard) { return isPossible(program, guard, known); }))
        worklist.push_back(edge.to);
  }
  llvm::sort(events);
  return events;
}

KnownArguments argumentsAt(const Program &program, const Body &body, const BodyEvent &call,
                           const KnownArguments &known) {
  KnownArguments result;
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(call);
  for (std::uint32_t i = 0; i < arguments.size(); ++i) {
    const Operand &argument = arguments[i];
    if (argument.valueKind() == ValueKind::Constant && !argument.isNegated)
      result.emplace_back(i, program.maskBits(argument).bits);
    if (argument.valueKind() == ValueKind::Parameter && argument.bits == 0 && !argument.isNegated)
      for (const auto &[parameter, value] : known)
        if (parameter == argument.index)
          result.emplace_back(i, value);
  }
  return result;
}

} // namespace bhlint
