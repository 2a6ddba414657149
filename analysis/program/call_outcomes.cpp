#include "analysis/program/call_outcomes.h"

#include <algorithm>

namespace bhlint {

using facts::RootKind;
using facts::ValueKind;

bool isOpenToCallers(Term term, const TermTable &terms) {
  if (term.kind == ValueKind::Parameter || term.kind == ValueKind::ContextTest)
    return true;
  return term.kind == ValueKind::Load &&
         (terms[term.index].root == RootKind::Parameter || terms[term.index].root == RootKind::Global);
}

SleepCondition sleepCondition(const Program &program, const SleepContract &contract, llvm::ArrayRef<Operand> arguments,
                              const Evaluator &evaluator, const State &state) {
  SleepCondition result;
  if (contract.when == SleepWhen::Always)
    return result;
  result.isPossible = contract.when != SleepWhen::Never;
  if (!result.isPossible)
    return result;
  switch (contract.when) {
  case SleepWhen::Gfp:
    result.knowledge.ones = program.directReclaim;
    break;
  case SleepWhen::NonZero:
    result.knowledge.isNonZero = true;
    break;
  default:
    result.knowledge = Knowledge::exactly(0);
  }
  if (contract.argument >= arguments.size()) {
    result.isUndecided = true;
    return result;
  }
  result.condition = evaluator.expressionOf(arguments[contract.argument]);
  Knowledge known = evaluator.evaluate(result.condition, state);
  result.isPossible = !known.contradicts(result.knowledge);
  result.isUndecided = !known.implies(result.knowledge);
  return result;
}

void contractOutcomes(const EffectContract &contract, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
  CallOutcome taken;
  taken.delta = deltaOf(contract.effect);
  if (contract.when == EffectWhen::Always) {
    outcomes.push_back(taken);
    return;
  }
  CallOutcome other;
  bool onNonZero = contract.when == EffectWhen::ResultNonZero;
  (onNonZero ? taken : other).resultKnowledge.isNonZero = true;
  (onNonZero ? other : taken).resultKnowledge = Knowledge::exactly(0);
  outcomes.push_back(taken);
  outcomes.push_back(other);
}

bool isIdleCondition(llvm::ArrayRef<std::pair<Expression, Knowledge>> open, bool isAssumed) {
  return isAssumed || std::any_of(open.begin(), open.end(), [](const auto &literal) {
           const auto &[expression, knowledge] = literal;
           return expression.term.kind == ValueKind::Load && (knowledge.ones != 0 || knowledge.zeros != 0);
         });
}

bool translateGuard(const Guard &guard, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                    const State &state, std::vector<std::pair<Expression, Knowledge>> &open, bool &isAssumed) {
  for (const auto &[term, knowledge] : guard) {
    Expression expression = evaluator.translate(term, arguments);
    if (!expression.isKnown()) {
      // A field of something unknown may well be as asked; a parameter that decides may not.
      isAssumed = isAssumed || term.kind == ValueKind::Parameter;
      continue;
    }
    Knowledge known = evaluator.evaluate(expression, state);
    if (known.contradicts(knowledge))
      return false;
    if (known.implies(knowledge))
      continue;
    Expression root = evaluator.resolve(expression, state);
    if (term.kind == ValueKind::Parameter && !isOpenToCallers(root.term, evaluator.terms) &&
        (knowledge.ones != 0 || knowledge.zeros != 0))
      isAssumed = true;
    open.emplace_back(expression, knowledge);
  }
  return true;
}

void summaryOutcomes(const Summary &summary, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                     const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
  if (!summary.isComputed)
    return;
  if (summary.exits.empty()) {
    CallOutcome outcome;
    outcome.endsPath = true;
    outcomes.push_back(outcome);
    return;
  }
  for (const ExitEntry &exit : summary.exits) {
    CallOutcome outcome;
    bool isAssumed = false;
    if (!translateGuard(exit.guard, arguments, evaluator, state, outcome.assumed, isAssumed))
      continue;
    outcome.delta = exit.delta;
    outcome.result = evaluator.translate(exit.result, arguments);
    outcome.resultKnowledge = exit.resultKnowledge;
    outcome.doubts = exit.doubts;
    outcomes.push_back(std::move(outcome));
  }
  // All exits were excluded by what is known here: the knowledge is not to be trusted, go on unchanged.
}

void callOutcomes(const Program &program, const Summaries &summaries, const Evaluator &evaluator, const Body &body,
                  const BodyEvent &event, llvm::ArrayRef<CallTarget> targets, const State &state,
                  llvm::SmallVectorImpl<CallOutcome> &outcomes) {
  auto outcomesOf = [&](FunctionId id) {
    const Function &function = program.functions[id];
    if (function.effect != noId) {
      contractOutcomes(program.rules->effects[function.effect], outcomes);
    } else if (function.test != noId) {
      CallOutcome outcome;
      outcome.result.term = {ValueKind::ContextTest, function.name};
      outcomes.push_back(outcome);
    } else if (function.isNoReturn) {
      CallOutcome outcome;
      outcome.endsPath = true;
      outcomes.push_back(outcome);
    } else if (function.sleep == noId) {
      summaryOutcomes(summaries[id], body.argumentsOf(event), evaluator, state, outcomes);
    }
  };
  auto hasEffect = [&](const CallTarget &target) {
    const Function &function = program.functions[target.function];
    return function.effect != noId || summaries[target.function].hasAtomicEffect();
  };
  if (targets.size() == 1) {
    outcomesOf(targets.front().function);
    if (event.call == facts::CallKind::Field) // another table may be behind the pointer, and what releases it too
      for (CallOutcome &outcome : outcomes)
        if (outcome.delta.isAtomic())
          outcome.doubts |= doubtConditionalLock;
    if (outcomes.empty() || targets.front().confidence == Confidence::High)
      return;
  }
  if (std::none_of(targets.begin(), targets.end(), hasEffect)) {
    outcomes.clear();
    return;
  }
  // Which table the pointer holds decides; it stays the same for later calls through it.
  outcomes.clear();
  Expression table;
  if (event.call == facts::CallKind::Field) {
    PathTerm path = evaluator.terms[evaluator.pathTerm(event.index)];
    if (path.fields.size() >= 2) {
      path.fields.pop_back();
      table.term = {ValueKind::Load, evaluator.terms.intern(path)};
    }
  }
  for (const CallTarget &target : targets) {
    std::size_t first = outcomes.size();
    outcomesOf(target.function);
    if (outcomes.size() == first)
      outcomes.push_back({});
    for (std::size_t i = first; i < outcomes.size(); ++i)
      if (outcomes[i].delta.isAtomic())
        outcomes[i].doubts |= doubtConditionalLock;
    if (!table.isKnown() || target.object == noId)
      continue;
    constexpr std::uint64_t objectTag = 1ull << 40; // no address: only tells tables apart
    Knowledge isThisTable = Knowledge::exactly(objectTag | target.object);
    bool isPossible = !evaluator.evaluate(table, state).contradicts(isThisTable);
    if (!isPossible) {
      outcomes.resize(first);
      continue;
    }
    for (std::size_t i = first; i < outcomes.size(); ++i)
      outcomes[i].assumed.emplace_back(table, isThisTable);
  }
}

} // namespace bhlint
