// What runs later and is not waited for before its object is freed, or its code is gone.
//
//   bad:   foo_remove():  kfree(foo);                                      and foo->work may be queued
//   good:  foo_remove():  cancel_work_sync(&foo->work); kfree(foo);
#include "checkers/lifetimes.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-teardown";

class TeardownCheck {
public:
  TeardownCheck(const Analysis &analysis, const Rule &rule)
      : program(analysis.program), rule(rule), uses(analysis.deferrals), lifetimes(program, modulesOf(program, uses)) {}

  std::vector<Finding> run() {
    for (const DeferralUse &use : uses.objects)
      if (isOpen(use) && !lifetimes.isCalled(use.module, use.mechanism->wholesale) &&
          !lifetimes.givesUpReference(use.handler, recordOf(use)))
        check(use);
    checkInterrupts();
    return std::move(findings);
  }

private:
  /// Nothing in sight waits for it, or only calls that `ends` has. What was never started need not be waited for.
  static bool isCandidate(const DeferralUse &use) {
    return !use.isHandedOn && (!use.isEnded || !use.ends.empty()) && !use.isOnOwnQueue && !use.starts.empty();
  }

  /// What waits for it does so only when its device could not be set up.
  bool isOpen(const DeferralUse &use) const {
    return isCandidate(use) && llvm::all_of(use.ends, [&](const UsePlace &end) {
             return program.functions[end.function].module == use.module &&
                    lifetimes.isUnwinding(end.function, use.module);
           });
  }

  static std::set<NameId> modulesOf(const Program &program, const DeferralUses &uses) {
    std::set<NameId> modules, requests;
    for (const DeferralUse &use : uses.objects)
      if (isCandidate(use))
        modules.insert(use.module);
    for (const IrqRequest &request : program.rules->irqRequests)
      requests.insert(program.find(request.function));
    forEachCall(program, [&](FunctionId id, std::uint32_t, NameId callee) {
      if (requests.count(callee))
        modules.insert(program.functions[id].module);
    });
    return modules;
  }

  static Lifetimes::Record recordOf(const DeferralUse &use) { return {use.module, use.name.field.record}; }

  void check(const DeferralUse &use) {
    if (use.name.global != noId)
      return checkGlobal(use);
    const Lifetimes::Record record = recordOf(use);
    const auto &steps = lifetimes.lastSteps(use.module);
    for (const UsePlace &free : lifetimes.frees(record))
      if (steps.count(free.function))
        return tellFreed(use, free);
    if (llvm::ArrayRef<UsePlace> managed = lifetimes.managed(record); !managed.empty())
      tellManaged(use, managed.front());
  }

  /// Its code goes with the module.
  void checkGlobal(const DeferralUse &use) {
    for (FunctionId end : lifetimes.ends(use.module))
      if (program.functions[end].isExit)
        return tell(use, end, program.functions[end].place, {},
                    nameOf(program, end) + "() is the last function of the module; after it, the code is gone",
                    nameOf(program, end) + "(), when the module is gone");
  }

  void tellFreed(const DeferralUse &use, const UsePlace &free) {
    const BodyEvent &event = program.bodyOf(free.function)->events[free.event];
    const std::string frees = calleeOf(program, event) + "() in " + nameOf(program, free.function) + "()";
    const std::string record = "struct " + program.text(use.name.field.record).str();
    tell(use, free.function, event.place, wayTo(use.module, free.function),
         frees + " frees the " + record + " that it is in", frees + " has freed its " + record);
  }

  /// The driver core frees the record once the last function of the driver has returned.
  void tellManaged(const DeferralUse &use, const UsePlace &allocation) {
    const BodyEvent &event = program.bodyOf(allocation.function)->events[allocation.event];
    const std::string what = "the struct " + program.text(use.name.field.record).str() + " of " +
                             calleeOf(program, event) + "() in " + nameOf(program, allocation.function) + "()";
    const NameId file = program.functions[allocation.function].file;
    for (FunctionId end : lifetimes.ends(use.module))
      if (program.functions[end].file == file && !program.functions[end].isExit)
        return tell(use, end, program.functions[end].place, {},
                    "when " + nameOf(program, end) + "() has returned, the driver core frees " + what,
                    nameOf(program, end) + "(), when the driver core frees " + what);
    tell(use, allocation.function, event.place, {}, "when the device is unbound, the driver core frees " + what,
         "the driver core has freed " + what);
  }

  struct Interrupt {
    FunctionId function = noId;
    std::uint32_t event = noId;
    const IrqRequest *request = nullptr;
  };

  /// Requested when a device is set up, and freed only when that fails; or nowhere, of which little can be said.
  void checkInterrupts() {
    std::map<NameId, const IrqRequest *> requests;
    std::set<NameId> freeing;
    for (const IrqRequest &request : program.rules->irqRequests)
      if (NameId name = program.find(request.function); name != noId && !request.isManaged && !request.free.empty()) {
        requests[name] = &request;
        freeing.insert(program.find(request.free));
      }
    std::vector<Interrupt> interrupts;
    std::map<NameId, std::vector<UsePlace>> freed; ///< by module
    forEachCall(program, [&](FunctionId id, std::uint32_t e, NameId callee) {
      if (auto request = requests.find(callee); request != requests.end())
        interrupts.push_back({id, e, request->second});
      if (freeing.count(callee))
        freed[program.functions[id].module].push_back({id, e});
    });
    for (const Interrupt &interrupt : interrupts)
      checkInterrupt(interrupt, freed[program.functions[interrupt.function].module]);
  }

  static void forEachCall(const Program &program, llvm::function_ref<void(FunctionId, std::uint32_t, NameId)> look) {
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
        for (std::uint32_t e = 0; e < body->events.size(); ++e)
          if (const BodyEvent &event = body->events[e];
              event.kind == facts::EventKind::Call && event.call == facts::CallKind::Direct)
            look(id, e, program.functions[event.index].name);
  }

  void checkInterrupt(const Interrupt &interrupt, const std::vector<UsePlace> &freed) {
    const NameId module = program.functions[interrupt.function].module;
    const NameId file = program.functions[interrupt.function].file;
    auto isUnwinding = [&](FunctionId id) { return lifetimes.isUnwinding(id, module); };
    if (!isUnwinding(interrupt.function) ||
        !llvm::all_of(freed, [&](const UsePlace &place) { return isUnwinding(place.function); }) ||
        isFreedOutside(module, *interrupt.request))
      return;
    // A driver without a remove function may have to stay.
    for (FunctionId end : lifetimes.ends(module))
      if (program.functions[end].file == file && !(freed.empty() && program.functions[end].isExit))
        return tellInterrupt(interrupt, freed, end);
  }

  /// Whether the last functions lead out of the module to what frees interrupts, some calls away.
  bool isFreedOutside(NameId module, const IrqRequest &request) const {
    constexpr unsigned farthest = 2;
    const NameId free = program.find(request.free);
    std::map<FunctionId, unsigned> distance;
    std::vector<FunctionId> worklist;
    for (const auto &[id, step] : lifetimes.lastSteps(module)) {
      distance[id] = 0;
      worklist.push_back(id);
    }
    while (!worklist.empty()) {
      const FunctionId id = worklist.back();
      worklist.pop_back();
      const Body *body = program.bodyOf(id);
      for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
        const BodyEvent &event = body->events[e];
        if (event.kind != facts::EventKind::Call || event.call != facts::CallKind::Direct)
          continue;
        if (program.functions[event.index].name == free)
          return true;
        if (distance[id] < farthest && distance.emplace(event.index, distance[id] + 1).second)
          worklist.push_back(event.index);
      }
    }
    return false;
  }

  void tellInterrupt(const Interrupt &interrupt, const std::vector<UsePlace> &freed, FunctionId end) {
    const Body &body = *program.bodyOf(interrupt.function);
    const BodyEvent &event = body.events[interrupt.event];
    const Operand &given = body.argumentsOf(event)[interrupt.request->handler];
    const std::string name = given.valueKind() == facts::ValueKind::Function ? nameOf(program, given.index) : "";
    const std::string handler = name.empty() ? "the handler" : name + "()";
    const std::string where = nameOf(program, interrupt.function);
    Finding finding;
    finding.rule = rule.id;
    finding.sinkKind = SinkKind::Other;
    finding.function = nameOf(program, end);
    finding.place = placeOf(program, program.functions[end].place);
    finding.sink = name;
    finding.context = contextName(Context::Process);
    finding.root = {where, placeOf(program, event.place), handler + " is requested by " + where + "()"};
    finding.chain.push_back(stepAt({interrupt.function, interrupt.event}, "requests it"));
    for (const UsePlace &place : freed)
      finding.chain.push_back(stepAt(place, "frees it when it fails, and only then,"));
    finding.chain.push_back(
        {finding.function, finding.place, "after " + finding.function + "() the interrupt still comes"});
    if (freed.empty()) {
      finding.confidence = Confidence::Low;
      finding.assumptions.push_back("nothing in the module frees an interrupt, so that somebody else may, or it has to stay");
    }
    finding.suggestion = suggestionOf(rule, "", {{"use", interrupt.request->free + "()"}, {"function", handler}});
    finding.message =
        fill(rule.message, {{"function", handler}, {"context", finding.function + "()"}, {"lock", "its interrupt"}});
    findings.push_back(std::move(finding));
  }

  std::vector<ChainStep> wayTo(NameId module, FunctionId function) const {
    std::vector<ChainStep> steps;
    const auto &reached = lifetimes.lastSteps(module);
    for (auto found = reached.find(function); found != reached.end() && found->second.from != noId;
         found = reached.find(found->second.from)) {
      const std::string caller = nameOf(program, found->second.from);
      const BodyEvent &event = program.bodyOf(found->second.from)->events[found->second.event];
      steps.push_back(
          {caller, placeOf(program, event.place), caller + "() calls " + nameOf(program, found->first) + "()"});
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
  }

  ChainStep stepAt(const UsePlace &place, const std::string &what) const {
    const BodyEvent &event = program.bodyOf(place.function)->events[place.event];
    const std::string name = nameOf(program, place.function);
    return {name, placeOf(program, event.place), name + "() " + what + " with " + calleeOf(program, event) + "()"};
  }

  std::string textOfObject(const DeferralUse &use) const {
    LockName name; // fields and globals have the same words, whatever they are
    name.field = use.name.field;
    name.global = use.name.global;
    return textOf(program, name);
  }

  void tell(const DeferralUse &use, FunctionId function, const Place &place, std::vector<ChainStep> way,
            const std::string &end, const std::string &after) {
    const std::string handler = nameOf(program, use.handler), object = textOfObject(use);
    Finding finding;
    finding.rule = rule.id;
    finding.sinkKind = SinkKind::Other;
    finding.function = nameOf(program, function);
    finding.place = placeOf(program, place);
    finding.sink = handler;
    finding.context = contextName(Context::Process);
    finding.root = {handler, placeOf(program, use.setup),
                    handler + "() is the function of the " + use.mechanism->mechanism + " " + object};
    finding.chain.push_back(
        {use.setter == noId ? handler : nameOf(program, use.setter), finding.root.place, finding.root.why});
    finding.chain.push_back(stepAt(use.starts.front(), "starts it"));
    for (const UsePlace &stop : use.stops)
      finding.chain.push_back(stepAt(stop, "stops it, but does not wait,"));
    for (const UsePlace &end : use.ends)
      finding.chain.push_back(stepAt(end, "waits for it when it fails, and only then,"));
    for (ChainStep &step : way)
      finding.chain.push_back(std::move(step));
    finding.chain.push_back({finding.function, finding.place, end});
    finding.suggestion = suggestionOf(rule, "", {{"use", use.mechanism->use + "()"}, {"function", handler + "()"}});
    finding.evidence = use.mechanism->provenance.evidence;
    finding.message = fill(use.stops.empty() ? rule.message : rule.lockedMessage,
                           {{"sink", use.stops.empty() ? "" : calleeOf(program, eventAt(use.stops.front())) + "()"},
                            {"function", handler + "()"},
                            {"context", after},
                            {"lock", object}});
    findings.push_back(std::move(finding));
  }

  const BodyEvent &eventAt(const UsePlace &place) const { return program.bodyOf(place.function)->events[place.event]; }

  const Program &program;
  const Rule &rule;
  const DeferralUses &uses;
  const Lifetimes lifetimes;
  std::vector<Finding> findings;
};

} // namespace

std::vector<Finding> checkTeardown(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? TeardownCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
