#include "analysis/program/event_use.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

using AskedFields = llvm::SmallVectorImpl<llvm::ArrayRef<FieldKey>>;

void addAskedFields(const Guard &guard, const TermTable &terms, std::vector<FieldKey> &asked) {
  for (const auto &[term, knowledge] : guard)
    if (term.kind == ValueKind::Load && !terms[term.index].fields.empty())
      asked.push_back(terms[term.index].fields.back());
}

void addUseOfTarget(const Program &program, const Summaries &summaries, FunctionId id, EventUse &use,
                    AskedFields &asked) {
  const Function &function = program.functions[id];
  const Summary &summary = summaries[id];
  for (std::uint32_t i = 0; i < function.callbackCount; ++i)
    use.matters = use.matters || program.rules->callbacks[function.firstCallback + i].inCallerContext;
  use.matters = use.matters || function.isNoReturn || !summary.parameterCalls.empty();
  use.tellsLastReference = use.tellsLastReference || function.isLastReference;
  if (function.effect != noId) {
    use.matters = use.hasLockEffect = use.definesResult = true;
  } else if (function.test != noId) {
    use.definesResult = true;
  } else if (function.sleep != noId) {
    use.matters = true;
  } else if (!summary.isComputed) {
    if (program.bodyOf(id)) // of the same recursive group
      use.matters = use.hasLockEffect = use.definesResult = true;
  } else {
    use.matters = use.matters || summary.exits.empty() || summary.hasSleep || summary.changesLocks;
    use.hasLockEffect = use.hasLockEffect || summary.changesLocks;
    use.definesResult = use.definesResult || summary.tellsResult;
    if (!summary.askedFields.empty())
      asked.push_back(summary.askedFields);
  }
}

} // namespace

void noteUse(Summary &summary, const TermTable &terms) {
  std::vector<FieldKey> &asked = summary.askedFields;
  for (const SleepEntry &entry : summary.sleeps)
    if (entry.contract != noId) {
      summary.hasSleep = true;
      addAskedFields(entry.guard, terms, asked);
      for (const auto &[field, known] : entry.fields)
        asked.push_back(field);
    }
  for (const ExitEntry &exit : summary.exits) {
    summary.tellsResult = summary.tellsResult || exit.result.isKnown() || !exit.resultKnowledge.isEmpty();
    addAskedFields(exit.guard, terms, asked);
  }
  summary.changesLocks = summary.hasAtomicEffect();
  std::sort(asked.begin(), asked.end());
  asked.erase(std::unique(asked.begin(), asked.end()), asked.end());
  asked.shrink_to_fit();
}

EventUse useOf(const Program &program, const CallResolver &resolver, const Summaries &summaries, FunctionId caller,
               std::uint32_t index, std::size_t mostTargets, AskedFields &asked) {
  EventUse use;
  const BodyEvent &event = program.bodyOf(caller)->events[index];
  if (event.kind == EventKind::Macro) {
    auto found = program.macros.find(event.macro);
    if (found == program.macros.end())
      return use;
    use.hasLockEffect = found->second.effect != noId;
    use.matters = use.hasLockEffect || found->second.sleep != noId;
    return use;
  }
  if (event.call == facts::CallKind::Value &&
      (event.value.valueKind() == ValueKind::Parameter || event.value.valueKind() == ValueKind::Local))
    use.matters = true; // a path may know which function it is
  llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(caller, index);
  if (targets.size() <= mostTargets)
    for (const CallTarget &target : targets)
      addUseOfTarget(program, summaries, target.function, use, asked);
  return use;
}

BodyOutline outlineOf(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                      FunctionId function, std::size_t mostTargets) {
  llvm::SmallVector<llvm::ArrayRef<FieldKey>, 16> asked;
  return BodyOutline(
      *program.bodyOf(function),
      [&](std::uint32_t event) { return useOf(program, resolver, summaries, function, event, mostTargets, asked); },
      [&](FieldKey field) {
        return std::any_of(asked.begin(), asked.end(), [&](llvm::ArrayRef<FieldKey> fields) {
          return std::binary_search(fields.begin(), fields.end(), field);
        });
      });
}

} // namespace bhlint
