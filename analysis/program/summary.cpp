#include "analysis/program/summary.h"
#include "analysis/program/reference.h"
#include "analysis/program/components.h"
#include "analysis/program/learned.h"
#include "analysis/program/parallel.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostEntries = 12, mostExits = 6, mostParameterCalls = 6;
constexpr unsigned mostRounds = 4; ///< over a recursive group of functions
constexpr std::uint16_t deepest = 60000;

class NoOracle : public TestOracle {
public:
  std::optional<bool> answer(std::uint32_t, const State &) const override { return std::nullopt; }
};

/// Terms that a caller can say something about.
bool isOpenToCallers(Term term, const TermTable &terms) {
  if (term.kind == ValueKind::Parameter || term.kind == ValueKind::ContextTest)
    return true;
  return term.kind == ValueKind::Load &&
         (terms[term.index].root == RootKind::Parameter || terms[term.index].root == RootKind::Global);
}

/// What must hold at entry for the path that led to `state`.
Guard guardOf(const State &state, TermTable &terms) {
  Guard guard;
  bool hasOld = false;
  for (const Binding &binding : state.bindings)
    if (!binding.knowledge.isEmpty() && isOpenToCallers(binding.term, terms)) {
      guard.emplace_back(binding.term, binding.knowledge);
      hasOld = hasOld || (binding.term.kind == ValueKind::Load && terms[binding.term.index].isOld);
    }
  if (!hasOld)
    return guard;
  // Where both are known, the entry's value is what callers can say something about.
  Guard result;
  for (const auto &[term, known] : guard)
    if (term.kind == ValueKind::Load && terms[term.index].isOld)
      result.emplace_back(Term{ValueKind::Load, terms.withAge(term.index, false)}, known);
  for (const auto &literal : guard)
    if (literal.first.kind != ValueKind::Load || !terms[literal.first.index].isOld)
      if (std::none_of(result.begin(), result.end(), [&](const auto &old) { return old.first == literal.first; }))
        result.push_back(literal);
  std::sort(result.begin(), result.end());
  return result;
}

/// Whether everything that `weaker` asks for follows from `guard`.
bool implies(const Guard &guard, const Guard &weaker) {
  for (const auto &[term, knowledge] : weaker) {
    auto found = std::find_if(guard.begin(), guard.end(), [&](const auto &entry) { return entry.first == term; });
    if (found == guard.end() || !found->second.implies(knowledge))
      return false;
  }
  return true;
}

Guard common(const Guard &a, const Guard &b) {
  Guard result;
  for (const auto &[term, knowledge] : a)
    for (const auto &[otherTerm, other] : b)
      if (term == otherTerm)
        if (Knowledge both = knowledge | other; !both.isEmpty())
          result.emplace_back(term, both);
  return result;
}

class FunctionSummarizer {
public:
  FunctionSummarizer(Summaries &summaries, const CallResolver &resolver, FunctionId id)
      : summaries(summaries), program(summaries.program), resolver(resolver), id(id), body(*program.bodyOf(id)),
        outline(outlineOf(program, resolver, summaries, id, CallResolver::mostBottomUpTargets)),
        evaluator(program, body, summaries.terms, oracle) {}

  Summary run() {
    if (outline.isTrivial()) {
      if (outline.mayReturn())
        summary.exits.push_back({});
      summary.isComputed = true;
      return std::move(summary);
    }
    Exploration exploration(program, body, outline, evaluator);
    exploration.run(
        State(),
        [&](std::uint32_t event, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
          onCall(event, state, outcomes);
        },
        [&](const State &state) { onReturn(state); });
    mergeExits();
    summary.isComputed = true;
    return std::move(summary);
  }

private:
  void onCall(std::uint32_t index, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    const BodyEvent &event = body.events[index];
    if (event.kind == EventKind::Macro) {
      if (auto found = program.macros.find(event.macro); found != program.macros.end())
        onMacro(index, found->second, state, outcomes);
      return;
    }
    llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(id, index, evaluator, state);
    if (event.call == facts::CallKind::Value && event.value.valueKind() == ValueKind::Parameter)
      addParameterCall({event.value.index, state.delta, guardOf(state, summaries.terms), index, noId, state.doubts});
    if (targets.empty() || targets.size() > CallResolver::mostBottomUpTargets)
      return;
    Confidence confidence = Confidence::High;
    if (targets.size() > 1 || targets.front().confidence != Confidence::High)
      confidence = summaries.allSleep(targets) ? targets.front().confidence : Confidence::Low;
    for (const CallTarget &target : targets)
      onTarget(index, target, confidence, state);
    addOutcomes(event, targets, state, outcomes);
    callArguments(index, targets.front().function, state);
  }

  void onMacro(std::uint32_t index, const MacroContract &contract, const State &state,
               llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    if (contract.sleep != noId) {
      const SleepContract &sleep = program.rules->sleeps[contract.sleep];
      if (sleep.when == SleepWhen::Always || sleep.when == SleepWhen::Never)
        addContract(index, contract.sleep, state, Confidence::High);
    } else if (contract.effect != noId && program.rules->effects[contract.effect].when == EffectWhen::Always) {
      contractOutcomes(program.rules->effects[contract.effect], outcomes);
    }
  }

  /// A sleep by contract, or a call that some contexts forbid, in the state as it is.
  void addContract(std::uint32_t index, std::uint32_t id, const State &state, Confidence confidence) {
    const SleepContract &contract = program.rules->sleeps[id];
    SleepEntry entry;
    entry.guard = guardOf(state, summaries.terms);
    entry.delta = state.delta;
    entry.kind = contract.kind;
    entry.confidence = std::min(confidence, contract.provenance.confidence);
    entry.event = index;
    entry.contract = id;
    entry.fields = fieldFactsOf(state, summaries.terms);
    entry.avoidableCalls = outline.isAvoidable(index);
    entry.doubts = state.doubts;
    entry.isForbidden = contract.when == SleepWhen::Never;
    if (entry.isForbidden && contract.forbiddenIn.empty())
      return;
    entry.isLocked = isAtomicFor(entry, state.delta);
    addSleep(std::move(entry));
  }

  /// Whether what was taken here is enough to make the entry a bug.
  bool isAtomicFor(const SleepEntry &entry, const Delta &held) const {
    return entry.isForbidden ? isForbidden(program.rules->sleeps[entry.contract], Context::Process, held)
                             : held.isAtomic() && sleepsWith(entry.kind, held);
  }

  void onTarget(std::uint32_t index, const CallTarget &target, Confidence confidence, const State &state) {
    const Function &function = program.functions[target.function];
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    if (function.sleep != noId) {
      const SleepContract &contract = program.rules->sleeps[function.sleep];
      if (!program.holdsIn(contract, program.functions[id].module))
        return;
      SleepCondition condition = sleepCondition(program, contract, arguments, evaluator, state);
      if (!condition.isPossible) {
        if (contract.when == SleepWhen::Never)
          addContract(index, function.sleep, state, confidence);
        return;
      }
      State at = state;
      if (condition.isUndecided) {
        if (!condition.condition.isKnown() ||
            !isOpenToCallers(evaluator.resolve(condition.condition, state).term, summaries.terms))
          confidence = Confidence::Low;
        else if (!evaluator.assume(condition.condition, condition.knowledge, at))
          return;
      }
      addContract(index, function.sleep, at, confidence);
      return;
    }
    if (function.effect != noId || function.test != noId)
      return;
    addEntriesOf(index, target.function, confidence, state);
    addParameterCallsOf(index, target.function, state);
  }

  void addEntriesOf(std::uint32_t index, FunctionId callee, Confidence confidence, const State &state) {
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    passOn(summaries[callee].askedParameters, arguments, state);
    const std::vector<SleepEntry> &entries = summaries[callee].sleeps;
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      SleepEntry entry = entries[i]; // a copy: in a recursive group the vector may be our own
      if (entry.contract == noId)
        continue; // learned, and not to be told: see LearnedReader
      State at = state;
      bool isAssumed = false;
      std::vector<std::pair<Expression, Knowledge>> open;
      if (!translateGuard(entry.guard, arguments, evaluator, state, open, isAssumed))
        continue;
      if (program.functions[callee].learned != noId && isIdleCondition(open, isAssumed))
        continue;
      bool isPossible = true;
      for (const auto &[expression, knowledge] : open)
        isPossible = isPossible && evaluator.assume(expression, knowledge, at);
      if (!isPossible)
        continue;
      Delta delta = state.delta + entry.delta;
      entry.confidence = std::min({entry.confidence, confidence, isAssumed ? Confidence::Low : Confidence::High});
      entry.guard = guardOf(at, summaries.terms);
      bool contradicts = false;
      entry.fields = joined(fieldFactsOf(state, summaries.terms), entry.fields, contradicts);
      if (contradicts)
        entry.confidence = std::min(entry.confidence, Confidence::Medium);
      if ((entry.doubts & doubtLastReference) && givesUpReference(body, index))
        entry.doubts &= static_cast<Doubts>(~doubtLastReference);
      entry.doubts |= state.doubts;
      addEntry(std::move(entry), delta, index, callee, i);
    }
  }

  void addEntry(SleepEntry entry, Delta delta, std::uint32_t event, FunctionId callee, std::uint32_t calleeEntry) {
    entry.delta = delta;
    entry.isLocked = entry.isLocked || isAtomicFor(entry, delta);
    entry.event = event;
    entry.callee = callee;
    entry.calleeEntry = calleeEntry;
    entry.depth = static_cast<std::uint16_t>(std::min<unsigned>(entry.depth + 1u, deepest));
    entry.avoidableCalls =
        static_cast<std::uint16_t>(std::min<unsigned>(entry.avoidableCalls + outline.isAvoidable(event), deepest));
    addSleep(std::move(entry));
  }

  /// Functions that are passed to a callee which calls them in the caller's own time.
  void callArguments(std::uint32_t index, FunctionId callee, const State &state) {
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    auto callOne = [&](std::uint32_t position, Delta delta, Doubts doubts) {
      if (position >= arguments.size())
        return;
      Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[position]), state);
      State at = state;
      at.delta = state.delta + delta;
      at.doubts |= doubts;
      if (argument.term.kind == ValueKind::Function)
        addEntriesOfCallback(index, argument.term.index, at);
    };
    for (const ParameterCall &call : summaries[callee].parameterCalls)
      callOne(call.parameter, call.delta, call.doubts);
    const Function &function = program.functions[callee];
    for (std::uint32_t i = 0; i < function.callbackCount; ++i)
      if (const CallbackContract &contract = program.rules->callbacks[function.firstCallback + i];
          contract.inCallerContext)
        callOne(contract.argument, {}, function.isLastReference ? doubtLastReference : noDoubt);
  }

  void addEntriesOfCallback(std::uint32_t index, FunctionId callback, const State &state) {
    // The callback's arguments are the callee's business: its guards on them are open, so it counts as assumed.
    const std::vector<SleepEntry> &entries = summaries[callback].sleeps;
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      SleepEntry entry = entries[i];
      if (entry.contract == noId)
        continue;
      bool hasOpenGuard = std::any_of(entry.guard.begin(), entry.guard.end(),
                                      [](const auto &literal) { return literal.first.kind == ValueKind::Parameter; });
      Delta delta = state.delta + entry.delta;
      Confidence confidence = hasOpenGuard ? Confidence::Medium : Confidence::High;
      entry.guard = guardOf(state, summaries.terms);
      entry.confidence = std::min(entry.confidence, confidence);
      entry.doubts |= state.doubts;
      if ((entry.doubts & doubtLastReference) && givesUpReference(body, index))
        entry.doubts &= static_cast<Doubts>(~doubtLastReference);
      addEntry(std::move(entry), delta, index, callback, i);
    }
  }

  void addParameterCallsOf(std::uint32_t index, FunctionId callee, const State &state) {
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    std::vector<ParameterCall> calls = summaries[callee].parameterCalls;
    for (const ParameterCall &call : calls) {
      if (call.parameter >= arguments.size())
        continue;
      Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state);
      if (argument.term.kind == ValueKind::Parameter)
        addParameterCall(
            {argument.term.index, state.delta + call.delta, guardOf(state, summaries.terms), index, callee,
             static_cast<Doubts>(state.doubts | call.doubts)});
    }
  }

  void addParameterCall(ParameterCall call) {
    for (const ParameterCall &other : summary.parameterCalls)
      if (other.parameter == call.parameter && other.delta == call.delta)
        return;
    if (summary.parameterCalls.size() < mostParameterCalls)
      summary.parameterCalls.push_back(std::move(call));
  }

  void ask(const Term &term) {
    constexpr std::uint32_t mostParameters = 32;
    if (term.kind == ValueKind::Parameter && term.index < mostParameters)
      summary.askedParameters |= 1u << term.index;
  }

  /// A parameter of ours that decides in the callee.
  void passOn(std::uint32_t asked, llvm::ArrayRef<Operand> arguments, const State &state) {
    for (; asked != 0; asked &= asked - 1)
      if (unsigned i = static_cast<unsigned>(llvm::countr_zero(asked)); i < arguments.size())
        ask(evaluator.resolve(evaluator.expressionOf(arguments[i]), state).term);
  }

  void addSleep(SleepEntry entry) {
    for (const auto &literal : entry.guard)
      ask(literal.first);
    if (entry.isLocked && entry.guard.empty()) {
      summary.sleepsUnderOwnLock = true;
      return;
    }
    if (entry.isLocked)
      summary.sleepsUnderOwnLock = true; // its guard may be decided by what callers cannot see: let contexts look
    for (int attempt = 0; attempt < 2; ++attempt) {
      for (SleepEntry &other : summary.sleeps) {
        if (other.kind != entry.kind || other.delta != entry.delta || other.isLocked != entry.isLocked ||
            other.isForbidden != entry.isForbidden)
          continue;
        if (other.guard == entry.guard) {
          FieldFacts both; // what holds whichever way it came to be
          std::set_intersection(other.fields.begin(), other.fields.end(), entry.fields.begin(), entry.fields.end(),
                                std::back_inserter(both));
          other.fields = both;
          entry.fields = std::move(both);
          if (std::make_tuple(certaintyOf(other), -other.avoidableCalls, -other.depth) <
              std::make_tuple(certaintyOf(entry), -entry.avoidableCalls, -entry.depth))
            other = std::move(entry);
          return;
        }
        if (certaintyOf(other) >= certaintyOf(entry) && implies(entry.guard, other.guard))
          return;
      }
      if (summary.sleeps.size() < mostEntries) {
        summary.sleeps.push_back(std::move(entry));
        return;
      }
      entry.guard.clear(); // too many cases: may sleep whatever the parameters
      entry.confidence = std::min(entry.confidence, Confidence::Medium);
    }
    if (summary.sleeps.size() < mostEntries + 4)
      summary.sleeps.push_back(std::move(entry));
  }

  void addOutcomes(const BodyEvent &event, llvm::ArrayRef<CallTarget> targets, const State &state,
                   llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    callOutcomes(program, summaries, evaluator, body, event, targets, state, outcomes);
  }

  void onReturn(const State &state) {
    ExitEntry exit;
    exit.guard = guardOf(state, summaries.terms);
    exit.delta = state.delta;
    if (const Binding *binding = state.find(returnTerm)) {
      exit.resultKnowledge = binding->knowledge;
      if (binding->alias.isKnown() &&
          (binding->alias.term.kind == ValueKind::Constant || isOpenToCallers(binding->alias.term, summaries.terms)))
        exit.result = binding->alias;
    }
    for (ExitEntry &other : exits)
      if (other.delta == exit.delta && other.resultKnowledge == exit.resultKnowledge && other.result == exit.result) {
        other.guard = common(other.guard, exit.guard);
        return;
      }
    if (exits.size() < 64)
      exits.push_back(std::move(exit));
  }

  /// Exits with one lock state in common need no telling apart; others are kept by whether they return 0.
  void mergeExits() {
    bool hasOneDelta = std::all_of(exits.begin(), exits.end(),
                                   [&](const ExitEntry &exit) { return exit.delta == exits.front().delta; });
    auto classOf = [&](const ExitEntry &exit) {
      if (hasOneDelta)
        return 0;
      return exit.resultKnowledge.isZero() ? 1 : exit.resultKnowledge.isNonZero || exit.resultKnowledge.ones ? 2 : 3;
    };
    for (ExitEntry &exit : exits) {
      ExitEntry *same = nullptr;
      for (ExitEntry &other : summary.exits)
        if (other.delta == exit.delta && classOf(other) == classOf(exit))
          same = &other;
      if (!same) {
        if (summary.exits.size() < mostExits)
          summary.exits.push_back(std::move(exit));
        continue;
      }
      same->guard = common(same->guard, exit.guard);
      same->resultKnowledge = same->resultKnowledge | exit.resultKnowledge;
      if (same->result != exit.result)
        same->result = {};
    }
    if (hasOneDelta)
      for (ExitEntry &exit : summary.exits)
        exit.guard.clear();
    dropUnreleased();
    dropUnbelievable();
  }

  /// Lock effects that add up in a loop, and different ones that no caller can tell apart, are what paths look like
  /// that the analysis could not follow (deep in the allocator, the scheduler); assume that the function gives back
  /// what it takes. Errs towards silence; where it may release its caller's lock, towards noise of medium confidence.
  void dropUnbelievable() {
    constexpr int mostNested = 2;
    auto isDeep = [](const ExitEntry &exit) {
      auto deep = [](std::int8_t count) { return count > mostNested || count < -mostNested; };
      return deep(exit.delta.preempt) || deep(exit.delta.bottomHalf) || deep(exit.delta.irq) || deep(exit.delta.rcu);
    };
    bool isBelieved = std::none_of(summary.exits.begin(), summary.exits.end(), isDeep);
    for (std::size_t i = 0; i < summary.exits.size() && isBelieved; ++i)
      for (std::size_t j = i + 1; j < summary.exits.size() && isBelieved; ++j)
        isBelieved =
            summary.exits[i].delta == summary.exits[j].delta || areDistinct(summary.exits[i], summary.exits[j]);
    if (isBelieved)
      return;
    ExitEntry merged = summary.exits.front();
    merged.guard.clear();
    merged.delta = {};
    if (llvm::any_of(summary.exits, [](const ExitEntry &exit) { return releases(exit.delta); }))
      merged.doubts |= doubtUnclearRelease;
    for (const ExitEntry &exit : summary.exits) {
      merged.resultKnowledge = merged.resultKnowledge | exit.resultKnowledge;
      if (exit.result != merged.result)
        merged.result = {};
    }
    summary.exits = {merged};
  }

  /// Gives up something that was taken outside.
  static bool releases(const Delta &delta) {
    return delta.preempt < 0 || delta.bottomHalf < 0 || delta.irq < 0 || delta.rcu < 0;
  }

  static bool areDistinct(const ExitEntry &a, const ExitEntry &b) {
    if (a.resultKnowledge.contradicts(b.resultKnowledge))
      return true;
    for (const auto &[term, knowledge] : a.guard)
      for (const auto &[otherTerm, other] : b.guard)
        if (term == otherTerm && knowledge.contradicts(other))
          return true;
    return false;
  }

  /// `if (p->lock) unlock(p->lock)`: where only a condition that no caller can see decides whether something taken
  /// outside is released, assume that it is. Errs towards silence.
  void dropUnreleased() {
    for (std::size_t i = 0; i < summary.exits.size();) {
      bool isAssumedReleased = false;
      for (ExitEntry &other : summary.exits)
        if (summary.exits[i].delta.isZero() && releases(other.delta) && isSameForCallers(other, summary.exits[i])) {
          isAssumedReleased = true;
          std::erase_if(other.guard, [](const auto &literal) { return literal.first.kind == ValueKind::Load; });
        }
      if (isAssumedReleased)
        summary.exits.erase(summary.exits.begin() + static_cast<std::ptrdiff_t>(i));
      else
        ++i;
    }
  }

  static bool isSameForCallers(const ExitEntry &a, const ExitEntry &b) {
    if (a.resultKnowledge.contradicts(b.resultKnowledge))
      return false;
    for (const auto &[term, knowledge] : a.guard)
      for (const auto &[otherTerm, other] : b.guard)
        if (term == otherTerm && term.kind != ValueKind::Load && knowledge.contradicts(other))
          return false;
    return true;
  }

  Summaries &summaries;
  const Program &program;
  const CallResolver &resolver;
  FunctionId id;
  const Body &body;
  BodyOutline outline;
  NoOracle oracle;
  Evaluator evaluator;
  Summary summary;
  std::vector<ExitEntry> exits;
};

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

bool isSame(const Summary &a, const Summary &b) {
  return a.sleeps.size() == b.sleeps.size() && a.exits.size() == b.exits.size() &&
         a.parameterCalls.size() == b.parameterCalls.size() && a.sleepsUnderOwnLock == b.sleepsUnderOwnLock && a.askedParameters == b.askedParameters &&
         std::equal(a.exits.begin(), a.exits.end(), b.exits.begin(),
                    [](const ExitEntry &x, const ExitEntry &y) { return x.delta == y.delta && x.guard == y.guard; });
}

} // namespace

FieldFacts fieldFactsOf(const State &state, const TermTable &terms) {
  FieldFacts facts;
  for (const Binding &binding : state.bindings)
    if (binding.term.kind == ValueKind::Load && !binding.knowledge.isEmpty())
      if (const PathTerm &path = terms[binding.term.index]; !path.fields.empty() && !path.isOld)
        facts.emplace_back(path.fields.back(), binding.knowledge);
  std::sort(facts.begin(), facts.end());
  FieldFacts single;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    bool isAgain = (i > 0 && facts[i - 1].first == facts[i].first) ||
                   (i + 1 < facts.size() && facts[i + 1].first == facts[i].first);
    if (!isAgain)
      single.push_back(facts[i]);
  }
  return single;
}

FieldFacts joined(const FieldFacts &outer, const FieldFacts &inner, bool &contradicts) {
  FieldFacts result = inner;
  for (const auto &[field, known] : outer) {
    auto same = std::find_if(inner.begin(), inner.end(), [&](const auto &fact) { return fact.first == field; });
    if (same == inner.end())
      result.emplace_back(field, known);
    else
      contradicts = contradicts || known.contradicts(same->second);
  }
  constexpr std::size_t most = 12;
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
  return std::any_of(exits.begin(), exits.end(), [](const ExitEntry &exit) { return !exit.delta.isZero() || exit.doubts != noDoubt; });
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

namespace {

void addAskedFields(const Guard &guard, const TermTable &terms, std::vector<FieldKey> &asked) {
  for (const auto &[term, knowledge] : guard)
    if (term.kind == ValueKind::Load && !terms[term.index].fields.empty())
      asked.push_back(terms[term.index].fields.back());
}

void addUseOfTarget(const Program &program, const Summaries &summaries, FunctionId id, EventUse &use,
                    std::vector<FieldKey> &asked) {
  const Function &function = program.functions[id];
  const Summary &summary = summaries[id];
  for (std::uint32_t i = 0; i < function.callbackCount; ++i)
    use.matters = use.matters || program.rules->callbacks[function.firstCallback + i].inCallerContext;
  use.matters = use.matters || function.isNoReturn || !summary.parameterCalls.empty();
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
    use.matters = use.matters || summary.exits.empty();
    for (const SleepEntry &entry : summary.sleeps)
      if (entry.contract != noId) {
        use.matters = true;
        addAskedFields(entry.guard, summaries.terms, asked);
        for (const auto &[field, known] : entry.fields)
          asked.push_back(field);
      }
    for (const ExitEntry &exit : summary.exits) {
      if (!exit.delta.isZero() || exit.doubts != noDoubt)
        use.matters = use.hasLockEffect = true;
      use.definesResult = use.definesResult || exit.result.isKnown() || !exit.resultKnowledge.isEmpty();
      addAskedFields(exit.guard, summaries.terms, asked);
    }
  }
}

} // namespace

EventUse useOf(const Program &program, const CallResolver &resolver, const Summaries &summaries, FunctionId caller,
               std::uint32_t index, std::size_t mostTargets, std::vector<FieldKey> &asked) {
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
  std::vector<FieldKey> asked;
  bool isSorted = false;
  return BodyOutline(
      *program.bodyOf(function),
      [&](std::uint32_t event) { return useOf(program, resolver, summaries, function, event, mostTargets, asked); },
      [&](FieldKey field) {
        if (!isSorted)
          std::sort(asked.begin(), asked.end());
        isSorted = true;
        return std::binary_search(asked.begin(), asked.end(), field);
      });
}

namespace {

void iterate(Summaries &summaries, const CallResolver &resolver, const Component &component) {
  for (unsigned round = 0; round < mostRounds; ++round) {
    bool changed = false;
    for (FunctionId id : component.functions) {
      if (!summaries.program.bodyOf(id))
        continue;
      Summary next = FunctionSummarizer(summaries, resolver, id).run();
      changed = changed || !isSame(next, summaries.summaries[id]);
      summaries.summaries[id] = std::move(next);
    }
    if (!changed)
      break;
  }
}

/// Functions of one level don't call each other, but in recursive groups. What is found is put in place when all are
/// done, so that it does not matter who is first.
void summarizeLevel(Summaries &summaries, const CallResolver &resolver, llvm::ArrayRef<Component> components,
                    unsigned jobs) {
  std::vector<FunctionId> single;
  for (const Component &component : components)
    if (!component.isRecursive && summaries.program.bodyOf(component.functions.front()))
      single.push_back(component.functions.front());
  std::vector<Summary> found(single.size());
  parallelFor(jobs, single.size(),
              [&](std::size_t i) { found[i] = FunctionSummarizer(summaries, resolver, single[i]).run(); });
  for (std::size_t i = 0; i < single.size(); ++i)
    summaries.summaries[single[i]] = std::move(found[i]);
  for (const Component &component : components)
    if (component.isRecursive)
      iterate(summaries, resolver, component);
}

} // namespace

Summaries summarize(const Program &program, const CallResolver &resolver, unsigned jobs) {
  Summaries summaries(program);
  summaries.summaries.resize(program.functions.size());
  if (program.learned) {
    LearnedReader reader(program, summaries.terms);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (std::uint32_t learned = program.functions[id].learned; learned != noId)
        summaries.summaries[id] = reader.read(program.learned->functions[learned]);
  }
  std::vector<Component> components = componentsBottomUp(program, resolver);
  std::stable_sort(components.begin(), components.end(),
                   [](const Component &a, const Component &b) { return a.level < b.level; });
  for (std::size_t first = 0; first < components.size();) {
    std::size_t end = first;
    while (end < components.size() && components[end].level == components[first].level)
      ++end;
    summarizeLevel(summaries, resolver, llvm::ArrayRef(components).slice(first, end - first), jobs);
    first = end;
  }
  return summaries;
}

} // namespace bhlint
