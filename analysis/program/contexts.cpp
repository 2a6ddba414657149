#include "analysis/program/contexts.h"
#include "analysis/program/parallel.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostContextsPerFunction = 48;
constexpr std::size_t mostBroadTargets = 8; ///< an indirect call with more targets is followed with low confidence

constexpr std::uint16_t bit(Context context) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(context));
}

/// BhOff and the like are not where code runs but what holds there: they can be combined with a process.
bool isStateOnly(Context context) {
  return context == Context::IrqsOff || context == Context::BhOff || context == Context::RcuRead ||
         context == Context::Atomic;
}

class NodeOracle : public TestOracle {
public:
  NodeOracle(const Program &program, const ContextNode &node) : program(program), node(node) {}
  std::optional<bool> answer(std::uint32_t test, const State &state) const override {
    const ContextTest &contract = program.rules->tests[test];
    std::uint16_t mask = contextMask(state.delta);
    if (node.isAmbientKnown)
      mask |= bit(node.ambient);
    std::uint16_t whenTrue = 0, whenFalse = 0;
    for (Context context : contract.trueIn)
      whenTrue |= bit(context);
    for (Context context : contract.falseIn)
      whenFalse |= bit(context);
    if (mask & whenTrue)
      return true;
    // States that the test does not ask about do not matter; where the code runs must be among those that it denies.
    if (node.isAmbientKnown && (whenFalse & bit(node.ambient)))
      return false;
    return std::nullopt;
  }

private:
  const Program &program;
  const ContextNode &node;
};

/// The fields that contracts say when and how they are called: what is stored there is a root of its own.
using FieldSet = std::set<FieldKey>;

bool isContracted(const FieldSet &contractedFields, const Body &body, const BodyEvent &event) {
  if (event.call != CallKind::Field)
    return false;
  const Path &path = body.paths[event.index];
  return !path.fields.empty() && contractedFields.count(path.fields.back());
}

/// One node's function, explored in its context: what is called from there in a state that matters, and what sleeps.
/// Reads the map and changes nothing, so nodes are visited in parallel.
class NodeVisit {
public:
  NodeVisit(const Program &program, const CallResolver &resolver, const Summaries &summaries, const ContextMap &map,
            const FieldSet &contractedFields, std::uint32_t id)
      : program(program), rules(*program.rules), resolver(resolver), summaries(summaries), terms(summaries.terms),
        map(map), contractedFields(contractedFields), id(id), node(map.nodes[id]) {}

  void run() {
    const Body *body = program.bodyOf(node.function);
    if (!body)
      return;
    BodyOutline outline = outlineOf(program, resolver, summaries, node.function, CallResolver::mostTargets);
    if (outline.isTrivial())
      return;
    NodeOracle oracle(program, node);
    Evaluator evaluator(program, *body, terms, oracle);
    Exploration exploration(program, *body, outline, evaluator);
    State entry;
    entry.delta = node.held;
    entry.bindings = node.bindings;
    exploration.run(
        entry,
        [&](std::uint32_t event, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
          reachedHow[event] |= state.delta.isAtomic() ? 1 : 2;
          onCall(id, node, *body, evaluator, event, state, outcomes);
        },
        [](const State &) {});
    // Whether a lock is optional is known only when every path has been seen.
    auto isOptional = [&](bool isHeldHere, std::uint32_t event) {
      return isHeldHere ? reachedHow.lookup(event) == 3 : node.isLockOptional;
    };
    for (ContextNode &next : pendingNodes) {
      bool isHeldHere = next.heldBy == id;
      next.avoidableCalls = static_cast<std::uint16_t>(
          isHeldHere && node.heldBy != id ? 0 : node.avoidableCalls + outline.isAvoidable(next.event));
      next.isLockOptional = next.heldBy != noId && isOptional(isHeldHere, next.event);
      next.isConditional = next.isLockOptional && // of interest only together
                           (next.isConditional || (!isHeldHere && outline.isAvoidable(next.event)));
    }
    for (PendingSite &pending : pendingSites) {
      SleepSite &site = pending.site;
      site.foreignCalls = site.entry == noId ? 0 : summaries[site.callee].sleeps[site.entry].avoidableCalls;
      site.avoidableCalls = static_cast<std::uint16_t>(
          (site.heldBy == id ? 0 : node.avoidableCalls + outline.isAvoidable(site.event)) + site.foreignCalls);
      // Within one function paths are told apart.
      site.isLockOptional = site.heldBy != noId && site.heldBy != id && isOptional(false, site.event) &&
                            (pending.isConditional || outline.isAvoidable(site.event));
      if (site.isLockOptional)
        site.confidence = std::min(site.confidence, Confidence::Medium);
      if (site.avoidableCalls > mostAvoidableCalls || site.foreignCalls > mostForeignCalls)
        site.confidence = std::min(site.confidence, Confidence::Medium);
    }
  }

  struct PendingSite {
    SleepSite site;
    bool isConditional = false; ///< reached only if something that was tested under the lock holds
  };
  std::vector<ContextNode> pendingNodes;
  std::vector<PendingSite> pendingSites;

private:
  static bool isAtomic(const ContextNode &node, const Delta &held) {
    return held.isAtomic() || (!maySleep(node.ambient) && !isStateOnly(node.ambient));
  }

  /// Whether a value that `wanted` accepts was tested since the lock was taken, or since the entry where it is a
  /// caller's.
  bool isTestedSince(const State &state, llvm::function_ref<bool(const Binding &)> wanted) const {
    const std::vector<Binding> &before = state.acquiredWith ? *state.acquiredWith : node.bindings;
    return std::any_of(state.bindings.begin(), state.bindings.end(), [&](const Binding &binding) {
      return !binding.knowledge.isEmpty() && wanted(binding) &&
             std::none_of(before.begin(), before.end(), [&](const Binding &known) {
               return known.term == binding.term && known.knowledge.implies(binding.knowledge);
             });
    });
  }

  bool isConditionalIn(const ContextNode &node, const State &state) const {
    return (!state.acquiredWith && node.isConditional) || isTestedSince(state, [](const Binding &binding) {
             return binding.term.kind == ValueKind::Load || binding.term.kind == ValueKind::Parameter;
           });
  }

  /// Who set a bit in an object, or a field that says in which context the object is used, is rarely in sight.
  bool isFlagDecided(const State &state) const {
    return isTestedSince(state, [&](const Binding &binding) {
      if (binding.term.kind != ValueKind::Load || terms[binding.term.index].fields.empty())
        return false;
      const Knowledge &known = binding.knowledge;
      bool isBit = !known.isExact() && (known.ones != 0 || known.zeros != 0);
      llvm::StringRef field = program.text(terms[binding.term.index].fields.back().field);
      return isBit || llvm::any_of(rules.calibration.contextFields,
                                   [&](const std::string &part) { return field.contains(part); });
    });
  }

  bool isCore(NameId file) const {
    return llvm::any_of(rules.calibration.coreFolders, [&](const std::string &folder) {
      llvm::StringRef path = program.text(file);
      return path.consume_front(folder) && path.starts_with("/");
    });
  }

  void onCall(std::uint32_t id, const ContextNode &node, const Body &body, const Evaluator &evaluator,
              std::uint32_t index, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    const BodyEvent &event = body.events[index];
    if (event.kind == EventKind::Macro) {
      onMacro(id, node, index, event, state, outcomes);
    } else {
      llvm::SmallVector<CallTarget, 2> targets = targetsOf(node, evaluator, index, state);
      bool allSleep = summaries.allSleep(targets) || areOfOneObject(targets);
      if (!isContracted(contractedFields, body, event))
        for (const CallTarget &target : targets)
          onTarget(id, node, body, evaluator, index, target, targets.size(), allSleep, state);
      if (targets.size() <= mostBroadTargets && !targets.empty())
        callOutcomes(program, summaries, evaluator, body, event, targets, state, outcomes);
    }
    for (CallOutcome &outcome : outcomes) {
      outcome.delta = floorAtZero(state.delta + outcome.delta);
      outcome.isAbsolute = true;
    }
  }

  llvm::SmallVector<CallTarget, 2> targetsOf(const ContextNode &node, const Evaluator &evaluator, std::uint32_t index,
                                             const State &state) const {
    return resolver.targetsOf(node.function, index, evaluator, state);
  }

  /// An array of functions or of tables: code that walks it calls every one.
  static bool areOfOneObject(llvm::ArrayRef<CallTarget> targets) {
    return std::all_of(targets.begin(), targets.end(), [&](const CallTarget &target) {
      return target.object != noId && target.object == targets.front().object;
    });
  }

  void onMacro(std::uint32_t id, const ContextNode &node, std::uint32_t index, const BodyEvent &event,
               const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
    auto found = program.macros.find(event.macro);
    if (found == program.macros.end())
      return;
    const MacroContract &contract = found->second;
    if (contract.sleep != noId) {
      const SleepContract &sleep = rules.sleeps[contract.sleep];
      bool isForbidden = sleep.when == SleepWhen::Never && isForbiddenIn(sleep, node, state.delta);
      if ((sleep.when == SleepWhen::Always && isAtomic(node, state.delta) && sleepsWith(sleep.kind, state.delta)) ||
          isForbidden)
        addSite(id, node, index, noId, contract.sleep, noId, sleep.kind, state, node.confidence, isForbidden, false);
    } else if (contract.effect != noId && rules.effects[contract.effect].when == EffectWhen::Always) {
      contractOutcomes(rules.effects[contract.effect], outcomes);
    }
  }

  bool isForbiddenIn(const SleepContract &contract, const ContextNode &node, const Delta &held) const {
    return isForbidden(contract, node.ambient, held);
  }

  void onTarget(std::uint32_t id, const ContextNode &node, const Body &body, const Evaluator &evaluator,
                std::uint32_t index, const CallTarget &target, std::size_t targetCount, bool allSleep,
                const State &state) {
    const BodyEvent &event = body.events[index];
    const Function &function = program.functions[target.function];
    Confidence confidence = std::min(node.confidence, target.confidence);
    if (event.call == CallKind::Field && targetCount > mostBroadTargets)
      confidence = Confidence::Low;
    else if (event.call == CallKind::Field && targetCount > 1 && !allSleep)
      confidence = std::min(confidence, Confidence::Medium);
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
    if (function.sleep != noId)
      onContract(id, node, index, target.function, arguments, evaluator, state, confidence);
    else if (function.effect == noId && function.test == noId)
      onBody(id, node, body, evaluator, index, target.function, state, confidence,
             event.call == CallKind::Field ? Hop::Indirect : Hop::Call);
    for (auto [position, delta] : synchronousCallbacks(target.function)) {
      if (position >= arguments.size())
        continue;
      Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[position]), state);
      if (argument.term.kind != ValueKind::Function)
        continue;
      // A callee with a body in this module is entered with the callback bound; here only what cannot be entered.
      if (program.bodyOf(target.function) && isSameModule(node.function, target.function))
        continue;
      State at = state;
      at.delta = floorAtZero(state.delta + delta);
      onBody(id, node, body, evaluator, index, argument.term.index, at, confidence, Hop::Callback);
    }
  }

  std::vector<std::pair<std::uint32_t, Delta>> synchronousCallbacks(FunctionId callee) const {
    std::vector<std::pair<std::uint32_t, Delta>> result;
    for (const ParameterCall &call : summaries[callee].parameterCalls)
      result.emplace_back(call.parameter, call.delta);
    const Function &function = program.functions[callee];
    for (std::uint32_t i = 0; i < function.callbackCount; ++i)
      if (rules.callbacks[function.firstCallback + i].inCallerContext)
        result.emplace_back(rules.callbacks[function.firstCallback + i].argument, Delta{});
    return result;
  }

  void onContract(std::uint32_t id, const ContextNode &node, std::uint32_t index, FunctionId callee,
                  llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator, const State &state,
                  Confidence confidence) {
    std::uint32_t contractId = program.functions[callee].sleep;
    const SleepContract &contract = rules.sleeps[contractId];
    if (!program.holdsIn(contract, program.functions[node.function].module))
      return;
    if (contract.when == SleepWhen::Never && isForbiddenIn(contract, node, state.delta)) {
      addSite(id, node, index, callee, contractId, noId, contract.kind, state, confidence, true, false);
      return;
    }
    SleepCondition condition = sleepCondition(program, contract, arguments, evaluator, state);
    if (!condition.isPossible || !isAtomic(node, state.delta) || !sleepsWith(contract.kind, state.delta))
      return;
    confidence = std::min(confidence, contract.provenance.confidence);
    addSite(id, node, index, callee, contractId, noId, contract.kind, state,
            condition.isUndecided ? Confidence::Low : confidence, false, condition.isUndecided);
  }

  /// A header's function is told with its caller: the place to blame is there, once for each caller.
  bool isSameModule(FunctionId a, FunctionId b) const {
    const Function &callee = program.functions[b];
    return !callee.isInHeader && (program.functions[a].isInHeader || program.functions[a].module == callee.module);
  }

  /// Enters the callee when something in it can sleep here; at a module's border the site is the call itself.
  void onBody(std::uint32_t id, const ContextNode &node, const Body &body, const Evaluator &evaluator,
              std::uint32_t index, FunctionId callee, const State &state, Confidence confidence, Hop hop) {
    const BodyEvent &event = body.events[index];
    llvm::ArrayRef<Operand> arguments = hop == Hop::Callback ? llvm::ArrayRef<Operand>() : body.argumentsOf(event);
    const Summary &summary = summaries[callee];
    bool isInside =
        program.bodyOf(callee) && (hop == Hop::Callback || hop == Hop::Indirect || isSameModule(node.function, callee));
    bool mayMatter = false;
    for (std::uint32_t i = 0; i < summary.sleeps.size(); ++i) {
      const SleepEntry &entry = summary.sleeps[i];
      if (entry.contract == noId)
        continue; // learned, and not to be told: see LearnedReader
      Delta held = floorAtZero(state.delta + entry.delta);
      bool isBug = entry.isForbidden ? isForbiddenIn(rules.sleeps[entry.contract], node, held)
                                     : isAtomic(node, held) && sleepsWith(entry.kind, held);
      if (!isBug && !entry.isLocked)
        continue;
      bool isAssumed = false;
      std::vector<std::pair<Expression, Knowledge>> open;
      if (!translateGuard(entry.guard, arguments, evaluator, state, open, isAssumed))
        continue;
      bool isUndecided = false, isFlagAssumed = false;
      for (const auto &[expression, knowledge] : open) {
        if (auto test = expression.term.kind; test == ValueKind::ContextTest)
          continue;
        isFlagAssumed = isFlagAssumed || (expression.term.kind == ValueKind::Load && !knowledge.isExact() &&
                                          (knowledge.ones != 0 || knowledge.zeros != 0));
        // A flag in an object may well be set; a parameter that decides is the caller's business.
        isUndecided =
            isUndecided || (expression.term.kind != ValueKind::Load && (knowledge.ones != 0 || knowledge.zeros != 0));
      }
      // Of learned entries only those that the caller is to blame for: it must be atomic itself.
      if (program.functions[callee].learned != noId &&
          (!isAtomic(node, state.delta) || isIdleCondition(open, isAssumed || isUndecided)))
        continue;
      mayMatter = true;
      if (isInside || entry.isLocked)
        break;
      State at = state;
      for (const auto &[expression, knowledge] : open)
        evaluator.assume(expression, knowledge, at);
      wantedFields = &entry.fields;
      addSite(id, node, index, callee, noId, i, entry.kind, at,
              std::min({confidence, entry.confidence,
                        isAssumed || isUndecided ? Confidence::Low
                        : isFlagAssumed          ? Confidence::Medium
                                                 : Confidence::High}),
              entry.isForbidden, isAssumed || isUndecided || isFlagAssumed);
      wantedFields = nullptr;
    }
    bool bindsCallback = hop != Hop::Callback && bindsFunction(summary, arguments, evaluator, state);
    if (((!mayMatter || !isInside) && !bindsCallback) || !program.bodyOf(callee))
      return;
    ContextNode next;
    next.function = callee;
    next.ambient = node.ambient;
    next.isAmbientKnown = node.isAmbientKnown;
    next.held = state.delta;
    if (hop != Hop::Callback)
      next.bindings = bindingsFor(summary, arguments, evaluator, state);
    next.parent = id;
    next.event = index;
    next.root = node.root;
    next.heldBy = state.delta.isAtomic() ? (state.acquiredAt != noId ? id : node.heldBy) : noId;
    next.heldAt = state.delta.isAtomic() ? (state.acquiredAt != noId ? state.acquiredAt : node.heldAt) : noId;
    next.hop = hop;
    next.isConditional = isConditionalIn(node, state);
    next.fields = fieldsFor(summary, state);
    next.confidence = confidence;
    next.depth = static_cast<std::uint16_t>(std::min(node.depth + 1, 60000));
    pendingNodes.push_back(std::move(next));
  }

  bool bindsFunction(const Summary &summary, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                     const State &state) const {
    for (const ParameterCall &call : summary.parameterCalls)
      if (call.parameter < arguments.size() &&
          evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state).term.kind == ValueKind::Function)
        return true;
    return false;
  }

  /// What is known here of fields that decide about sleeps in the callee.
  FieldFacts fieldsFor(const Summary &summary, const State &state) const {
    bool contradicts = false;
    FieldFacts known = joined(node.fields, fieldFactsOf(state, terms), contradicts);
    std::erase_if(known, [&](const auto &fact) {
      return llvm::none_of(summary.sleeps, [&](const SleepEntry &entry) {
        return llvm::any_of(entry.fields, [&](const auto &asked) { return asked.first == fact.first; });
      });
    });
    return known;
  }

  /// What the call says about the terms that the callee's guards ask about.
  std::vector<Binding> bindingsFor(const Summary &summary, llvm::ArrayRef<Operand> arguments,
                                   const Evaluator &evaluator, const State &state) const {
    State bound;
    auto bind = [&](Term term) {
      Expression expression = evaluator.translate(term, arguments);
      if (!expression.isKnown() || term.kind == ValueKind::ContextTest)
        return;
      Knowledge known = evaluator.evaluate(expression, state);
      if (!known.isEmpty())
        bound.at(term).knowledge = known;
    };
    for (const SleepEntry &entry : summary.sleeps)
      for (const auto &literal : entry.guard)
        bind(literal.first);
    for (const ExitEntry &exit : summary.exits)
      for (const auto &literal : exit.guard)
        bind(literal.first);
    for (const ParameterCall &call : summary.parameterCalls) {
      if (call.parameter >= arguments.size())
        continue;
      Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state);
      if (argument.term.kind == ValueKind::Function)
        bound.at({ValueKind::Parameter, call.parameter}).alias = argument;
    }
    return bound.bindings;
  }

  /// Whether the path assumes a flag in some object that only other modules ever set: objects of this root's module
  /// then do not have it. What code outside the analysed units sets is not seen, so this lowers confidence only.
  bool needsUnsetFlag(std::uint32_t id, const State &state) const {
    std::uint32_t first = id;
    while (map.nodes[first].parent != noId)
      first = map.nodes[first].parent;
    NameId module = program.functions[map.nodes[first].function].module;
    NameId own = program.functions[map.nodes[id].function].module;
    return std::any_of(state.bindings.begin(), state.bindings.end(), [&](const Binding &binding) {
      if (binding.term.kind != ValueKind::Load || binding.knowledge.ones == 0 || binding.knowledge.isExact())
        return false;
      const PathTerm &path = terms[binding.term.index];
      if (path.fields.empty() || binding.alias.isKnown())
        return false;
      FieldKey field = path.fields.back();
      return !program.maySet(field, binding.knowledge.ones, module) &&
             (module == own || !program.maySet(field, binding.knowledge.ones, own) ||
              isSetElsewhere(field, binding.knowledge.ones, module, own));
    });
  }

  /// Some third module sets it: the flag is how modules differ.
  bool isSetElsewhere(FieldKey field, std::uint64_t bits, NameId module, NameId own) const {
    auto first = std::lower_bound(program.fieldBits.begin(), program.fieldBits.end(), field,
                                  [](const FieldBits &entry, const FieldKey &wanted) { return entry.field < wanted; });
    for (; first != program.fieldBits.end() && first->field == field; ++first)
      if (first->module != module && first->module != own && first->bits != ~0ull && (first->bits & bits) != 0)
        return true;
    return false;
  }

  static std::uint32_t blockOf(const Body &body, std::uint32_t event) {
    for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
      if (event >= body.blocks[block].firstEvent &&
          event < body.blocks[block].firstEvent + body.blocks[block].eventCount)
        return block;
    return noId;
  }

  /// `if (c) spin_lock(); else mutex_lock();` in a loop: they meet only when c changes from one round to the next.
  static bool areArmsOfOneBranch(const Body &body, std::uint32_t a, std::uint32_t b) {
    std::uint32_t first = blockOf(body, a), second = blockOf(body, b);
    if (first == noId || second == noId || first == second)
      return false;
    for (std::uint32_t branch = 0; branch < body.blocks.size(); ++branch) {
      const std::vector<BodyEdge> &edges = body.blocks[branch].edges;
      if (edges.size() == 2 &&
          ((edges[0].to == first && edges[1].to == second) || (edges[0].to == second && edges[1].to == first)))
        return !reaches(body, first, second, branch) && !reaches(body, second, first, branch);
    }
    return false;
  }

  /// Whether `to` can be reached from `from` without going through `around`.
  static bool reaches(const Body &body, std::uint32_t from, std::uint32_t to, std::uint32_t around) {
    std::vector<bool> seen(body.blocks.size(), false);
    std::vector<std::uint32_t> open{from};
    seen[from] = seen[around] = true;
    while (!open.empty()) {
      std::uint32_t block = open.back();
      open.pop_back();
      if (block == to)
        return true;
      for (const BodyEdge &edge : body.blocks[block].edges)
        if (!seen[edge.to]) {
          seen[edge.to] = true;
          open.push_back(edge.to);
        }
    }
    return false;
  }

  /// How certain it is that the event really takes something: that of its contract.
  Confidence lockConfidence(std::uint32_t holder, std::uint32_t event) const {
    if (holder == noId || event == noId)
      return Confidence::High;
    const BodyEvent &acquire = program.bodyOf(map.nodes[holder].function)->events[event];
    std::uint32_t effect = noId;
    if (acquire.kind == EventKind::Macro) {
      if (auto found = program.macros.find(acquire.macro); found != program.macros.end())
        effect = found->second.effect;
    } else if (acquire.call == CallKind::Direct) {
      effect = program.functions[acquire.index].effect;
    }
    return effect == noId ? Confidence::High : rules.effects[effect].provenance.confidence;
  }

  void addSite(std::uint32_t id, const ContextNode &node, std::uint32_t event, FunctionId callee,
               std::uint32_t contract, std::uint32_t entry, SleepKind kind, const State &state, Confidence confidence,
               bool isForbidden, bool isConditionAssumed) {
    if (state.delta.isAtomic() && maySleep(node.ambient)) {
      bool isOwnLock = state.acquiredAt != noId;
      confidence = std::min(confidence,
                            lockConfidence(isOwnLock ? id : node.heldBy, isOwnLock ? state.acquiredAt : node.heldAt));
    }
    bool isFlagUnset = needsUnsetFlag(id, state);
    bool isOwn = state.acquiredAt != noId;
    bool isOtherArm = isOwn && areArmsOfOneBranch(*program.bodyOf(node.function), state.acquiredAt, event);
    if (isFlagUnset || isOtherArm)
      confidence = std::min(confidence, Confidence::Medium);
    SleepSite site;
    site.node = id;
    site.event = event;
    site.callee = callee;
    site.contract = contract;
    site.entry = entry;
    site.kind = kind;
    site.held = state.delta;
    site.isFlagUnset = isFlagUnset;
    site.isOtherArm = isOtherArm;
    site.heldBy = state.delta.isAtomic() ? (isOwn ? id : node.heldBy) : noId;
    site.heldAt = state.delta.isAtomic() ? (isOwn ? state.acquiredAt : node.heldAt) : noId;
    site.confidence = confidence;
    site.isForbidden = isForbidden;
    site.isConditionAssumed = isConditionAssumed;
    // Who takes the lock in the same function sees both.
    site.isFlagDecided = site.heldBy != id && isFlagDecided(state);
    FieldFacts known = joined(node.fields, fieldFactsOf(state, terms), site.isFieldContradicted);
    if (wantedFields)
      joined(known, *wantedFields, site.isFieldContradicted);
    site.isCore = isCore(program.functions[node.function].file);
    if (site.isFlagDecided || site.isCore || site.isFieldContradicted)
      site.confidence = std::min(site.confidence, Confidence::Medium);
    pendingSites.push_back({site, isConditionalIn(node, state)});
  }

  const Program &program;
  const RuleSet &rules;
  const CallResolver &resolver;
  const Summaries &summaries;
  TermTable &terms;
  const ContextMap &map;
  const FieldSet &contractedFields;
  const std::uint32_t id;
  const ContextNode &node;
  const FieldFacts *wantedFields = nullptr;           ///< of the entry at hand
  llvm::DenseMap<std::uint32_t, unsigned> reachedHow; ///< event -> bit 0: atomic, bit 1: not
};

class ContextInference {
public:
  ContextInference(const Program &program, const CallResolver &resolver, const Summaries &summaries, unsigned jobs)
      : program(program), rules(*program.rules), resolver(resolver), summaries(summaries), jobs(jobs) {}

  ContextMap run() {
    map.roots = findRoots(program, resolver);
    indexOps();
    propagateAmbient();
    for (std::uint32_t root = 0; root < map.roots.size(); ++root)
      enqueueRoot(root);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (summaries[id].sleepsUnderOwnLock && (map.ambient[id] & bit(Context::Process)) && !isEarlyBoot(id))
        enqueueLockTaker(id);
    // Certain paths first, so that the first cause kept is one that can be believed.
    for (std::vector<std::uint32_t> batch = takeMostCertain(); !batch.empty(); batch = takeMostCertain())
      visitAll(batch);
    return std::move(map);
  }

private:
  // Where functions can run, locks apart -----------------------------------------------------------------------------

  void indexOps() {
    for (const OpsContract &contract : rules.ops) {
      FieldKey key{program.find(contract.record), program.find(contract.field)};
      if (key.record != noId && key.field != noId)
        contractedFields.insert(key);
    }
    for (const DeferredObject &deferred : rules.deferred) {
      FieldKey key{program.find(deferred.record), program.find(deferred.field)};
      if (key.record != noId && key.field != noId)
        contractedFields.insert(key);
    }
  }

  struct Edge {
    FunctionId callee;
    std::uint32_t event;
  };

  std::vector<Edge> edgesOf(FunctionId id) const {
    std::vector<Edge> edges;
    const Body *body = program.bodyOf(id);
    if (!body)
      return edges;
    for (std::uint32_t e = 0; e < body->events.size(); ++e) {
      const BodyEvent &event = body->events[e];
      if (event.kind != EventKind::Call || isContracted(contractedFields, *body, event))
        continue;
      for (const CallTarget &target : resolver.targetsOf(id, e)) {
        edges.push_back({target.function, e});
        for (FunctionId callback : callbacksOf(*body, event, target.function))
          edges.push_back({callback, e});
      }
    }
    return edges;
  }

  /// Functions passed to a callee that calls them before it returns.
  std::vector<FunctionId> callbacksOf(const Body &body, const BodyEvent &event, FunctionId callee) const {
    std::vector<FunctionId> result;
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
    auto add = [&](std::uint32_t argument) {
      if (argument < arguments.size() && arguments[argument].valueKind() == ValueKind::Function)
        result.push_back(arguments[argument].index);
    };
    for (const ParameterCall &call : summaries[callee].parameterCalls)
      add(call.parameter);
    const Function &function = program.functions[callee];
    for (std::uint32_t i = 0; i < function.callbackCount; ++i)
      if (rules.callbacks[function.firstCallback + i].inCallerContext)
        add(rules.callbacks[function.firstCallback + i].argument);
    return result;
  }

  void propagateAmbient() {
    std::size_t count = program.functions.size();
    map.ambient.assign(count, 0);
    map.reach.resize(count);
    std::vector<std::vector<Edge>> edges(count);
    std::vector<bool> isCalled(count, false), isRoot(count, false);
    for (FunctionId id = 0; id < count; ++id) {
      edges[id] = edgesOf(id);
      for (const Edge &edge : edges[id])
        if (edge.callee != id)
          isCalled[edge.callee] = true;
    }
    std::deque<std::pair<FunctionId, Context>> queue;
    auto reach = [&](FunctionId id, Context context, ContextMap::Reach how) {
      if (map.ambient[id] & bit(context))
        return;
      map.ambient[id] |= bit(context);
      map.reach[id].emplace_back(context, how);
      queue.emplace_back(id, context);
    };
    for (std::uint32_t root = 0; root < map.roots.size(); ++root) {
      isRoot[map.roots[root].function] = true;
      reach(map.roots[root].function, map.roots[root].context, {noId, noId, root});
    }
    // What nothing in the program calls may be called by anyone, from a process for all we know. A static function
    // whose address is not taken is dead.
    for (FunctionId id = 0; id < count; ++id) {
      const Function &function = program.functions[id];
      if (!program.bodyOf(id) || isRoot[id])
        continue;
      if (!function.isStatic || function.isAddressTaken)
        if (!isCalled[id] || !function.isStatic || function.isAddressTaken)
          reach(id, Context::Process, {});
    }
    while (!queue.empty()) {
      auto [id, context] = queue.front();
      queue.pop_front();
      for (const Edge &edge : edges[id])
        reach(edge.callee, context, {id, edge.event, noId});
    }
  }

  // Nodes ------------------------------------------------------------------------------------------------------------

  void enqueueRoot(std::uint32_t root) {
    const ContextRoot &entry = map.roots[root];
    if (maySleep(entry.context))
      return;
    ContextNode node;
    node.function = entry.function;
    node.ambient = entry.context;
    node.isAmbientKnown = !isStateOnly(entry.context);
    node.held = entryDelta(entry.context);
    node.root = root;
    node.confidence = entry.confidence;
    enqueue(std::move(node));
  }

  /// The next ones in the order in which they are to be visited. What they lead to is at most as certain as they are,
  /// so it comes after them anyway.
  std::vector<std::uint32_t> takeMostCertain() {
    constexpr std::size_t most = 1024;
    std::vector<std::uint32_t> batch;
    for (std::deque<std::uint32_t> &queue : queues) {
      while (!queue.empty() && batch.size() < most) {
        batch.push_back(queue.front());
        queue.pop_front();
      }
      if (!batch.empty())
        break;
    }
    return batch;
  }

  void visitAll(llvm::ArrayRef<std::uint32_t> batch) {
    std::vector<std::unique_ptr<NodeVisit>> visits(batch.size());
    parallelFor(jobs, batch.size(), [&](std::size_t i) {
      visits[i] = std::make_unique<NodeVisit>(program, resolver, summaries, map, contractedFields, batch[i]);
      visits[i]->run();
    });
    for (std::unique_ptr<NodeVisit> &visit : visits) {
      for (ContextNode &next : visit->pendingNodes)
        enqueue(std::move(next));
      for (const NodeVisit::PendingSite &pending : visit->pendingSites)
        keepSite(pending.site);
    }
  }

  bool isEarlyBoot(FunctionId id) const {
    const std::vector<std::string> &names = rules.calibration.earlyBoot;
    return std::find(names.begin(), names.end(), program.text(program.functions[id].name)) != names.end();
  }

  void enqueueLockTaker(FunctionId id) {
    ContextNode node;
    node.function = id;
    enqueue(std::move(node));
  }

  void enqueue(ContextNode node) {
    std::vector<std::uint32_t> &known = nodesOf[node.function];
    for (std::uint32_t other : known) {
      const ContextNode &before = map.nodes[other];
      if (before.ambient == node.ambient && before.isAmbientKnown == node.isAmbientKnown && before.held == node.held &&
          before.isLockOptional == node.isLockOptional && before.isConditional == node.isConditional &&
          before.bindings == node.bindings && before.fields == node.fields)
        return;
    }
    if (known.size() >= mostContextsPerFunction)
      return;
    std::uint32_t id = static_cast<std::uint32_t>(map.nodes.size());
    known.push_back(id);
    queues[2 - static_cast<unsigned>(node.confidence)].push_back(id);
    map.nodes.push_back(std::move(node));
  }

  /// One per place and kind of sleep: the first is the shortest and most certain.
  void keepSite(const SleepSite &site) {
    auto [known, isNew] =
        siteAt.try_emplace({map.nodes[site.node].function, site.event, site.callee, site.kind, site.isForbidden},
                           static_cast<std::uint32_t>(map.sites.size()));
    if (isNew)
      map.sites.push_back(site);
    else if (map.sites[known->second].confidence < site.confidence)
      map.sites[known->second] = site;
  }

  const Program &program;
  const RuleSet &rules;
  const CallResolver &resolver;
  const Summaries &summaries;
  const unsigned jobs;
  ContextMap map;
  FieldSet contractedFields;
  std::map<FunctionId, std::vector<std::uint32_t>> nodesOf;
  std::deque<std::uint32_t> queues[3];
  std::map<std::tuple<FunctionId, std::uint32_t, FunctionId, SleepKind, bool>, std::uint32_t> siteAt;
};

} // namespace

Delta entryDelta(Context context) {
  switch (context) {
  case Context::IrqsOff:
    return {0, 0, 1, 0};
  case Context::BhOff:
    return {0, 1, 0, 0};
  case Context::RcuRead:
    return {0, 0, 0, 1};
  case Context::Atomic:
    return {1, 0, 0, 0};
  default:
    return {};
  }
}

ContextMap inferContexts(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                         unsigned jobs) {
  return ContextInference(program, resolver, summaries, jobs).run();
}

} // namespace bhlint
