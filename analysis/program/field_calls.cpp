#include "analysis/program/field_calls.h"
#include "analysis/program/node_visit.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostTargets = 4; ///< of an indirect call that is followed
constexpr std::size_t mostStates = 48; ///< of a function

Delta lower(Delta a, Delta b) {
  return {std::min(a.preempt, b.preempt), std::min(a.bottomHalf, b.bottomHalf), std::min(a.irq, b.irq),
          std::min(a.rcu, b.rcu), std::min(a.pageFault, b.pageFault)};
}

/// Whether something is off says enough.
Delta capped(Delta delta) {
  delta = floorAtZero(delta);
  auto cap = [](std::int8_t n) { return std::min<std::int8_t>(n, 1); };
  return {cap(delta.preempt), cap(delta.bottomHalf), cap(delta.irq), cap(delta.rcu), 0};
}

/// What a body has certainly taken, or given up, at each of its calls: the least of all paths.
class LocalDeltas {
public:
  LocalDeltas(const Program &program, const Summaries &summaries, const Body &body)
      : program(program), summaries(summaries), body(body), entries(body.blocks.size()) {}

  void visit(llvm::function_ref<void(std::uint32_t event, const Delta &)> onCall) {
    if (body.blocks.empty())
      return;
    run();
    for (std::size_t at = 0; at < body.blocks.size(); ++at)
      if (entries[at]) {
        Delta delta = *entries[at];
        forEvents(at, [&](std::uint32_t e) {
          if (body.events[e].kind == EventKind::Call && !body.events[e].isCovered)
            onCall(e, delta);
          delta = delta + effectOf(e);
        });
      }
  }

private:
  void run() {
    constexpr unsigned mostRounds = 16; // counts only fall, but a loop may let them fall for long
    std::vector<unsigned> rounds(body.blocks.size(), 0);
    std::vector<std::uint32_t> worklist{0};
    entries[0] = Delta();
    while (!worklist.empty()) {
      const std::uint32_t at = worklist.back();
      worklist.pop_back();
      if (++rounds[at] > mostRounds)
        continue;
      Delta delta = *entries[at];
      forEvents(at, [&](std::uint32_t e) { delta = delta + effectOf(e); });
      for (const BodyEdge &edge : body.blocks[at].edges) {
        std::optional<Delta> &known = entries[edge.to];
        const Delta next = known ? lower(*known, delta) : delta;
        if (known && *known == next)
          continue;
        known = next;
        worklist.push_back(edge.to);
      }
    }
  }

  template <typename Action> void forEvents(std::size_t block, Action action) {
    const BodyBlock &at = body.blocks[block];
    for (std::uint32_t e = at.firstEvent; e < at.firstEvent + at.eventCount; ++e)
      action(e);
  }

  Delta effectOf(std::uint32_t e) const {
    const BodyEvent &event = body.events[e];
    std::uint32_t effect = noId;
    if (event.isCovered)
      return {};
    if (event.kind == EventKind::Macro) {
      if (auto found = program.macros.find(event.macro); found != program.macros.end())
        effect = found->second.effect;
    } else if (event.kind == EventKind::Call && (event.call == CallKind::Direct || event.call == CallKind::Cleanup)) {
      effect = program.functions[event.index].effect;
      if (effect == noId)
        return calleeDelta(event.index);
    }
    return effect != noId && program.rules->effects[effect].when == EffectWhen::Always
               ? deltaOf(program.rules->effects[effect].effect)
               : Delta();
  }

  Delta calleeDelta(FunctionId callee) const {
    const std::vector<ExitEntry> &exits = summaries[callee].exits;
    if (exits.empty())
      return {};
    Delta delta = exits.front().delta;
    for (const ExitEntry &exit : exits)
      delta = lower(delta, exit.delta);
    return delta;
  }

  const Program &program;
  const Summaries &summaries;
  const Body &body;
  std::vector<std::optional<Delta>> entries; ///< by block
};

/// What an operand may be: itself, or, of a local, what is assigned to it anywhere in the body.
llvm::SmallVector<Operand, 2> sourcesOf(const Body &body, const Operand &operand) {
  if (operand.valueKind() != ValueKind::Local)
    return {operand};
  llvm::SmallVector<Operand, 2> sources;
  for (const BodyEvent &event : body.events)
    if (event.kind == EventKind::Assign && event.index == operand.index)
      sources.push_back(event.value);
  for (const BodyBlock &block : body.blocks)
    for (const BodyEdge &edge : block.edges)
      for (const EdgeAssignment &assign : edge.assigns)
        if (assign.local == operand.index)
          sources.push_back(assign.value);
  return sources;
}

class FieldCallSearch {
public:
  FieldCallSearch(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                  const ContextMap &contexts)
      : program(program), resolver(resolver), summaries(summaries), contexts(contexts) {
    for (const OpsContract &contract : program.rules->ops)
      addContracted(contract.record, contract.field);
    for (const DeferredObject &deferred : program.rules->deferred)
      addContracted(deferred.record, deferred.field);
  }

  std::vector<FieldCall> run() {
    collectCalls();
    for (const ContextRoot &root : contexts.roots) {
      enter(root.function, {isStateOnly(root.context) ? Context::Process : root.context, entryDelta(root.context)},
            noId);
      hasCaller[root.function] = true;
    }
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Function &function = program.functions[id];
      if (program.bodyOf(id) && !hasCaller[id] && !function.isUnreached &&
          (!function.isStatic || function.isAddressTaken))
        enter(id, {}, noId);
    }
    for (std::size_t next = 0; next < nodes.size(); ++next)
      follow(static_cast<std::uint32_t>(next));
    return inOrder();
  }

private:
  struct State {
    Context ambient = Context::Process;
    Delta held;
    friend bool operator==(const State &, const State &) = default;
  };
  struct Node {
    FunctionId function = noId;
    State state;
    std::uint32_t parent = noId;
  };
  struct Call {
    std::uint32_t event = 0;
    Delta delta;
    FunctionId callee = noId; ///< noId: `field` is called
    FieldKey field;
  };

  void addContracted(const std::string &record, const std::string &field) {
    FieldKey key{program.find(record), program.find(field)};
    if (key.record != noId && key.field != noId)
      contractedFields.insert(key);
  }

  void collectCalls() {
    hasCaller.assign(program.functions.size(), false);
    statesOf.resize(program.functions.size());
    callsOf.resize(program.functions.size());
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && program.functions[id].effect == noId)
        LocalDeltas(program, summaries, *body).visit([&](std::uint32_t e, const Delta &delta) {
          collectCall(id, *body, e, delta);
        });
  }

  void collectCall(FunctionId id, const Body &body, std::uint32_t e, const Delta &delta) {
    const BodyEvent &event = body.events[e];
    auto addField = [&](const Path &path, const Delta &at) {
      if (!path.fields.empty())
        callsOf[id].push_back({e, at, noId, path.fields.back()});
    };
    auto addValue = [&](const Operand &value, const Delta &at) {
      for (const Operand &source : sourcesOf(body, value))
        if (source.valueKind() == ValueKind::Load)
          addField(body.paths[source.index], at);
    };
    if (event.call == CallKind::Field)
      addField(body.paths[event.index], delta);
    else if (event.call == CallKind::Value)
      addValue(event.value, delta);
    else // `call_timer_fn(timer, timer->function)`
      for (const ParameterCall &call : summaries[event.index].parameterCalls)
        if (call.parameter < event.argumentCount)
          addValue(body.argumentsOf(event)[call.parameter], delta + call.delta);
    if (isContracted(contractedFields, body, event))
      return;
    llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(id, e);
    if (targets.size() > mostTargets)
      return;
    for (const CallTarget &target : targets)
      if (program.bodyOf(target.function)) {
        callsOf[id].push_back({e, delta, target.function, {}});
        hasCaller[target.function] = hasCaller[target.function] || target.function != id;
      }
  }

  void enter(FunctionId function, State state, std::uint32_t parent) {
    state.held = capped(state.held);
    std::vector<State> &known = statesOf[function];
    if (known.size() >= mostStates || llvm::is_contained(known, state))
      return;
    known.push_back(state);
    nodes.push_back({function, state, parent});
  }

  void follow(std::uint32_t id) {
    const Node node = nodes[id];
    for (const Call &call : callsOf[node.function]) {
      const State at{node.state.ambient, capped(node.state.held + call.delta)};
      if (call.callee != noId)
        enter(call.callee, at, id);
      else
        found.try_emplace({call.field, contextOf(at)}, id, call.event);
    }
  }

  static Context contextOf(const State &state) {
    if (state.ambient != Context::Process)
      return state.ambient;
    return state.held.irq != 0          ? Context::IrqsOff
           : state.held.bottomHalf != 0 ? Context::BhOff
           : state.held.preempt != 0    ? Context::Atomic
           : state.held.rcu != 0        ? Context::RcuRead
                                        : Context::Process;
  }

  std::vector<FieldCall> inOrder() const {
    std::vector<FieldCall> calls;
    for (const auto &[key, where] : found) {
      FieldCall call{
          key.first, key.second, {}, program.bodyOf(nodes[where.first].function)->events[where.second].place};
      for (std::uint32_t at = where.first; at != noId; at = nodes[at].parent)
        call.chain.insert(call.chain.begin(), nodes[at].function);
      calls.push_back(std::move(call));
    }
    auto names = [&](const FieldCall &call) {
      return std::make_tuple(program.text(call.field.record), program.text(call.field.field), call.context);
    };
    llvm::sort(calls, [&](const FieldCall &a, const FieldCall &b) { return names(a) < names(b); });
    return calls;
  }

  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  const ContextMap &contexts;
  FieldSet contractedFields;
  std::vector<bool> hasCaller;              ///< by function; a contract that says who calls it counts
  std::vector<std::vector<Call>> callsOf;   ///< by function
  std::vector<std::vector<State>> statesOf; ///< by function
  std::vector<Node> nodes;
  std::map<std::pair<FieldKey, Context>, std::pair<std::uint32_t, std::uint32_t>> found; ///< node, event
};

} // namespace

std::vector<FieldCall> findFieldCalls(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                                      const ContextMap &contexts) {
  return FieldCallSearch(program, resolver, summaries, contexts).run();
}

std::vector<StoredCallback> findStoredCallbacks(const Program &program) {
  std::set<StoredCallback> stored;
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Function &function = program.functions[id];
    for (std::uint32_t i = 0; i < function.callbackCount; ++i) {
      const std::uint32_t parameter = program.rules->callbacks[function.firstCallback + i].argument;
      std::set<std::pair<FunctionId, std::uint32_t>> seen{{id, parameter}};
      std::vector<std::pair<FunctionId, std::uint32_t>> open{{id, parameter}};
      while (!open.empty()) {
        auto [at, wanted] = open.back();
        open.pop_back();
        const Body *body = program.bodyOf(at);
        auto isWanted = [&, wanted = wanted](const Operand &value) {
          return llvm::any_of(sourcesOf(*body, value), [&](const Operand &source) {
            return source.valueKind() == ValueKind::Parameter && source.index == wanted;
          });
        };
        for (const BodyEvent &event : body ? llvm::ArrayRef(body->events) : llvm::ArrayRef<BodyEvent>()) {
          if (event.kind == EventKind::Store && isWanted(event.value) && !body->paths[event.index].fields.empty())
            stored.insert({id, parameter, body->paths[event.index].fields.back()});
          if (event.kind != EventKind::Call || event.call != CallKind::Direct)
            continue;
          llvm::ArrayRef<Operand> arguments = body->argumentsOf(event);
          for (std::uint32_t position = 0; position < arguments.size(); ++position)
            if (isWanted(arguments[position]) && seen.insert({event.index, position}).second)
              open.emplace_back(event.index, position);
        }
      }
    }
  }
  return {stored.begin(), stored.end()};
}

} // namespace bhlint
