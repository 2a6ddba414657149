#include "analysis/program/contexts.h"
#include "analysis/program/node_visit.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostContextsPerFunction = 48;

class ContextInference {
public:
  ContextInference(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                   std::vector<ContextRoot> roots, const Workers &workers)
      : program(program), rules(*program.rules), resolver(resolver), summaries(summaries), workers(workers),
        outlines(program, resolver, summaries), nodesOf(program.functions.size()) {
    map.roots = std::move(roots);
  }

  ContextMap run() {
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
    workers.forEach(count, [&](std::size_t id) { edges[id] = edgesOf(static_cast<FunctionId>(id)); });
    for (FunctionId id = 0; id < count; ++id)
      for (const Edge &edge : edges[id])
        if (edge.callee != id)
          isCalled[edge.callee] = true;
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
    workers.forEach(batch.size(), [&](std::size_t i) {
      visits[i] = std::make_unique<NodeVisit>(program, resolver, summaries, map, contractedFields, outlines, batch[i]);
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
    if (program.functions[id].isUnreached)
      node.confidence = Confidence::Medium;
    enqueue(std::move(node));
  }

  void enqueue(ContextNode node) {
    llvm::SmallVector<std::uint32_t, 2> &known = nodesOf[node.function];
    for (std::uint32_t other : known) {
      const ContextNode &before = map.nodes[other];
      if (before.ambient == node.ambient && before.isAmbientKnown == node.isAmbientKnown && before.held == node.held &&
          before.doubts == node.doubts && before.needsUnknownValue == node.needsUnknownValue &&
          before.givesUpReference == node.givesUpReference && before.isLockOptional == node.isLockOptional &&
          before.isConditional == node.isConditional &&
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
  Workers workers;
  OutlineTable outlines;
  ContextMap map;
  FieldSet contractedFields;
  std::vector<llvm::SmallVector<std::uint32_t, 2>> nodesOf; ///< by function
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
                         std::vector<ContextRoot> roots, const Workers &workers) {
  return ContextInference(program, resolver, summaries, std::move(roots), workers).run();
}

} // namespace bhlint
