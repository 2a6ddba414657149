#include "analysis/program/summary.h"
#include "analysis/program/components.h"
#include "analysis/program/learned_reader.h"
#include "analysis/program/summarize_function.h"

#include <algorithm>

namespace bhlint {

using facts::ValueKind;

FieldFacts fieldFactsOf(const State &state, const TermTable &terms) {
  llvm::SmallVector<FieldFacts::value_type, 16> facts;
  for (const Binding &binding : state.bindings)
    if (binding.term.kind == ValueKind::Load && !binding.knowledge.isEmpty())
      if (const PathTerm &path = terms[binding.term.index]; !path.fields.empty() && !path.isOld)
        facts.emplace_back(path.fields.back(), binding.knowledge);
  llvm::sort(facts);
  FieldFacts single;
  single.reserve(facts.size());
  for (std::size_t i = 0; i < facts.size(); ++i) {
    bool isAgain = (i > 0 && facts[i - 1].first == facts[i].first) ||
                   (i + 1 < facts.size() && facts[i + 1].first == facts[i].first);
    if (!isAgain)
      single.push_back(facts[i]);
  }
  return single;
}

FieldFacts joined(const FieldFacts &outer, const FieldFacts &inner, bool &contradicts) {
  FieldFacts result;
  result.reserve(outer.size() + inner.size());
  result = inner;
  for (const auto &[field, known] : outer) {
    auto same = std::find_if(inner.begin(), inner.end(), [&](const auto &fact) { return fact.first == field; });
    if (same == inner.end())
      result.emplace_back(field, known);
    else
      contradicts = contradicts || known.contradicts(same->second);
  }
  constexpr std::size_t most = 12;
  if (!llvm::is_sorted(result))
    std::sort(result.begin(), result.end());
  if (result.size() > most)
    result.resize(most);
  return result;
}

std::uint16_t contextMask(const Delta &held) {
  auto bit = [](Context context) { return static_cast<std::uint16_t>(1u << static_cast<unsigned>(context)); };
  std::uint16_t mask = 0;
  if (held.preempt > 0)
    mask |= bit(Context::Atomic);
  if (held.bottomHalf > 0)
    mask |= bit(Context::BhOff);
  if (held.irq > 0)
    mask |= bit(Context::IrqsOff);
  if (held.rcu > 0)
    mask |= bit(Context::RcuRead);
  return mask;
}

Context effectiveContext(Context ambient, const Delta &held) {
  switch (ambient) {
  case Context::IrqsOff:
  case Context::BhOff:
  case Context::Atomic:
  case Context::RcuRead:
  case Context::Process:
    break;
  default:
    return ambient;
  }
  if (held.bottomHalf > 0)
    return Context::BhOff;
  if (held.irq > 0)
    return Context::IrqsOff;
  if (held.preempt > 0)
    return Context::Atomic;
  return held.rcu > 0 ? Context::RcuRead : Context::Process;
}

bool isForbidden(const SleepContract &contract, Context ambient, const Delta &held) {
  return std::find(contract.forbiddenIn.begin(), contract.forbiddenIn.end(), effectiveContext(ambient, held)) !=
         contract.forbiddenIn.end();
}

bool Summaries::allSleep(llvm::ArrayRef<CallTarget> targets) const {
  return std::all_of(targets.begin(), targets.end(), [&](const CallTarget &target) {
    const Function &function = program.functions[target.function];
    if (function.sleep != noId)
      return program.rules->sleeps[function.sleep].when == SleepWhen::Always;
    const std::vector<SleepEntry> &entries = summaries[target.function].sleeps;
    return std::any_of(entries.begin(), entries.end(),
                       [](const SleepEntry &entry) { return !entry.isLocked && !entry.isForbidden; });
  });
}

bool Summary::hasAtomicEffect() const {
  return std::any_of(exits.begin(), exits.end(),
                     [](const ExitEntry &exit) { return !exit.delta.isZero() || exit.doubts != noDoubt; });
}

namespace {

constexpr unsigned mostRounds = 4; ///< over a recursive group of functions

/// Makes summaries in an order in which callees come first.
class BottomUp {
public:
  BottomUp(Summaries &summaries, const CallResolver &resolver, const Workers &workers)
      : summaries(summaries), program(summaries.program), resolver(resolver), workers(workers),
        order(callOrderOf(program, resolver, this->workers)) {}

  void run() {
    llvm::ArrayRef<Component> components = order.components;
    while (!components.empty()) {
      llvm::ArrayRef<Component> level = components.take_while(
          [&](const Component &component) { return component.level == components.front().level; });
      summarizeLevel(level);
      components = components.drop_front(level.size());
    }
  }

private:
  /// Functions of one level don't call each other, but in recursive groups.
  void summarizeLevel(llvm::ArrayRef<Component> components) {
    std::vector<FunctionId> single;
    for (const Component &component : components)
      if (!component.isRecursive && program.bodyOf(component.functions.front()))
        single.push_back(component.functions.front());
    std::vector<Summary> found = summariesOf(single);
    for (std::size_t i = 0; i < single.size(); ++i)
      summaries.summaries[single[i]] = std::move(found[i]);
    for (const Component &component : components)
      if (component.isRecursive)
        iterate(component);
  }

  /// Each by what is known so far. What is found is put in place when all are done, so that it does not matter who is
  /// first.
  std::vector<Summary> summariesOf(llvm::ArrayRef<FunctionId> functions) {
    std::vector<Summary> found(functions.size());
    workers.forEach(functions.size(), [&](std::size_t i) { found[i] = summaryOf(summaries, resolver, functions[i]); });
    return found;
  }

  void iterate(const Component &component) {
    ranAt.resize(program.functions.size());
    changedAt.resize(program.functions.size());
    for (unsigned round = 0; round < mostRounds; ++round) {
      bool changed = false;
      for (llvm::ArrayRef<FunctionId> layer : component.layers)
        changed = iterateLayer(layer) || changed;
      if (!changed)
        break;
    }
  }

  /// Whether something has changed.
  bool iterateLayer(llvm::ArrayRef<FunctionId> layer) {
    ++step;
    std::vector<FunctionId> outdated;
    llvm::copy_if(layer, std::back_inserter(outdated),
                  [&](FunctionId id) { return program.bodyOf(id) && isOutdated(id); });
    std::vector<Summary> found = summariesOf(outdated);
    bool changed = false;
    for (std::size_t i = 0; i < outdated.size(); ++i) {
      ranAt[outdated[i]] = step;
      Summary &known = summaries.summaries[outdated[i]];
      if (found[i] == known)
        continue;
      known = std::move(found[i]);
      changedAt[outdated[i]] = step;
      changed = true;
    }
    return changed;
  }

  bool isOutdated(FunctionId id) const {
    return ranAt[id] == 0 ||
           llvm::any_of(order.callees[id], [&](FunctionId callee) { return changedAt[callee] >= ranAt[id]; });
  }

  Summaries &summaries;
  const Program &program;
  const CallResolver &resolver;
  Workers workers;
  const CallOrder order;
  std::vector<std::uint32_t> ranAt, changedAt; ///< of recursive functions: the last such step
  std::uint32_t step = 0;
};

} // namespace

Summaries summarize(const Program &program, const CallResolver &resolver, const Workers &workers) {
  Summaries summaries(program);
  summaries.summaries.resize(program.functions.size());
  readLearned(summaries);
  BottomUp(summaries, resolver, workers).run();
  return summaries;
}

} // namespace bhlint
