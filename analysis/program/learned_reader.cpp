#include "analysis/program/learned_reader.h"
#include "analysis/program/learned.h"

#include <algorithm>

namespace bhlint {

using facts::RootKind;
using facts::ValueKind;

namespace {

/// What was learned of a function, in this program's numbers.
class LearnedReader {
public:
  LearnedReader(const Program &program, TermTable &terms) : program(program), terms(terms) {
    for (std::uint32_t i = 0; i < program.rules->sleeps.size(); ++i)
      contractIds.try_emplace(program.rules->sleeps[i].function, i);
  }

  Summary read(const LearnedFunction &function) const {
    Summary summary;
    summary.isComputed = function.isVisible;
    for (std::uint32_t i = 0; i < function.sleeps.size(); ++i)
      summary.sleeps.push_back(sleepOf(function.sleeps[i], i));
    // A rule set that lacks the row does not want to hear of it; entries keep their places for the chains.
    for (const LearnedCall &call : function.calls)
      summary.parameterCalls.push_back({call.parameter, call.delta, {}, noId, noId, call.doubts});
    if (!isLockEffect(function)) {
      summary.exits.push_back({});
      return summary;
    }
    for (const LearnedExit &exit : function.exits)
      summary.exits.push_back({guardOf(exit.guard), exit.delta, expressionOf(exit), exit.resultKnowledge, exit.doubts});
    return summary;
  }

private:
  /// A function that may sleep does not drop a lock of its caller: where it looks so, deep in the core, a path was not
  /// followed rightly.
  static bool isLockEffect(const LearnedFunction &function) {
    auto takes = [](const LearnedExit &exit) { return exit.delta.isAtomic(); };
    auto isNothing = [](const LearnedExit &exit) { return exit.delta.isZero(); };
    const std::vector<LearnedExit> &exits = function.exits;
    return function.sleeps.empty() || std::any_of(exits.begin(), exits.end(), takes) ||
           std::all_of(exits.begin(), exits.end(), isNothing);
  }

  SleepEntry sleepOf(const LearnedSleep &sleep, std::uint32_t index) const {
    SleepEntry entry;
    auto contract = contractIds.find(sleep.contract);
    entry.guard = guardOf(sleep.guard);
    entry.delta = sleep.delta;
    entry.confidence = sleep.confidence; // what its conditions cost is counted with those of the whole chain
    entry.doubts = sleep.doubts;
    entry.isForbidden = sleep.isForbidden;
    entry.isLocked = sleep.isLocked;
    entry.event = index;
    entry.depth = sleep.depth;
    entry.avoidableCalls = sleep.avoidableCalls;
    entry.contract = contract == contractIds.end() ? noId : contract->second;
    if (sleep.confidence == Confidence::Low)
      entry.contract = noId; // what was doubtful in sight of the bodies is not worth telling without
    if (entry.contract != noId)
      entry.kind = program.rules->sleeps[entry.contract].kind;
    if (sleep.to != noId) {
      entry.callee = program.learnedIds.lookup(sleep.to);
      entry.calleeEntry = sleep.entry;
    }
    return entry;
  }

  Term termOf(llvm::StringRef text) const {
    if (text == "c")
      return {ValueKind::Constant, 0};
    if (text.consume_front("t:"))
      return {ValueKind::ContextTest, program.find(text)};
    std::uint32_t parameter = 0;
    if (llvm::StringRef rest = text; rest.consume_front("p") && !rest.getAsInteger(10, parameter))
      return {ValueKind::Parameter, parameter};
    llvm::SmallVector<llvm::StringRef, 4> parts;
    text.split(parts, '|');
    PathTerm path;
    if (parts.front().consume_front("*p") && !parts.front().getAsInteger(10, parameter)) {
      path.root = RootKind::Parameter;
      path.index = parameter;
    } else if (parts.front().consume_front("g:")) {
      path.root = RootKind::Global;
      path.index = program.learnedGlobals.lookup(parts.front());
    } else {
      return {};
    }
    for (llvm::StringRef step : llvm::drop_begin(parts)) {
      auto [record, field] = step.rsplit('.');
      path.fields.push_back({program.find(record), program.find(field)});
    }
    return {ValueKind::Load, terms.intern(path)};
  }

  Guard guardOf(const std::vector<std::pair<std::string, Knowledge>> &literals) const {
    Guard guard;
    for (const auto &[text, known] : literals)
      if (Term term = termOf(text); term.kind != ValueKind::Opaque)
        guard.emplace_back(term, known);
    std::sort(guard.begin(), guard.end());
    return guard;
  }

  Expression expressionOf(const LearnedExit &exit) const {
    Expression result;
    if (exit.result.empty())
      return result;
    result.term = termOf(exit.result);
    result.mask = exit.mask;
    result.bits = exit.bits;
    result.isNegated = exit.isNegated;
    return result;
  }

  const Program &program;
  TermTable &terms;
  llvm::StringMap<std::uint32_t> contractIds;
};

} // namespace

void readLearned(Summaries &summaries) {
  const Program &program = summaries.program;
  if (!program.learned)
    return;
  LearnedReader reader(program, summaries.terms);
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (std::uint32_t learned = program.functions[id].learned; learned != noId) {
      summaries.summaries[id] = reader.read(program.learned->functions[learned]);
      noteUse(summaries.summaries[id], summaries.terms);
    }
}

} // namespace bhlint
