#include "checkers/witness.h"
#include "checkers/words.h"

#include "analysis/program/learned.h"
#include "analysis/program/values.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

Witness::Witness(const Analysis &analysis, const SleepSite &site)
    : analysis(analysis), program(analysis.program), site(site) {
  for (std::uint32_t node = site.node; node != noId; node = analysis.contexts.nodes[node].parent)
    path.push_back(node);
  std::reverse(path.begin(), path.end());
  // What the root brings is named first: a lock inside a tasklet is not why the tasklet must not sleep.
  isLock = maySleep(analysis.contexts.nodes[site.node].ambient);
  findBlame();
}

const BodyEvent &Witness::eventOf(std::uint32_t node, std::uint32_t event) const {
  return program.bodyOf(analysis.contexts.nodes[node].function)->events[event];
}

std::string Witness::nameOf(FunctionId id) const { return bhlint::nameOf(program, id); }

SourcePlace Witness::placeOf(const Place &place) const { return bhlint::placeOf(program, place); }

/// Moves up while the place is not one that a driver's author can edit, or while the decision to sleep was the
/// caller's.
void Witness::findBlame() {
  blamed = {site.node, site.event, site.callee};
  std::uint32_t gfpArgument = noId;
  if (site.contract != noId && program.rules->sleeps[site.contract].when == SleepWhen::Gfp)
    gfpArgument = program.rules->sleeps[site.contract].argument;
  for (;;) {
    const ContextNode &node = analysis.contexts.nodes[blamed.node];
    if (node.parent == noId || node.hop == Hop::Indirect || node.hop == Hop::Callback)
      return;
    const Body &body = *program.bodyOf(node.function);
    const BodyEvent &event = body.events[blamed.event];
    bool isCallersChoice = false;
    if (gfpArgument < event.argumentCount && event.kind == EventKind::Call) {
      const Operand &flags = body.argumentsOf(event)[gfpArgument];
      MaskBits change = program.maskBits(flags);
      isCallersChoice = flags.valueKind() == ValueKind::Parameter && (change.bits & program.directReclaim) == 0;
    }
    if (!program.functions[node.function].isInHeader && !isCallersChoice)
      return;
    gfpArgument = isCallersChoice ? body.argumentsOf(event)[gfpArgument].index : noId;
    blamed = {node.parent, node.event, node.function};
  }
}

std::string Witness::calleeName(std::uint32_t node, std::uint32_t event, FunctionId callee) const {
  const BodyEvent &where = eventOf(node, event);
  if (where.macro != 0)
    return program.text(where.macro).str();
  return callee == noId ? std::string() : nameOf(callee);
}

std::string Witness::sink() const { return calleeName(blamed.node, blamed.event, blamed.callee); }
std::string Witness::function() const { return nameOf(analysis.contexts.nodes[blamed.node].function); }
SourcePlace Witness::place() const { return placeOf(eventOf(blamed.node, blamed.event).place); }

Context Witness::context() const {
  const ContextNode &node = analysis.contexts.nodes[site.node];
  if (!isLock)
    return node.ambient;
  if (site.held.irq > 0 && site.held.preempt == 0)
    return Context::IrqsOff;
  if (site.held.preempt > 0)
    return Context::Atomic;
  return site.held.bottomHalf > 0 ? Context::BhOff : Context::RcuRead;
}

std::string Witness::lock() const {
  if (site.heldBy == noId || site.heldAt == noId)
    return {};
  const Body &body = *program.bodyOf(analysis.contexts.nodes[site.heldBy].function);
  const BodyEvent &event = body.events[site.heldAt];
  if (event.kind == EventKind::Macro)
    return lockOfMacro(body, site.heldAt);
  if (event.argumentCount == 0 || event.call == facts::CallKind::Cleanup)
    return {};
  std::uint32_t argument = 0;
  if (event.call == facts::CallKind::Direct) {
    std::uint32_t effect = program.functions[event.index].effect;
    if (effect != noId) {
      if (!program.rules->effects[effect].lockArgument)
        return {};
      argument = *program.rules->effects[effect].lockArgument;
    }
  }
  return argument < event.argumentCount ? textOf(program, body, body.argumentsOf(event)[argument]) : std::string();
}

/// Facts do not say which argument a macro was given; the first address that its expansion uses is the lock.
std::string Witness::lockOfMacro(const Body &body, std::uint32_t macro) const {
  for (std::uint32_t e = macro + 1; e < body.events.size(); ++e) {
    std::uint32_t level = body.events[e].expansion;
    while (level != noId && level != macro)
      level = body.events[level].expansion;
    if (level != macro)
      continue;
    for (const Operand &argument : body.argumentsOf(body.events[e]))
      if (argument.valueKind() == ValueKind::Address)
        return textOf(program, body, argument);
  }
  return {};
}

HeldState Witness::held() const {
  Delta brought = entryDelta(ambient());
  HeldState result;
  result.preempt = site.held.preempt - brought.preempt;
  result.bottomHalf = site.held.bottomHalf - brought.bottomHalf;
  result.irq = site.held.irq - brought.irq;
  result.rcu = site.held.rcu - brought.rcu;
  if (site.heldBy != noId && site.heldAt != noId) {
    const BodyEvent &event = eventOf(site.heldBy, site.heldAt);
    result.by = calleeOf(program, event) + "(" + lock() + ")";
  }
  return result;
}

std::string Witness::phrase() const { return std::string(contextPhrase(context())); }

std::string Witness::heldThing() const {
  std::string name = lock();
  if (site.held.preempt > 0 && !name.empty())
    return name;
  switch (context()) {
  case Context::IrqsOff:
    return "interrupts disabled";
  case Context::BhOff:
    return "bottom halves disabled";
  case Context::RcuRead:
    return "the RCU read lock";
  default:
    return "a spinlock or preemption disabled";
  }
}

std::string Witness::lockStep() const {
  const ContextNode &holder = analysis.contexts.nodes[site.heldBy];
  const BodyEvent &event = eventOf(site.heldBy, site.heldAt);
  std::string by = calleeOf(program, event);
  std::string what = nameOf(holder.function) + "() ";
  std::string name = lock();
  if (site.held.preempt == 0 && site.held.irq == 0)
    what += site.held.bottomHalf > 0 ? "disables bottom halves" : "enters an RCU read-side section";
  else if (site.held.preempt == 0)
    what += "disables interrupts";
  else
    what += name.empty() ? "disables preemption" : "takes " + name;
  if (!by.empty())
    what += " with " + by + "()";
  return what;
}

Root Witness::root() const {
  Root result;
  const ContextNode &first = analysis.contexts.nodes[path.front()];
  result.function = nameOf(first.function);
  if (!isLock && first.root != noId) {
    const ContextRoot &root = analysis.contexts.roots[first.root];
    result.place = placeOf(root.place);
    result.why = root.why;
    return result;
  }
  if (site.heldBy != noId) {
    result.function = nameOf(analysis.contexts.nodes[site.heldBy].function);
    result.place = placeOf(eventOf(site.heldBy, site.heldAt).place);
    result.why = lockStep();
    return result;
  }
  if (first.root != noId) {
    const ContextRoot &root = analysis.contexts.roots[first.root];
    result.place = placeOf(root.place);
    result.why = root.why;
  }
  return result;
}

std::string Witness::endOf(const SleepContract &contract, llvm::StringRef name) const {
  std::string result = name.str() + "() ";
  if (site.isForbidden)
    return result + "must not be called here" + (contract.why.empty() ? "" : ": " + contract.why);
  switch (contract.kind) {
  case SleepKind::Allocation:
    return result + "may reclaim memory and sleep";
  case SleepKind::UserAccess:
    return result + "may fault and sleep";
  default:
    return result + "sleeps";
  }
}

void Witness::addSummaryChain(std::vector<ChainStep> &steps) const {
  FunctionId current = site.callee;
  std::uint32_t entry = site.entry;
  for (unsigned hops = 0; hops < 200; ++hops) { // recursion: the chain may meet itself
    const Body *body = program.bodyOf(current);
    const std::vector<SleepEntry> &entries = analysis.summaries[current].sleeps;
    if (entry >= entries.size())
      return;
    const SleepEntry &step = entries[entry];
    if (!body) {
      if (!addLearnedStep(steps, current, step))
        return;
      current = step.callee;
      entry = step.calleeEntry;
      continue;
    }
    const BodyEvent &event = body->events[step.event];
    std::string callee = event.macro != 0      ? program.text(event.macro).str()
                         : step.callee != noId ? nameOf(step.callee)
                         : event.kind == EventKind::Call && event.call == facts::CallKind::Direct ? nameOf(event.index)
                                                                                                  : std::string();
    if (step.callee == noId) {
      if (step.contract != noId)
        steps.push_back({nameOf(current), placeOf(event.place), endOf(program.rules->sleeps[step.contract], callee)});
      return;
    }
    steps.push_back(
        {nameOf(current), placeOf(event.place), nameOf(current) + "() calls " + nameOf(step.callee) + "()"});
    current = step.callee;
    entry = step.calleeEntry;
  }
}

/// One step in code that was learned, not read. False: the chain ends here.
bool Witness::addLearnedStep(std::vector<ChainStep> &steps, FunctionId function, const SleepEntry &step) const {
  std::uint32_t index = program.functions[function].learned;
  if (index == noId || step.contract == noId)
    return false;
  const LearnedSleep &learned = program.learned->functions[index].sleeps[step.event];
  SourcePlace place{learned.file, learned.line, 1};
  if (step.callee == noId) {
    steps.push_back(
        {nameOf(function), place,
         endOf(program.rules->sleeps[step.contract], learned.sink.empty() ? learned.contract : learned.sink)});
    return false;
  }
  steps.push_back({nameOf(function), place, nameOf(function) + "() calls " + nameOf(step.callee) + "()"});
  return true;
}

std::vector<ChainStep> Witness::chain() const {
  std::vector<ChainStep> steps;
  auto addLock = [&](std::uint32_t node) {
    if (site.heldBy == node)
      steps.push_back(
          {nameOf(analysis.contexts.nodes[node].function), placeOf(eventOf(node, site.heldAt).place), lockStep()});
  };
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    addLock(path[i]);
    const ContextNode &from = analysis.contexts.nodes[path[i]], &to = analysis.contexts.nodes[path[i + 1]];
    std::string verb = to.hop == Hop::Callback   ? "() passes on for a call "
                       : to.hop == Hop::Indirect ? "() calls through a pointer "
                                                 : "() calls ";
    steps.push_back({nameOf(from.function), placeOf(eventOf(path[i], to.event).place),
                     nameOf(from.function) + verb + nameOf(to.function) + "()"});
  }
  addLock(site.node);
  const ContextNode &last = analysis.contexts.nodes[site.node];
  SourcePlace place = placeOf(eventOf(site.node, site.event).place);
  std::string name = calleeName(site.node, site.event, site.callee);
  if (site.contract != noId) {
    steps.push_back({nameOf(last.function), place, endOf(program.rules->sleeps[site.contract], name)});
    return steps;
  }
  steps.push_back({nameOf(last.function), place, nameOf(last.function) + "() calls " + nameOf(site.callee) + "()"});
  addSummaryChain(steps);
  return steps;
}

std::vector<std::string> Witness::evidence() const {
  std::vector<std::string> result;
  const ContextNode &first = analysis.contexts.nodes[path.front()];
  if (first.root != noId)
    result = analysis.contexts.roots[first.root].evidence;
  if (site.contract != noId) {
    const auto &evidence = program.rules->sleeps[site.contract].provenance.evidence;
    result.insert(result.end(), evidence.begin(), evidence.end());
  }
  return result;
}

std::vector<std::string> Witness::assumptions() const {
  std::vector<std::string> result;
  for (std::uint32_t node : path) {
    const ContextNode &entry = analysis.contexts.nodes[node];
    if (entry.hop == Hop::Indirect)
      result.push_back(nameOf(entry.function) + "() is what the function pointer holds");
    if (entry.root != noId && node == path.front() &&
        analysis.contexts.roots[entry.root].confidence != Confidence::High)
      result.push_back("the contract that makes " + nameOf(entry.function) + "() atomic is not certain");
  }
  if (const Function &first = program.functions[analysis.contexts.nodes[path.front()].function]; first.isUnreached)
    result.push_back("nothing that runs calls " + nameOf(analysis.contexts.nodes[path.front()].function) + "()");
  if (site.isConditionAssumed)
    result.push_back("the argument or flag that decides whether " + calleeName(site.node, site.event, site.callee) +
                     "() sleeps has an unknown value");
  if (site.doubts & doubtLastReference)
    result.push_back("it happens only when the last reference is dropped; who is atomic here may hold another one");
  if (site.doubts & doubtConditionalLock)
    result.push_back("a callee takes the lock or not, by a field that nothing in sight decides");
  if (site.doubts & doubtUnclearRelease)
    result.push_back("a callee on the way has lock effects that were not understood; it may release the lock");
  if (site.doubts & doubtFlag)
    result.push_back("a flag in an object decides whether the call is made; who sets it is not in sight");
  if (site.isFieldContradicted)
    result.push_back("the chain knows the contrary of a field that the sleep needs; it may be the same object's");
  if (site.isCore)
    result.push_back("it is core code that every machine runs");
  if (site.isFlagUnset)
    result.push_back("a flag is set that no code of the root's module sets");
  if (site.isValueNeverStored)
    result.push_back("a field holds a value that no code in sight stores there");
  if (site.callee != noId && program.functions[site.callee].learned != noId)
    result.push_back("what " + nameOf(site.callee) + "() does was learned from a whole tree, not read here");
  if (site.isLockOptional)
    result.push_back(
        "the lock is taken under one condition and the sleep happens under another; they may exclude each other");
  if (site.isTooConditional)
    result.push_back(std::to_string(site.avoidableCalls) + " calls of the chain depend on conditions");
  if (site.isOtherArm)
    result.push_back("one round of a loop takes the lock, and the next sleeps on the other side of the same branch");
  return result;
}

} // namespace bhlint
