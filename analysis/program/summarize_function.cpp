#include "analysis/program/summarize_function.h"
#include "analysis/program/call_outcomes.h"
#include "analysis/program/callers.h"
#include "analysis/program/event_use.h"
#include "analysis/program/reference.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostEntries = 12, mostExits = 6, mostParameterCalls = 6;
constexpr std::uint16_t deepest = 60000;

class NoOracle : public TestOracle {
public:
  std::optional<bool> answer(std::uint32_t, const State &) const override { return std::nullopt; }
};

/// What must hold at entry for the path that led to `state`; `constants` hold anyway.
Guard guardOf(const State &state, TermTable &terms, llvm::ArrayRef<ParameterConstant> constants) {
  auto isConstant = [&](const Term &term) {
    return term.kind == ValueKind::Parameter &&
           llvm::any_of(constants, [&](const ParameterConstant &known) { return known.parameter == term.index; });
  };
  Guard guard;
  bool hasOld = false;
  for (const Binding &binding : state.bindings)
    if (!binding.knowledge.isEmpty() && isOpenToCallers(binding.term, terms) && !isConstant(binding.term)) {
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

/// Guard and fields are to be told anew, and copies of them cost more than all the rest.
SleepEntry withoutConditions(const SleepEntry &entry) {
  SleepEntry result;
  result.delta = entry.delta;
  result.kind = entry.kind;
  result.confidence = entry.confidence;
  result.isForbidden = entry.isForbidden;
  result.isLocked = entry.isLocked;
  result.event = entry.event;
  result.callee = entry.callee;
  result.calleeEntry = entry.calleeEntry;
  result.contract = entry.contract;
  result.doubts = entry.doubts;
  result.depth = entry.depth;
  result.avoidableCalls = entry.avoidableCalls;
  return result;
}

class FunctionSummarizer {
public:
  FunctionSummarizer(const Summaries &summaries, const CallResolver &resolver, FunctionId id)
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
    State entry;
    bindConstants(program, id, entry);
    exploration.run(
        std::move(entry),
        [&](std::uint32_t event, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
          onCall(event, state, outcomes);
        },
        [&](const State &state) { onReturn(state); });
    mergeExits();
    askForCompared();
    summary.isComputed = true;
    return std::move(summary);
  }

private:
  Guard guardOf(const State &state) const { return bhlint::guardOf(state, summaries.terms, constants); }

  void onCall(std::uint32_t index, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    const BodyEvent &event = body.events[index];
    if (event.kind == EventKind::Macro) {
      if (auto found = program.macros.find(event.macro); found != program.macros.end())
        onMacro(index, found->second, state, outcomes);
      return;
    }
    llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(id, index, evaluator, state);
    if (event.call == facts::CallKind::Value && event.value.valueKind() == ValueKind::Parameter)
      addParameterCall({event.value.index, state.delta, guardOf(state), index, noId, state.doubts});
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
    entry.guard = guardOf(state);
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

  /// What must hold at entry for the path that led to `state` and goes on with what is `open`; nullopt: nothing can.
  std::optional<Guard> guardWith(const State &state, llvm::ArrayRef<std::pair<Expression, Knowledge>> open) {
    if (open.empty())
      return guardOf(state);
    State at = state;
    for (const auto &[expression, knowledge] : open)
      if (!evaluator.assume(expression, knowledge, at))
        return std::nullopt;
    return guardOf(at);
  }

  void addEntriesOf(std::uint32_t index, FunctionId callee, Confidence confidence, const State &state) {
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    passOn(summaries[callee].askedParameters, arguments, state);
    const std::vector<SleepEntry> &entries = summaries[callee].sleeps;
    if (entries.empty())
      return;
    const FieldFacts fields = fieldFactsOf(state, summaries.terms);
    std::vector<std::pair<Expression, Knowledge>> open;
    for (std::uint32_t i = 0; i < entries.size(); ++i) {
      if (entries[i].contract == noId)
        continue; // learned, and not to be told: see LearnedReader
      bool isAssumed = false;
      open.clear();
      if (!translateGuard(entries[i].guard, arguments, evaluator, state, open, isAssumed))
        continue;
      if (program.functions[callee].learned != noId && isIdleCondition(open, isAssumed))
        continue;
      std::optional<Guard> guard = guardWith(state, open);
      if (!guard)
        continue;
      SleepEntry entry = withoutConditions(entries[i]);
      Delta delta = state.delta + entry.delta;
      entry.confidence = std::min({entry.confidence, confidence, isAssumed ? Confidence::Low : Confidence::High});
      entry.guard = std::move(*guard);
      bool contradicts = false;
      entry.fields = joined(fields, entries[i].fields, contradicts);
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
      entry.guard = guardOf(state);
      entry.confidence = std::min(entry.confidence, confidence);
      entry.doubts |= state.doubts;
      if ((entry.doubts & doubtLastReference) && givesUpReference(body, index))
        entry.doubts &= static_cast<Doubts>(~doubtLastReference);
      addEntry(std::move(entry), delta, index, callback, i);
    }
  }

  void addParameterCallsOf(std::uint32_t index, FunctionId callee, const State &state) {
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(body.events[index]);
    for (const ParameterCall &call : summaries[callee].parameterCalls) {
      if (call.parameter >= arguments.size())
        continue;
      Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state);
      if (argument.term.kind == ValueKind::Parameter)
        addParameterCall({argument.term.index, state.delta + call.delta, guardOf(state), index, callee,
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

  /// That a parameter is another value than 3 is not in a guard: Knowledge can't say it. A caller that passes 3 can.
  void askForCompared() {
    for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
      if (outline.skipTo(block) == noId)
        for (const BodyEdge &edge : body.blocks[block].edges)
          for (const EdgeGuard &guard : edge.guards)
            if (guard.relation == facts::Relation::NotEqual && !guard.value.isNegated &&
                guard.value.valueKind() == ValueKind::Parameter)
              ask({ValueKind::Parameter, guard.value.index});
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
    exit.guard = guardOf(state);
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

  const Summaries &summaries;
  const Program &program;
  const CallResolver &resolver;
  FunctionId id;
  const Body &body;
  BodyOutline outline;
  NoOracle oracle;
  Evaluator evaluator;
  const llvm::ArrayRef<ParameterConstant> constants = constantsOf(program, id);
  Summary summary;
  std::vector<ExitEntry> exits;
};

} // namespace

Summary summaryOf(const Summaries &summaries, const CallResolver &resolver, FunctionId function) {
  Summary summary = FunctionSummarizer(summaries, resolver, function).run();
  noteUse(summary, summaries.terms);
  return summary;
}

} // namespace bhlint
