// What a call does in a state: by contracts and by summaries, in the caller's terms.
#pragma once

#include "analysis/program/summary.h"

namespace bhlint {

/// Terms that a caller can say something about.
bool isOpenToCallers(Term term, const TermTable &terms);

/// Whether `contract` sleeps for these arguments: true, false, or undecided with what would make it so.
struct SleepCondition {
  bool isPossible = true;
  bool isUndecided = false; ///< depends on a value that is not known
  Expression condition;     ///< when undecided and expressible: sleeps if `knowledge` holds of it
  Knowledge knowledge;
};
SleepCondition sleepCondition(const Program &program, const SleepContract &contract, llvm::ArrayRef<Operand> arguments,
                              const Evaluator &evaluator, const State &state);

/// Outcomes of a call by the effect contract of the callee.
void contractOutcomes(const EffectContract &contract, llvm::SmallVectorImpl<CallOutcome> &outcomes);
/// Outcomes of a call by the callee's summary, in the caller's terms.
void summaryOutcomes(const Summary &summary, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                     const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes);

/// Outcomes of calling any of `targets`: contracts first, then summaries. Where targets differ in their lock effects
/// and come from different ops tables, each outcome assumes its table, so that later calls through the same pointer
/// agree.
void callOutcomes(const Program &program, const Summaries &summaries, const Evaluator &evaluator, const Body &body,
                  const BodyEvent &event, llvm::ArrayRef<CallTarget> targets, const State &state,
                  llvm::SmallVectorImpl<CallOutcome> &outcomes);

/// Puts a callee's guard into the caller's terms. False: it contradicts what is known. What cannot be said in the
/// caller's terms is dropped (the sleep then may happen) and noted in `isAssumed`.
bool translateGuard(const Guard &guard, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                    const State &state, std::vector<std::pair<Expression, Knowledge>> &open, bool &isAssumed);

/// Whether an entry that was learned rests on something that nobody here decides: a flag in an object of the core, or
/// an argument of unknown value. Few of these are real, so they are not told.
bool isIdleCondition(llvm::ArrayRef<std::pair<Expression, Knowledge>> open, bool isAssumed);

} // namespace bhlint
