// What is stopped before that which starts it again.
//
//   bad:   foo_remove():  cancel_work_sync(&foo->work); timer_delete_sync(&foo->timer);   // the timer queues the work
//   good:  foo_remove():  timer_delete_sync(&foo->timer); cancel_work_sync(&foo->work);
//
// Only what one function stops both of, in an order that no path turns round; and only when nothing that it leads to,
// or that leads to it, stops the first again.
#include "checkers/deferral_uses.h"
#include "checkers/known_arguments.h"
#include "checkers/words.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr llvm::StringLiteral ruleId = "bh-teardown-order";

/// The events that can come after `event`.
llvm::BitVector eventsAfter(const Body &body, std::uint32_t event) {
  llvm::BitVector result(body.events.size()), seen(body.blocks.size());
  std::vector<std::uint32_t> worklist;
  auto leave = [&](const BodyBlock &block) {
    for (const BodyEdge &edge : block.edges)
      if (!seen.test(edge.to)) {
        seen.set(edge.to);
        worklist.push_back(edge.to);
      }
  };
  for (const BodyBlock &block : body.blocks)
    if (event >= block.firstEvent && event < block.firstEvent + block.eventCount) {
      result.set(event + 1, block.firstEvent + block.eventCount);
      leave(block);
    }
  while (!worklist.empty()) {
    const BodyBlock &block = body.blocks[worklist.back()];
    worklist.pop_back();
    result.set(block.firstEvent, block.firstEvent + block.eventCount);
    leave(block);
  }
  return result;
}

class TeardownOrderCheck {
public:
  TeardownOrderCheck(const Analysis &analysis, const Rule &rule)
      : program(analysis.program), rule(rule), limit(program.rules->calibration.chainLimitOf(rule.id)),
        uses(analysis.deferrals), handlers(program) {
    for (const WaitContract &wait : program.rules->waits)
      if (NameId name = program.find(wait.function); name != noId)
        waits[name] = &wait;
    nameNeutral();
    nameManaged();
  }

  std::vector<Finding> run() {
    for (const DeferralUse &use : uses.objects)
      for (const UsePlace &end : use.ends)
        if (!isFinal(use, end) && program.functions[end.function].module == use.module && !isOneOfSeveral(use, end))
          check(use, end), checkManaged(use, end);
    return std::move(findings);
  }

private:
  /// How a handler comes to a function, by the fewest calls.
  struct Step {
    FunctionId from = noId;
    std::uint32_t event = noId;
    unsigned conditional = 0;
    KnownArguments known;
    std::vector<std::uint32_t> events; ///< that it comes to
  };
  using Steps = std::map<FunctionId, Step>;

  struct Restart {
    FunctionId handler = noId;
    UsePlace start;
    Steps steps;
    unsigned conditional = 0;
  };

  /// Functions that get an object's address and tell nothing by it to those who look at the object.
  void nameNeutral() {
    const RuleSet &rules = *program.rules;
    auto add = [&](const auto &rows) {
      for (const auto &row : rows)
        neutral.insert(program.find(row.function));
    };
    add(rules.waits);
    add(rules.deferralStarts);
    add(rules.deferralSetups);
    add(rules.queues);
    add(rules.effects);
    add(rules.sleepingLocks);
    for (const TeardownMechanism &mechanism : rules.teardowns)
      for (const auto *names : {&mechanism.stops, &mechanism.harmless})
        for (const std::string &name : *names)
          neutral.insert(program.find(name));
  }

  /// Whether the function stops more than one object that has that name: which of them is started is not known.
  bool isOneOfSeveral(const DeferralUse &use, const UsePlace &end) const {
    auto objectOf = [&](const UsePlace &place) {
      llvm::ArrayRef<Operand> arguments = program.bodyOf(place.function)->argumentsOf(eventAt(place));
      return arguments.empty() ? Operand() : arguments.front();
    };
    return llvm::any_of(use.ends, [&](const UsePlace &other) {
      return other.function == end.function && !(objectOf(other) == objectOf(end));
    });
  }

  /// Interrupts that the driver core frees when the last function of the driver has returned, and those last functions.
  void nameManaged() {
    for (const IrqRequest &request : program.rules->irqRequests) {
      const NameId name = request.isManaged ? program.find(request.function) : noId;
      if (name == noId)
        continue;
      freesManaged.insert(program.find(request.free));
      for (FunctionId id = 0; id < program.functions.size(); ++id)
        if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
          for (std::uint32_t e = 0; e < body->events.size(); ++e)
            if (body->events[e].kind == EventKind::Call && body->events[e].call == CallKind::Direct &&
                program.functions[body->events[e].index].name == name)
              addManaged(id, e, *body, request);
    }
    for (const EffectContract &mask : program.rules->masks)
      if (!mask.isRelease && mask.effect.irq != 0)
        masks.insert(program.find(mask.function));
    for (const TeardownEnd &end : program.rules->teardownEnds)
      if (FieldKey key{program.find(end.record), program.find(end.field)}; key.record != noId && key.field != noId)
        for (const auto &[field, binding] : program.bindingsOf(key))
          lastFunctions.insert(binding.function);
  }

  void addManaged(FunctionId id, std::uint32_t e, const Body &body, const IrqRequest &request) {
    llvm::ArrayRef<Operand> given = body.argumentsOf(body.events[e]);
    for (unsigned argument : {request.handler, request.thread.value_or(request.handler)})
      if (argument < given.size() && given[argument].valueKind() == ValueKind::Function)
        managed[program.functions[id].module].push_back({given[argument].index, {id, e}});
  }

  /// The interrupt goes only after the last function: its handler may start again what was stopped there.
  void checkManaged(const DeferralUse &use, const UsePlace &end) {
    auto found = managed.find(use.module);
    if (found == managed.end() || !lastFunctions.count(end.function))
      return;
    const Body &body = *program.bodyOf(end.function);
    for (const auto &[handler, request] : found->second) {
      if (isQuiet(end.function, use.module) || isEndedAgain(use, end.function, body, end.event))
        continue;
      if (std::optional<Restart> restart = restartOf(use, handler); restart && !isTold(*restart, end))
        keep(use, end, request, nullptr, *restart);
    }
  }

  /// Whether what the function leads to masks or frees interrupts, whichever.
  bool isQuiet(FunctionId function, NameId module) const {
    for (const auto &[id, step] : stepsFrom(function, module))
      for (std::uint32_t e : step.events)
        if (const BodyEvent &event = program.bodyOf(id)->events[e];
            event.kind == EventKind::Call && event.call == CallKind::Direct)
          if (const NameId name = program.functions[event.index].name; freesManaged.count(name) || masks.count(name))
            return true;
    return false;
  }

  const BodyEvent &eventAt(const UsePlace &place) const { return program.bodyOf(place.function)->events[place.event]; }

  /// It cannot be started any more.
  bool isFinal(const DeferralUse &use, const UsePlace &end) const {
    return llvm::is_contained(use.mechanism->finals, program.text(program.functions[eventAt(end).index].name));
  }

  void check(const DeferralUse &use, const UsePlace &end) {
    const Body &body = *program.bodyOf(end.function);
    const llvm::BitVector after = eventsAfter(body, end.event);
    for (std::uint32_t e : after.set_bits()) {
      const WaitContract *wait = waitAt(body.events[e]);
      if (!wait || wait->argument >= body.events[e].argumentCount || eventsAfter(body, e).test(end.event))
        continue;
      for (FunctionId handler :
           handlers.of(*wait, body, body.argumentsOf(body.events[e])[wait->argument], use.module)) {
        if (handler == use.handler || isStopped(handler, body, use.module, end.event) ||
            isEndedAgain(use, end.function, body, e) || isEndedWholesale(use, body, e))
          continue;
        if (std::optional<Restart> restart = restartOf(use, handler); restart && !isTold(*restart, end))
          keep(use, end, {end.function, e}, wait, *restart);
      }
    }
  }

  const WaitContract *waitAt(const BodyEvent &event) const {
    if (event.kind != EventKind::Call || event.call != CallKind::Direct || event.isCovered)
      return nullptr;
    auto found = waits.find(program.functions[event.index].name);
    return found == waits.end() ? nullptr : found->second;
  }

  /// Whether the handler was waited for already when it comes to `event`.
  bool isStopped(FunctionId handler, const Body &body, NameId module, std::uint32_t event) const {
    for (std::uint32_t e = 0; e < body.events.size(); ++e)
      if (const WaitContract *wait = waitAt(body.events[e]); wait && wait->argument < body.events[e].argumentCount)
        if (eventsAfter(body, e).test(event) &&
            llvm::is_contained(handlers.of(*wait, body, body.argumentsOf(body.events[e])[wait->argument], module),
                               handler))
          return true;
    return false;
  }

  /// Once more, after `event`: there, in what is called there, or in who called.
  bool isEndedAgain(const DeferralUse &use, FunctionId function, const Body &body, std::uint32_t event) const {
    const llvm::BitVector after = eventsAfter(body, event);
    std::set<FunctionId> called;
    for (std::uint32_t e : after.set_bits())
      if (body.events[e].kind == EventKind::Call && body.events[e].call == CallKind::Direct)
        called.insert(body.events[e].index);
    const std::set<FunctionId> callers = callersOf(function, use.module);
    return llvm::any_of(use.ends, [&](const UsePlace &end) {
      if (end.function == function)
        return after.test(end.event);
      return callers.count(end.function) != 0 ||
             llvm::any_of(called, [&](FunctionId id) { return stepsFrom(id, use.module).count(end.function) != 0; });
    });
  }

  /// What destroys a queue waits for all that is on it.
  bool isEndedWholesale(const DeferralUse &use, const Body &body, std::uint32_t event) const {
    const llvm::BitVector after = eventsAfter(body, event);
    return llvm::any_of(after.set_bits(), [&](std::uint32_t e) {
      const BodyEvent &call = body.events[e];
      return call.kind == EventKind::Call && call.call == CallKind::Direct &&
             llvm::is_contained(use.mechanism->wholesale, program.text(program.functions[call.index].name));
    });
  }

  std::set<FunctionId> callersOf(FunctionId function, NameId module) const {
    if (callers.empty())
      for (FunctionId id = 0; id < program.functions.size(); ++id)
        if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
          for (const BodyEvent &event : body->events)
            if (event.kind == EventKind::Call && event.call == CallKind::Direct)
              callers[event.index].push_back(id);
    std::set<FunctionId> result;
    std::vector<FunctionId> worklist{function};
    while (!worklist.empty()) {
      const FunctionId id = worklist.back();
      worklist.pop_back();
      for (FunctionId caller : callers[id])
        if (program.functions[caller].module == module && result.insert(caller).second)
          worklist.push_back(caller);
    }
    return result;
  }

  /// What a function leads to by direct calls inside the module, each by the first way to it.
  Steps stepsFrom(FunctionId first, NameId module) const {
    constexpr std::size_t most = 256;
    Steps steps;
    steps[first] = {};
    std::deque<FunctionId> worklist{first};
    for (; !worklist.empty() && steps.size() < most; worklist.pop_front()) {
      const FunctionId id = worklist.front();
      const Body *body = program.bodyOf(id);
      if (!body)
        continue;
      Step &step = steps[id];
      step.events = eventsWith(program, *body, step.known);
      for (std::uint32_t e : step.events) {
        const BodyEvent &event = body->events[e];
        if (event.kind != EventKind::Call || event.call != CallKind::Direct ||
            program.functions[event.index].module != module || program.functions[event.index].isInHeader)
          continue;
        Step next{id,
                  e,
                  steps[id].conditional + isAvoidable(*body, e),
                  argumentsAt(program, *body, event, steps[id].known),
                  {}};
        if (steps.insert({event.index, std::move(next)}).second)
          worklist.push_back(event.index);
      }
    }
    return steps;
  }

  std::optional<Restart> restartOf(const DeferralUse &use, FunctionId handler) const {
    if (!program.bodyOf(handler))
      return std::nullopt;
    std::optional<Restart> best;
    Steps steps = stepsFrom(handler, use.module);
    for (const UsePlace &start : use.starts)
      if (auto step = steps.find(start.function);
          step != steps.end() && llvm::is_contained(step->second.events, start.event)) {
        const unsigned conditional =
            step->second.conditional + isAvoidable(*program.bodyOf(start.function), start.event);
        if (!best || conditional < best->conditional)
          best = Restart{handler, start, steps, conditional};
      }
    return best;
  }

  /// Fields that the body stores, or hands the address of to somebody who may: before `limit`, if there is one.
  void addTold(const Body &body, std::optional<std::uint32_t> before, std::set<FieldKey> &fields) const {
    for (std::uint32_t e = 0; e < body.events.size(); ++e) {
      const BodyEvent &event = body.events[e];
      if (before && !eventsAfter(body, e).test(*before))
        continue;
      if (event.kind == EventKind::Store && !body.paths[event.index].fields.empty())
        fields.insert(body.paths[event.index].fields.back());
      addAddresses(body, event, fields);
    }
  }

  void addAddresses(const Body &body, const BodyEvent &event, std::set<FieldKey> &fields) const {
    if (event.kind != EventKind::Call ||
        (event.call == CallKind::Direct && neutral.count(program.functions[event.index].name)))
      return;
    for (const Operand &argument : body.argumentsOf(event))
      if (argument.valueKind() == ValueKind::Address && !body.paths[argument.index].fields.empty())
        fields.insert(body.paths[argument.index].fields.back());
  }

  /// Whether who stops them may have told the handler to start nothing: by a field that the way to the start looks at.
  bool isTold(const Restart &restart, const UsePlace &end) const {
    std::set<FieldKey> asked, told;
    for (FunctionId id = restart.start.function; id != noId; id = restart.steps.at(id).from) {
      const Body &body = *program.bodyOf(id);
      for (const BodyEvent &event : body.events)
        addAddresses(body, event, asked);
      for (const BodyBlock &block : body.blocks)
        for (const BodyEdge &edge : block.edges)
          for (const EdgeGuard &guard : edge.guards)
            if (guard.value.valueKind() == ValueKind::Load && !body.paths[guard.value.index].fields.empty())
              asked.insert(body.paths[guard.value.index].fields.back());
    }
    const NameId module = program.functions[end.function].module;
    const Body &body = *program.bodyOf(end.function);
    addTold(body, end.event, told);
    std::set<FunctionId> others = callersOf(end.function, module);
    for (FunctionId caller : std::vector<FunctionId>(others.begin(), others.end()))
      for (const BodyEvent &event : program.bodyOf(caller)->events)
        if (event.kind == EventKind::Call && event.call == CallKind::Direct && event.index != end.function &&
            program.functions[event.index].module == module && !program.functions[event.index].isInHeader)
          others.insert(event.index);
    for (std::uint32_t e = 0; e < body.events.size(); ++e)
      if (body.events[e].kind == EventKind::Call && body.events[e].call == CallKind::Direct &&
          eventsAfter(body, e).test(end.event))
        for (const auto &[id, step] : stepsFrom(body.events[e].index, module))
          others.insert(id);
    for (FunctionId id : others)
      if (const Body *other = program.bodyOf(id))
        addTold(*other, std::nullopt, told);
    return llvm::any_of(asked, [&](FieldKey field) { return told.count(field) != 0; });
  }

  std::string textOfObject(const DeferralUse &use) const {
    LockName name; // fields and globals have the same words, whatever they are
    name.field = use.name.field;
    name.global = use.name.global;
    return textOf(program, name);
  }

  ChainStep stepAt(const UsePlace &place, const std::string &what) const {
    const std::string name = nameOf(program, place.function);
    return {name, placeOf(program, eventAt(place).place),
            name + "() " + what + calleeOf(program, eventAt(place)) + "()"};
  }

  /// `last` stops the handler too late; without `wait` it is where an interrupt is requested that the driver core
  /// frees.
  void keep(const DeferralUse &use, const UsePlace &end, const UsePlace &last, const WaitContract *wait,
            const Restart &restart) {
    if (!known.insert({end.function, end.event, restart.handler}).second)
      return;
    Finding finding = findingAt(program, rule, end.function, end.event);
    const std::string object = textOfObject(use), handler = nameOf(program, restart.handler);
    const std::string lastCall = calleeOf(program, eventAt(last)) + "()";
    const std::string until =
        wait ? lastCall : "the driver core frees its interrupt, after " + nameOf(program, end.function) + "()";
    finding.context = contextName(Context::Process);
    finding.root = {handler, placeOf(program, program.functions[restart.handler].place),
                    handler + "() is what " + lastCall + (wait ? " waits for" : " requests an interrupt for")};
    finding.chain.push_back(stepAt(end, "stops " + object + " with "));
    finding.chain.push_back({handler, finding.root.place, "meanwhile: " + handler + "() still comes"});
    std::vector<ChainStep> way;
    for (FunctionId id = restart.start.function; restart.steps.at(id).from != noId; id = restart.steps.at(id).from) {
      const Step &step = restart.steps.at(id);
      way.push_back(stepAt({step.from, step.event}, "calls "));
    }
    finding.chain.insert(finding.chain.end(), way.rbegin(), way.rend());
    finding.chain.push_back(stepAt(restart.start, "starts " + object + " again with "));
    finding.chain.push_back(stepAt(last, wait ? "stops " + handler + "() too late with "
                                              : "leaves it to the driver core to stop " + handler + "(), with "));
    finding.conditionalCalls = restart.conditional;
    auto doubtIf = [&](bool isDoubtful, const char *why) {
      if (!isDoubtful)
        return;
      finding.confidence = Confidence::Medium;
      finding.assumptions.push_back(why);
    };
    doubtIf(restart.conditional > limit.most, "several calls of the chain depend on conditions");
    // Who has no object of its own is somebody's, here the device's: it may have been told to be quiet.
    doubtIf(!wait || (wait->record.empty() && isInterrupt(restart.handler)),
            "the device may have been told before to send no interrupts");
    doubtIf(program.rules->calibration.isCore(finding.place.file), "it is code that every machine runs");
    // Two of three had masked it, or were idle.
    if (!wait)
      finding.confidence = Confidence::Low;
    finding.suggestion = suggestionOf(rule, wait ? "" : "managed", {{"use", lastCall}, {"lock", object}});
    if (wait)
      finding.evidence = wait->provenance.evidence;
    finding.message =
        fill(rule.message,
             {{"sink", finding.sink + "()"}, {"function", handler + "()"}, {"context", until}, {"lock", object}});
    findings.push_back(std::move(finding));
  }

  /// Requested from the device, not set up as an object.
  bool isInterrupt(FunctionId handler) const {
    return llvm::none_of(uses.objects, [&](const DeferralUse &use) { return use.handler == handler; });
  }

  const Program &program;
  const Rule &rule;
  const ChainLimit limit;
  const DeferralUses &uses;
  const Handlers handlers;
  llvm::DenseMap<NameId, const WaitContract *> waits;
  llvm::DenseSet<NameId> neutral;
  std::map<NameId, std::vector<std::pair<FunctionId, UsePlace>>> managed; ///< by module: handler, request
  std::set<FunctionId> lastFunctions;
  std::set<NameId> freesManaged, masks;
  mutable std::map<FunctionId, std::vector<FunctionId>> callers; ///< when first asked for
  std::set<std::tuple<FunctionId, std::uint32_t, FunctionId>> known;
  std::vector<Finding> findings;
};

} // namespace

std::vector<Finding> checkTeardownOrder(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? TeardownOrderCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
