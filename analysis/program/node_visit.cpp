#include "analysis/program/node_visit.h"
#include "analysis/program/call_outcomes.h"
#include "analysis/program/callers.h"
#include "analysis/program/event_use.h"
#include "analysis/program/field_domains.h"
#include "analysis/program/reference.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostBroadTargets = 8; ///< an indirect call with more targets is followed with low confidence

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
    // A test for being able to sleep: what is held decides, wherever the code runs.
    if ((whenTrue & bit(Context::Process)) && (contextMask(state.delta) & whenFalse))
      return false;
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

} // namespace

bool isStateOnly(Context context) {
  return context == Context::IrqsOff || context == Context::BhOff || context == Context::RcuRead ||
         context == Context::Atomic;
}

bool isContracted(const FieldSet &contractedFields, const Body &body, const BodyEvent &event) {
  if (event.call != CallKind::Field)
    return false;
  const Path &path = body.paths[event.index];
  return !path.fields.empty() && contractedFields.count(path.fields.back());
}

OutlineTable::OutlineTable(const Program &program, const CallResolver &resolver, const Summaries &summaries)
    : program(program), resolver(resolver), summaries(summaries),
      outlines(std::make_unique<std::atomic<const BodyOutline *>[]>(program.functions.size())) {}

OutlineTable::~OutlineTable() {
  for (std::size_t i = 0; i < program.functions.size(); ++i)
    delete outlines[i].load();
}

const BodyOutline &OutlineTable::operator[](FunctionId function) {
  if (const BodyOutline *known = outlines[function].load(std::memory_order_acquire))
    return *known;
  auto made = std::make_unique<const BodyOutline>(
      outlineOf(program, resolver, summaries, function, CallResolver::mostTargets));
  const BodyOutline *known = nullptr;
  if (outlines[function].compare_exchange_strong(known, made.get(), std::memory_order_acq_rel))
    return *made.release();
  return *known;
}

void NodeVisit::run() {
  const Body *body = program.bodyOf(node.function);
  if (!body)
    return;
  const BodyOutline &outline = outlines[node.function];
  if (outline.isTrivial())
    return;
  NodeOracle oracle(program, node);
  Evaluator evaluator(program, *body, terms, oracle);
  Exploration exploration(program, *body, outline, evaluator);
  State entry;
  entry.delta = node.held;
  entry.bindings = node.bindings;
  bindConstants(program, node.function, entry);
  knownAtEntry = entry.bindings;
  exploration.run(
      entry,
      [&](std::uint32_t event, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
        reachedHow[event] |= state.delta.isAtomic() ? 1 : 2;
        onCall(*body, evaluator, event, state, outcomes);
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
    const std::uint16_t callsBehind = site.entry == noId || passesFlags(*body, site)
                                          ? 0
                                          : summaries[site.callee].sleeps[site.entry].avoidableCalls;
    site.foreignCalls = isOfAnotherModule(site.callee) ? callsBehind : 0;
    site.avoidableCalls = static_cast<std::uint16_t>(
        (site.heldBy == id ? 0 : node.avoidableCalls + outline.isAvoidable(site.event)) + callsBehind);
    // Within one function paths are told apart.
    site.isLockOptional = site.heldBy != noId && site.heldBy != id && isOptional(false, site.event) &&
                          (pending.isConditional || outline.isAvoidable(site.event));
    if (site.isLockOptional)
      site.confidence = std::min(site.confidence, Confidence::Medium);
    site.isTooConditional = isTooConditional(site);
    if (site.isTooConditional)
      site.confidence = std::min(site.confidence, Confidence::Medium);
  }
}

/// Who writes down flags that allow to sleep is wrong whatever the callee does with them, and when.
bool NodeVisit::passesFlags(const Body &body, const SleepSite &site) const {
  const SleepEntry &entry = summaries[site.callee].sleeps[site.entry];
  const BodyEvent &event = body.events[site.event];
  if (entry.kind != SleepKind::Allocation || event.kind != EventKind::Call)
    return false;
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
  return llvm::any_of(entry.guard, [&](const auto &asked) {
    const Term &term = asked.first;
    return term.kind == ValueKind::Parameter && term.index < arguments.size() && !asked.second.isExact() &&
           arguments[term.index].valueKind() == ValueKind::Constant;
  });
}

bool NodeVisit::isAtomic(const Delta &held) const {
  return held.isAtomic() || (!maySleep(node.ambient) && !isStateOnly(node.ambient));
}

bool NodeVisit::isTestedSince(const State &state, llvm::function_ref<bool(const Binding &)> wanted) const {
  const std::vector<Binding> &before = state.acquiredWith ? *state.acquiredWith : knownAtEntry;
  return std::any_of(state.bindings.begin(), state.bindings.end(), [&](const Binding &binding) {
    return !binding.knowledge.isEmpty() && wanted(binding) &&
           std::none_of(before.begin(), before.end(), [&](const Binding &known) {
             return known.term == binding.term && known.knowledge.implies(binding.knowledge);
           });
  });
}

bool NodeVisit::isConditional(const State &state) const {
  return (!state.acquiredWith && node.isConditional) || isTestedSince(state, [](const Binding &binding) {
           return binding.term.kind == ValueKind::Load || binding.term.kind == ValueKind::Parameter;
         });
}

Doubts NodeVisit::doubtsOf(const State &state, bool areFlagsInSight) const {
  // Who takes the lock in the same function sees the flag, too. Where it is set is not in sight, and which of two tests
  // of a condition it is says nothing: `if (key && o->in_bh)`.
  if (state.acquiredAt != noId)
    return state.doubts;
  bool isDecided = program.bodyOf(node.function)->asksForContext || (!areFlagsInSight && isFlagDecided(state)) ||
                   (node.parent == noId && isArgumentTested(state));
  auto doubts = static_cast<Doubts>(state.doubts | node.doubts | (isDecided ? doubtFlag : noDoubt));
  return node.givesUpReference ? static_cast<Doubts>(doubts & ~doubtLastReference) : doubts;
}

bool NodeVisit::givesUp(const Body &body, std::uint32_t event, const Summary &callee) const {
  return node.givesUpReference ||
         (llvm::any_of(callee.sleeps, [](const SleepEntry &entry) { return entry.doubts & doubtLastReference; }) &&
          givesUpReference(body, event));
}

bool NodeVisit::isArgumentConstant(std::uint32_t event, const SleepContract &contract) const {
  const Body &body = *program.bodyOf(node.function);
  const BodyEvent &call = body.events[event];
  if (contract.when != SleepWhen::Gfp || call.kind != EventKind::Call)
    return true;
  llvm::ArrayRef<Operand> arguments = body.argumentsOf(call);
  return contract.argument >= arguments.size() || arguments[contract.argument].valueKind() == ValueKind::Constant;
}

bool NodeVisit::isArgumentTested(const State &state) const {
  return isTestedSince(state, [](const Binding &binding) {
    return binding.term.kind == ValueKind::Parameter && !binding.knowledge.isExact() && binding.knowledge.ones != 0;
  });
}

bool NodeVisit::isFlagDecided(const State &state) const {
  return isTestedSince(state, [&](const Binding &binding) {
    if (binding.term.kind != ValueKind::Load || terms[binding.term.index].fields.empty())
      return false;
    const Knowledge &known = binding.knowledge;
    bool isBit = !known.isExact() && known.ones != 0; // flags that must not be set mostly are not
    return isBit || rules.calibration.isContextField(program.text(terms[binding.term.index].fields.back().field));
  });
}

bool NodeVisit::isOfAnotherModule(FunctionId callee) const {
  return callee != noId && !program.functions[callee].isInHeader && !isSameModule(node.function, callee);
}

/// By the module of the code at hand, or of what called it, where that is in a header.
bool NodeVisit::isTooConditional(const SleepSite &site) const {
  unsigned calls = site.entry == noId ? 0 : summaries[site.callee].sleeps[site.entry].depth + 1u;
  for (std::uint32_t at = id; at != site.heldBy && map.nodes[at].parent != noId; at = map.nodes[at].parent)
    ++calls;
  std::uint32_t at = id;
  while (program.functions[map.nodes[at].function].isInHeader && map.nodes[at].parent != noId)
    at = map.nodes[at].parent;
  unsigned units = program.moduleUnits.lookup(program.functions[map.nodes[at].function].module);
  for (const ConditionalCallLimit &limit : rules.calibration.conditionalCalls)
    if (units <= limit.units) {
      bool isShort = calls <= rules.calibration.shortCalls;
      return site.avoidableCalls > (isShort ? limit.mostInShort : limit.most) ||
             site.foreignCalls > (isShort ? rules.calibration.mostForeignInShort : rules.calibration.mostForeign);
    }
  return false;
}

void NodeVisit::onCall(const Body &body, const Evaluator &evaluator,
              std::uint32_t index, const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
  const BodyEvent &event = body.events[index];
  if (event.kind == EventKind::Macro) {
    onMacro(index, event, state, outcomes);
  } else {
    llvm::SmallVector<CallTarget, 2> targets = targetsOf(evaluator, index, state);
    bool allSleep = summaries.allSleep(targets) || areOfOneObject(targets);
    if (!isContracted(contractedFields, body, event))
      for (const CallTarget &target : targets)
        onTarget(body, evaluator, index, target, targets.size(), allSleep, state);
    if (targets.size() <= mostBroadTargets && !targets.empty())
      callOutcomes(program, summaries, evaluator, body, event, targets, state, outcomes);
  }
  for (CallOutcome &outcome : outcomes) {
    outcome.delta = floorAtZero(state.delta + outcome.delta);
    outcome.isAbsolute = true;
  }
}

llvm::SmallVector<CallTarget, 2> NodeVisit::targetsOf(const Evaluator &evaluator, std::uint32_t index,
                                             const State &state) const {
  return resolver.targetsOf(node.function, index, evaluator, state);
}

bool NodeVisit::areOfOneObject(llvm::ArrayRef<CallTarget> targets) {
  return std::all_of(targets.begin(), targets.end(), [&](const CallTarget &target) {
    return target.object != noId && target.object == targets.front().object;
  });
}

void NodeVisit::onMacro(std::uint32_t index, const BodyEvent &event,
               const State &state, llvm::SmallVectorImpl<CallOutcome> &outcomes) {
  auto found = program.macros.find(event.macro);
  if (found == program.macros.end())
    return;
  const MacroContract &contract = found->second;
  if (contract.sleep != noId) {
    const SleepContract &sleep = rules.sleeps[contract.sleep];
    bool isForbidden = sleep.when == SleepWhen::Never && isForbiddenHere(sleep, state.delta);
    if ((sleep.when == SleepWhen::Always && isAtomic(state.delta) && sleepsWith(sleep.kind, state.delta)) ||
        isForbidden)
      addSite(index, noId, contract.sleep, noId, sleep.kind, state,
              std::min(node.confidence, sleep.provenance.confidence), isForbidden, false);
  } else if (contract.effect != noId && rules.effects[contract.effect].when == EffectWhen::Always) {
    contractOutcomes(rules.effects[contract.effect], outcomes);
  }
}

bool NodeVisit::isForbiddenHere(const SleepContract &contract, const Delta &held) const {
  return isForbidden(contract, node.ambient, held);
}

void NodeVisit::onTarget(const Body &body, const Evaluator &evaluator,
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
    onContract(index, target.function, arguments, evaluator, state, confidence);
  else if (function.effect == noId && function.test == noId)
    onBody(body, evaluator, index, target.function, state, confidence,
           event.call == CallKind::Field ? Hop::Indirect : Hop::Call);
  for (const ParameterCall &call : synchronousCallbacks(target.function)) {
    std::uint32_t position = call.parameter;
    if (position >= arguments.size())
      continue;
    Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[position]), state);
    if (argument.term.kind != ValueKind::Function)
      continue;
    // A callee with a body in this module is entered with the callback bound; here only what cannot be entered.
    if (program.bodyOf(target.function) && isSameModule(node.function, target.function))
      continue;
    State at = state;
    at.delta = floorAtZero(state.delta + call.delta);
    at.doubts |= call.doubts;
    onBody(body, evaluator, index, argument.term.index, at, confidence, Hop::Callback);
  }
}

std::vector<ParameterCall> NodeVisit::synchronousCallbacks(FunctionId callee) const {
  std::vector<ParameterCall> result = summaries[callee].parameterCalls;
  const Function &function = program.functions[callee];
  for (std::uint32_t i = 0; i < function.callbackCount; ++i)
    if (const CallbackContract &contract = rules.callbacks[function.firstCallback + i]; contract.inCallerContext) {
      ParameterCall call;
      call.parameter = contract.argument;
      call.doubts = function.isLastReference ? doubtLastReference : noDoubt;
      result.push_back(std::move(call));
    }
  return result;
}

void NodeVisit::onContract(std::uint32_t index, FunctionId callee,
                  llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator, const State &state,
                  Confidence confidence) {
  std::uint32_t contractId = program.functions[callee].sleep;
  const SleepContract &contract = rules.sleeps[contractId];
  if (!program.holdsIn(contract, program.functions[node.function].module))
    return;
  if (contract.when == SleepWhen::Never && isForbiddenHere(contract, state.delta)) {
    addSite(index, callee, contractId, noId, contract.kind, state, confidence, true, false);
    return;
  }
  SleepCondition condition = sleepCondition(program, contract, arguments, evaluator, state);
  if (!condition.isPossible || !isAtomic(state.delta) || !sleepsWith(contract.kind, state.delta))
    return;
  confidence = std::min(confidence, contract.provenance.confidence);
  addSite(index, callee, contractId, noId, contract.kind, state,
          condition.isUndecided ? Confidence::Low : confidence, false, condition.isUndecided);
}

bool NodeVisit::isSameModule(FunctionId a, FunctionId b) const {
  const Function &callee = program.functions[b];
  return !callee.isInHeader && (program.functions[a].isInHeader || program.functions[a].module == callee.module);
}

void NodeVisit::onBody(const Body &body, const Evaluator &evaluator,
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
    bool isBug = entry.isForbidden ? isForbiddenHere(rules.sleeps[entry.contract], held)
                                   : isAtomic(held) && sleepsWith(entry.kind, held);
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
        (!isAtomic(state.delta) || isIdleCondition(open, isAssumed || isUndecided)))
      continue;
    mayMatter = true;
    if (isInside || entry.isLocked)
      break;
    State at = state;
    for (const auto &[expression, knowledge] : open)
      evaluator.assume(expression, knowledge, at);
    wanted = &entry;
    isReferenceGivenUp = givesUp(body, index, summary);
    addSite(index, callee, noId, i, entry.kind, at,
            std::min({confidence, entry.confidence,
                      isAssumed || isUndecided ? Confidence::Low
                      : isFlagAssumed          ? Confidence::Medium
                                               : Confidence::High}),
            entry.isForbidden, isAssumed || isUndecided || isFlagAssumed);
    wanted = nullptr;
    isReferenceGivenUp = node.givesUpReference;
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
  next.isConditional = isConditional(state);
  next.fields = fieldsFor(summary, state);
  next.needsUnknownValue = node.needsUnknownValue || needsUnknownValue(fieldFactsOf(state, terms));
  next.doubts = doubtsOf(state, false);
  next.givesUpReference = givesUp(body, index, summary);
  next.confidence =
      next.doubts == noDoubt && !next.needsUnknownValue ? confidence : std::min(confidence, Confidence::Medium);
  next.depth = static_cast<std::uint16_t>(std::min(node.depth + 1, 60000));
  pendingNodes.push_back(std::move(next));
}

bool NodeVisit::bindsFunction(const Summary &summary, llvm::ArrayRef<Operand> arguments, const Evaluator &evaluator,
                     const State &state) const {
  for (const ParameterCall &call : summary.parameterCalls)
    if (call.parameter < arguments.size() &&
        evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state).term.kind == ValueKind::Function)
      return true;
  return false;
}

FieldFacts NodeVisit::fieldsFor(const Summary &summary, const State &state) const {
  bool contradicts = false;
  FieldFacts known = joined(node.fields, fieldFactsOf(state, terms), contradicts);
  std::erase_if(known, [&](const auto &fact) {
    return llvm::none_of(summary.sleeps, [&](const SleepEntry &entry) {
      return llvm::any_of(entry.fields, [&](const auto &asked) { return asked.first == fact.first; });
    });
  });
  return known;
}

std::vector<Binding> NodeVisit::bindingsFor(const Summary &summary, llvm::ArrayRef<Operand> arguments,
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
  for (std::uint32_t rest = summary.askedParameters; rest != 0; rest &= rest - 1)
    bind({ValueKind::Parameter, static_cast<std::uint32_t>(llvm::countr_zero(rest))});
  for (const ParameterCall &call : summary.parameterCalls) {
    if (call.parameter >= arguments.size())
      continue;
    Expression argument = evaluator.resolve(evaluator.expressionOf(arguments[call.parameter]), state);
    if (argument.term.kind == ValueKind::Function)
      bound.at({ValueKind::Parameter, call.parameter}).alias = argument;
  }
  return bound.bindings;
}

bool NodeVisit::needsUnsetFlag(const State &state) const {
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

bool NodeVisit::needsUnknownValue(const FieldFacts &facts) const {
  return llvm::any_of(facts, [&](const auto &fact) {
    const FieldDomain *domain = domainOf(program, fact.first);
    return domain && !admits(*domain, fact.second);
  });
}

bool NodeVisit::isSetElsewhere(FieldKey field, std::uint64_t bits, NameId module, NameId own) const {
  auto first = std::lower_bound(program.fieldBits.begin(), program.fieldBits.end(), field,
                                [](const FieldBits &entry, const FieldKey &wanted) { return entry.field < wanted; });
  for (; first != program.fieldBits.end() && first->field == field; ++first)
    if (first->module != module && first->module != own && first->bits != ~0ull && (first->bits & bits) != 0)
      return true;
  return false;
}

std::uint32_t NodeVisit::blockOf(const Body &body, std::uint32_t event) {
  for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
    if (event >= body.blocks[block].firstEvent &&
        event < body.blocks[block].firstEvent + body.blocks[block].eventCount)
      return block;
  return noId;
}

bool NodeVisit::areArmsOfOneBranch(const Body &body, std::uint32_t a, std::uint32_t b) {
  std::uint32_t first = blockOf(body, a), second = blockOf(body, b);
  if (first == noId || second == noId || first == second)
    return false;
  for (std::uint32_t branch = 0; branch < body.blocks.size(); ++branch) {
    llvm::ArrayRef<BodyEdge> edges = body.blocks[branch].edges;
    if (edges.size() == 2 &&
        ((edges[0].to == first && edges[1].to == second) || (edges[0].to == second && edges[1].to == first)))
      return !reaches(body, first, second, branch) && !reaches(body, second, first, branch);
  }
  return false;
}

bool NodeVisit::isLockChosen(const Body &body, std::uint32_t event) const {
  for (std::uint32_t other = 0; other < body.events.size(); ++other) {
    const BodyEvent &call = body.events[other];
    const std::uint32_t effect = call.kind == EventKind::Call && call.call == CallKind::Direct
                                     ? program.functions[call.index].effect
                                     : noId;
    if (effect != noId && rules.effects[effect].effect.preempt > 0 && areArmsOfOneBranch(body, other, event))
      return true;
  }
  return false;
}

bool NodeVisit::reaches(const Body &body, std::uint32_t from, std::uint32_t to, std::uint32_t around) {
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

Confidence NodeVisit::lockConfidence(std::uint32_t holder, std::uint32_t event) const {
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

void NodeVisit::addSite(std::uint32_t event, FunctionId callee,
               std::uint32_t contract, std::uint32_t entry, SleepKind kind, const State &state, Confidence confidence,
               bool isForbidden, bool isConditionAssumed) {
  if (state.delta.isAtomic() && maySleep(node.ambient)) {
    bool isOwnLock = state.acquiredAt != noId;
    confidence = std::min(confidence,
                          lockConfidence(isOwnLock ? id : node.heldBy, isOwnLock ? state.acquiredAt : node.heldAt));
  }
  bool isFlagUnset = node.parent != noId && needsUnsetFlag(state);
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
  // A handler that tests a flag and then sleeps itself knows what the flag means; not so when the flag chooses the
  // arguments (`flags & MAY_SLEEP ? GFP_KERNEL : GFP_ATOMIC`), or what happens in a callee.
  site.doubts = doubtsOf(state, node.parent == noId && contract != noId && isArgumentConstant(event, rules.sleeps[contract]));
  if (kind == SleepKind::Mutex && isLockChosen(*program.bodyOf(node.function), event))
    site.doubts |= doubtFlag; // who sets it knows the contexts
  if (wanted)
    site.doubts |= wanted->doubts;
  if (isReferenceGivenUp)
    site.doubts &= static_cast<Doubts>(~doubtLastReference);
  FieldFacts known = joined(node.fields, fieldFactsOf(state, terms), site.isFieldContradicted);
  site.isValueNeverStored =
      node.needsUnknownValue || needsUnknownValue(known) || (wanted && needsUnknownValue(wanted->fields));
  if (wanted)
    joined(known, wanted->fields, site.isFieldContradicted);
  site.isCore = rules.calibration.isCore(program.text(program.functions[node.function].file));
  if (site.doubts != noDoubt || site.isCore || site.isFieldContradicted || site.isValueNeverStored)
    site.confidence = std::min(site.confidence, Confidence::Medium);
  pendingSites.push_back({site, isConditional(state)});
}

} // namespace bhlint
