// What a function starts, and leaves running when a later step fails and it frees the object.
//
//   bad:   foo_probe():  schedule_work(&foo->work); err = foo_register(foo); if (err) { kfree(foo); return err; }
//   good:  foo_probe():  ... if (err) { cancel_work_sync(&foo->work); kfree(foo); return err; }
//
// One function and what it calls itself, on paths that do not contradict themselves. Whatever is called on the way and
// leads to what waits for the object, or for all objects of a queue, ends the path; so does what is called through a
// pointer and gets the object.
#include "checkers/known_arguments.h"
#include "checkers/lifetimes.h"
#include "checkers/path_values.h"
#include "checkers/words.h"

#include "analysis/program/values.h"

#include "llvm/ADT/STLExtras.h"

#include <deque>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

namespace {

constexpr llvm::StringLiteral ruleId = "bh-teardown-unwind";

/// Something that one call in a function starts, by itself or in what it calls.
struct Started {
  const DeferralUse *use = nullptr; ///< null: an interrupt
  const IrqRequest *request = nullptr;
  FunctionId function = noId;
  std::uint32_t event = noId;
  FunctionId handler = noId;
  Operand root; ///< the local or parameter that points to the object's record
  NameId record = 0;
  UsePlace start;                   ///< in the called function, if that is where it is; else the same
};

class UnwindCheck {
public:
  UnwindCheck(const Analysis &analysis, const Rule &rule)
      : program(analysis.program), rule(rule), uses(analysis.deferrals), lifetimes(program, modulesOf(program, uses)) {
    for (const IrqRequest &request : program.rules->irqRequests)
      if (NameId name = program.find(request.function); name != noId)
        requests[name] = &request;
    nameFunctions();
  }

  std::vector<Finding> run() {
    for (const DeferralUse &use : uses.objects)
      if (use.name.global == noId && !use.isOnOwnQueue)
        for (const UsePlace &start : use.starts)
          checkStart(use, start);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
        for (std::uint32_t e = 0; e < body->events.size(); ++e)
          if (const BodyEvent &event = body->events[e]; isDirect(event))
            if (auto request = requests.find(program.functions[event.index].name); request != requests.end())
              checkRequest(id, e, *request->second);
    checkCalls();
    return std::move(findings);
  }

private:
  static std::set<NameId> modulesOf(const Program &program, const DeferralUses &uses) {
    std::set<NameId> modules;
    for (const DeferralUse &use : uses.objects)
      modules.insert(use.module);
    for (const Function &function : program.functions)
      if (function.body != noId && !function.isInHeader)
        modules.insert(function.module);
    return modules;
  }

  static bool isDirect(const BodyEvent &event) {
    return event.kind == EventKind::Call && event.call == CallKind::Direct;
  }

  void nameFunctions() {
    for (const WaitContract &wait : program.rules->waits)
      for (const std::string &registrar : wait.registrars)
        waitsOf[program.find(registrar)].insert(program.find(wait.function));
    for (const TeardownMechanism &mechanism : program.rules->teardowns)
      for (const std::string &name : mechanism.wholesale)
        wholesale.insert(program.find(name));
    for (const FreeContract &contract : program.rules->frees)
      frees[program.find(contract.function)] = &contract;
  }

  void checkStart(const DeferralUse &use, const UsePlace &start) {
    const Body &body = *program.bodyOf(start.function);
    for (const Operand &argument : body.argumentsOf(body.events[start.event])) {
      if (argument.valueKind() != ValueKind::Address && argument.valueKind() != ValueKind::Load)
        continue;
      const Path &path = body.paths[argument.index];
      std::optional<Operand> root = rootOf(path);
      // Of what is further away it is not known when it goes.
      if (!root || path.fields.empty() || path.fields.front().record != use.name.field.record ||
          llvm::none_of(path.fields, [&](FieldKey field) { return field == use.name.field; }))
        continue;
      check({&use, nullptr, start.function, start.event, use.handler, *root, use.name.field.record, start});
      return;
    }
  }

  static std::optional<Operand> rootOf(const Path &path) {
    if (path.root != RootKind::Local && path.root != RootKind::Parameter)
      return std::nullopt;
    Operand root;
    root.kind = static_cast<std::uint32_t>(path.root == RootKind::Local ? ValueKind::Local : ValueKind::Parameter);
    root.index = path.index;
    return root;
  }

  void checkRequest(FunctionId id, std::uint32_t e, const IrqRequest &request) {
    const Body &body = *program.bodyOf(id);
    llvm::ArrayRef<Operand> given = body.argumentsOf(body.events[e]);
    if (std::max({request.handler, request.thread.value_or(0), request.flags}) + 2 >= given.size() || given.empty())
      return;
    const Operand &object = given.back();
    if ((object.valueKind() != ValueKind::Local && object.valueKind() != ValueKind::Parameter) || object.bits != 0)
      return;
    for (const Operand &function : {given[request.handler], given[request.thread.value_or(request.handler)]})
      if (function.valueKind() == ValueKind::Function)
        return check({nullptr, &request, id, e, function.index, object, Lifetimes::recordOf(body, object), {id, e}});
  }

  /// The same, one call further away: what a function starts for its caller.
  void checkCalls() {
    const std::map<FunctionId, std::vector<Started>> starting = std::move(forCallers);
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Body *body = program.functions[id].isInHeader ? nullptr : program.bodyOf(id);
      for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
        const BodyEvent &event = body->events[e];
        auto found = isDirect(event) && event.index != id ? starting.find(event.index) : starting.end();
        if (found != starting.end() && program.functions[event.index].module == program.functions[id].module)
          for (const Started &started : found->second)
            checkCall(started, id, e, *body);
      }
    }
  }

  /// Whether it returns something else than an error or 0: what that says of the start is not known.
  bool saysYes(const Body &body) const {
    return llvm::any_of(body.events, [&](const BodyEvent &event) {
      if (event.kind != EventKind::Return)
        return false;
      return llvm::any_of(valuesOf(body, event.value), [&](const Operand &value) {
        return value.valueKind() == ValueKind::Constant && program.maskBits(value).bits != 0 &&
               !isError(value, PathValues());
      });
    });
  }

  void checkCall(const Started &started, FunctionId id, std::uint32_t e, const Body &body) {
    llvm::ArrayRef<Operand> given = body.argumentsOf(body.events[e]);
    if (started.root.index >= given.size())
      return;
    const Operand &root = given[started.root.index];
    if ((root.valueKind() != ValueKind::Local && root.valueKind() != ValueKind::Parameter) || root.bits != 0)
      return;
    const KnownArguments known = argumentsAt(program, body, body.events[e], {});
    if (!llvm::is_contained(eventsWith(program, *program.bodyOf(started.start.function), known), started.start.event))
      return;
    Started here = started;
    here.function = id;
    here.event = e;
    here.root = root;
    check(here);
  }

  struct State {
    std::uint32_t block = 0;
    bool isStarted = false;
    PathValues values;
    auto operator<=>(const State &) const = default;
  };

  void check(const Started &started) {
    const Body &body = *program.bodyOf(started.function);
    if (started.root.valueKind() == ValueKind::Parameter && started.start.function == started.function &&
        !leadsToEnd(started, started.function) && !saysYes(body))
      forCallers[started.function].push_back(started);
    const bool isManaged = isManagedIn(started, body);
    if (!isManaged &&
        llvm::none_of(body.events, [&](const BodyEvent &event) { return freesRoot(body, event, started.root); }))
      return;
    if (started.use && lifetimes.givesUpReference(started.handler, {started.use->module, started.record}))
      return;
    if (isLeftToOthers(started, body))
      return;
    constexpr std::size_t most = 3000;
    std::set<State> seen;
    std::deque<State> worklist{State()};
    while (!worklist.empty() && seen.size() < most) {
      State state = std::move(worklist.front());
      worklist.pop_front();
      if (!seen.insert(state).second)
        continue;
      const BodyBlock &block = body.blocks[state.block];
      bool goesOn = true;
      for (std::uint32_t e = block.firstEvent; goesOn && e < block.firstEvent + block.eventCount; ++e)
        goesOn = step(started, body, e, isManaged, state);
      if (goesOn && !(state.isStarted && mayHaveEnded(started, body, block)))
        for (const BodyEdge &edge : block.edges)
          if (State next = state; next.values.follow(program, edge)) {
            next.block = edge.to;
            worklist.push_back(std::move(next));
          }
    }
  }

  /// `if (...) end(object);`: who wrote it has thought of when it runs, and the test need not be one that is understood
  /// here.
  bool mayHaveEnded(const Started &started, const Body &body, const BodyBlock &branch) {
    if (branch.edges.size() != 2)
      return false;
    for (unsigned side : {0u, 1u}) {
      const std::uint32_t other = branch.edges[1 - side].to;
      const BodyBlock &ending = body.blocks[branch.edges[side].to], &otherBlock = body.blocks[other];
      const bool isJoined =
          ending.edges.size() == 1 && (ending.edges[0].to == other ||
                                       (otherBlock.edges.size() == 1 && otherBlock.edges[0].to == ending.edges[0].to));
      for (std::uint32_t e = ending.firstEvent; isJoined && e < ending.firstEvent + ending.eventCount; ++e)
        if (body.events[e].kind == EventKind::Call && mayEnd(started, body, body.events[e]))
          return true;
    }
    return false;
  }

  /// Whether somebody is told to end it by himself: a function that ends it is given to what is called.
  bool isLeftToOthers(const Started &started, const Body &body) {
    return llvm::any_of(body.arguments, [&](const Operand &argument) {
      return argument.valueKind() == ValueKind::Function && argument.index != started.handler &&
             leadsToEnd(started, argument.index);
    });
  }

  /// Whether the path is worth following beyond the event.
  bool step(const Started &started, const Body &body, std::uint32_t e, bool isManaged, State &state) {
    const BodyEvent &event = body.events[e];
    if (event.kind == EventKind::Assign) {
      state.values.assign(program, event.index, event.value);
      // Another object, or the same variable for the next one.
      return !(started.root.valueKind() == ValueKind::Local && event.index == started.root.index && state.isStarted);
    }
    if (event.kind == EventKind::Store)
      state.values.store(event.index);
    if (e == started.event) {
      state.isStarted = true;
      Operand result;
      result.kind = static_cast<std::uint32_t>(ValueKind::CallResult);
      result.index = e;
      // Where it could not be started, nothing runs. Of others what they return says something else.
      if (started.request || started.use->mechanism->isPointer || isIndirect(started))
        state.values.know(result, false);
      return true;
    }
    if (!state.isStarted)
      return true;
    if (event.kind == EventKind::Return) {
      if (isManaged && isError(event.value, state.values))
        tell(started, e, "");
      return false;
    }
    if (event.kind != EventKind::Call || event.isCovered)
      return true;
    if (freesRoot(body, event, started.root)) {
      tell(started, e, calleeOf(program, event) + "()");
      return false;
    }
    return !mayEnd(started, body, event);
  }

  bool isError(const Operand &value, const PathValues &values) const {
    constexpr std::uint64_t signBit = 1u << 31;
    if (value.valueKind() == ValueKind::Constant)
      return !value.isNegated && (program.maskBits(value).bits & signBit) != 0;
    return values.isNonZero(program, value) == std::optional(true);
  }

  bool freesRoot(const Body &body, const BodyEvent &event, const Operand &root) const {
    if (!isDirect(event))
      return false;
    auto found = frees.find(program.functions[event.index].name);
    if (found == frees.end() || found->second->argument >= event.argumentCount)
      return false;
    const Operand &freed = body.argumentsOf(event)[found->second->argument];
    if (freed == root)
      return true;
    // The private part goes with the whole.
    const NameId owner = found->second->privateOf.empty() ? noId : program.find(found->second->privateOf);
    return owner != noId && llvm::any_of(valuesOf(body, root), [&](const Operand &value) {
             if (value.valueKind() != ValueKind::CallResult)
               return false;
             const BodyEvent &call = body.events[value.index];
             return isDirect(call) && program.functions[call.index].name == owner && call.argumentCount > 0 &&
                    body.argumentsOf(call)[0] == freed;
           });
  }

  /// Whether the record is one that the driver core frees when this function fails.
  bool isManagedIn(const Started &started, const Body &body) const {
    if (!lifetimes.isFirst(started.function) || (started.request && started.request->isManaged))
      return false;
    for (const UsePlace &place : lifetimes.managed({program.functions[started.function].module, started.record}))
      if (place.function == started.function && llvm::any_of(valuesOf(body, started.root), [&](const Operand &value) {
            return value.valueKind() == ValueKind::CallResult && value.index == place.event;
          }))
        return true;
    return false;
  }

  bool mayEnd(const Started &started, const Body &body, const BodyEvent &event) {
    if (event.call == CallKind::Cleanup)
      return false;
    if (event.call != CallKind::Direct)
      return llvm::is_contained(body.argumentsOf(event), started.root);
    return isEnd(started, body, event) || leadsToEnd(started, event.index);
  }

  /// A call that waits for it, or gets its address and may.
  bool isEnd(const Started &started, const Body &body, const BodyEvent &event) const {
    if (!isDirect(event))
      return false;
    const NameId name = program.functions[event.index].name;
    if (wholesale.count(name))
      return true;
    if (started.request) {
      auto waits = waitsOf.find(program.functions[eventAt(started.start).index].name);
      return waits != waitsOf.end() && waits->second.count(name) != 0;
    }
    if (llvm::is_contained(started.use->mechanism->harmless, program.text(name)))
      return false;
    return llvm::any_of(body.argumentsOf(event), [&](const Operand &argument) {
      if (argument.valueKind() != ValueKind::Address && argument.valueKind() != ValueKind::Load)
        return false;
      return llvm::is_contained(body.paths[argument.index].fields, started.use->name.field) &&
             !isStart(*started.use, body, event);
    });
  }

  bool isStart(const DeferralUse &use, const Body &body, const BodyEvent &event) const {
    return llvm::any_of(use.starts, [&](const UsePlace &start) {
      const Body *other = program.bodyOf(start.function);
      return other == &body && &other->events[start.event] == &event;
    });
  }

  /// Whether what is called there, by direct calls inside the module, comes to a call that is an end.
  bool leadsToEnd(const Started &started, FunctionId first) {
    const NameId module = program.functions[started.function].module;
    constexpr std::size_t most = 400;
    std::set<FunctionId> seen{first};
    std::deque<FunctionId> worklist{first};
    for (; !worklist.empty() && seen.size() < most; worklist.pop_front()) {
      const Function &function = program.functions[worklist.front()];
      const Body *body = function.module == module || function.isInHeader ? program.bodyOf(worklist.front()) : nullptr;
      if (!body)
        continue;
      for (const BodyEvent &event : body->events) {
        if (!isDirect(event))
          continue;
        if (isEnd(started, *body, event))
          return true;
        if (seen.insert(event.index).second)
          worklist.push_back(event.index);
      }
    }
    return false;
  }

  static bool isIndirect(const Started &started) { return started.start.function != started.function; }
  const BodyEvent &eventAt(const UsePlace &place) const { return program.bodyOf(place.function)->events[place.event]; }

  std::string nameOfStarted(const Started &started) const {
    if (started.request)
      return "the interrupt of " + nameOf(program, started.handler) + "()";
    LockName name;
    name.field = started.use->name.field;
    return textOf(program, name);
  }

  /// Others interrupt there, too, whatever this device does.
  bool isOfSharedLine(const Body &body, const BodyEvent &call, const IrqRequest &request) const {
    auto shared = program.constants.find(program.rules->sharedFlag);
    const Operand &flags = body.argumentsOf(call)[request.flags];
    return shared != program.constants.end() && flags.valueKind() != ValueKind::Opaque &&
           (program.maskBits(flags).bits & shared->second) != 0;
  }

  void tell(const Started &started, std::uint32_t e, const std::string &freeing) {
    if (!known.insert({started.function, started.event, started.start.event}).second)
      return;
    const Body &body = *program.bodyOf(started.function);
    Finding finding = findingAt(program, rule, started.function, e);
    const std::string where = nameOf(program, started.function), handler = nameOf(program, started.handler);
    const std::string startingName = nameOf(program, started.start.function);
    const BodyEvent &start = eventAt(started.start);
    finding.sink = handler;
    finding.context = contextName(Context::Process);
    finding.root = {handler, placeOf(program, start.place),
                    handler + "() runs later: " + calleeOf(program, start) + "() in " + startingName + "()"};
    if (isIndirect(started))
      finding.chain.push_back({where, placeOf(program, body.events[started.event].place),
                               where + "() calls " + startingName + "()"});
    finding.chain.push_back(
        {startingName, finding.root.place, startingName + "() starts it with " + calleeOf(program, start) + "()"});
    const std::string record = started.record == 0 ? "object" : "struct " + program.text(started.record).str();
    const std::string end = freeing.empty() ? where + "() fails, and the driver core frees the " + record
                                            : freeing + " frees the " + record + " when a later step has failed";
    finding.chain.push_back({where, finding.place, end});
    if (started.request && started.request->isManaged) {
      const bool isShared = isOfSharedLine(*program.bodyOf(started.start.function), start, *started.request);
      finding.confidence = isShared ? Confidence::Medium : Confidence::Low;
      finding.assumptions.push_back(isShared ? "another device of the line may not interrupt until the driver core frees the interrupt"
                                             : "the device may send no interrupts until the driver core frees the interrupt");
    }
    if (isIndirect(started) && isAvoidable(*program.bodyOf(started.start.function), started.start.event))
      doubt(finding, startingName + "() may not have started it");
    if (program.rules->calibration.isCore(finding.place.file))
      doubt(finding, "it is code that every machine runs");
    finding.suggestion =
        suggestionOf(rule, started.request ? "interrupt" : "",
                     {{"use", started.use ? started.use->mechanism->use + "()" : ""}, {"function", handler + "()"}});
    if (started.use)
      finding.evidence = started.use->mechanism->provenance.evidence;
    finding.message = fill(rule.message, {{"sink", calleeOf(program, start) + "()"},
                                          {"function", handler + "()"},
                                          {"context", where + "()"},
                                          {"lock", nameOfStarted(started)}});
    findings.push_back(std::move(finding));
  }

  const Program &program;
  const Rule &rule;
  const DeferralUses &uses;
  const Lifetimes lifetimes;
  std::map<NameId, const IrqRequest *> requests;
  std::map<NameId, std::set<NameId>> waitsOf; ///< by what registers
  std::set<NameId> wholesale;
  std::map<NameId, const FreeContract *> frees;
  std::map<FunctionId, std::vector<Started>> forCallers; ///< by what it starts, for the caller's object
  std::set<std::tuple<FunctionId, std::uint32_t, std::uint32_t>> known;
  std::vector<Finding> findings;
};

} // namespace

std::vector<Finding> checkUnwind(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? UnwindCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
