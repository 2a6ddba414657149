#include "analysis/program/lock_walk.h"

#include "analysis/program/lock_visit.h"
#include "analysis/program/parallel.h"

#include <algorithm>
#include <map>

namespace bhlint {

namespace {

constexpr std::size_t mostNodesPerFunction = 16;

/// What is off where a root begins; where that is not known, from nothing to as much as may be.
LockState entryOf(Context ambient) {
  LockState state;
  switch (ambient) {
  case Context::Process:
    break;
  case Context::HardIrq:
  case Context::IrqsOff:
    state.irq = state.bottomHalf = {1, 1};
    break;
  case Context::BhOff:
  case Context::Softirq:
  case Context::Tasklet:
  case Context::Timer:
  case Context::BhWork:
  case Context::RcuCallback:
    state.bottomHalf = {1, 1};
    break;
  default:
    state.irq = state.bottomHalf = {0, 1};
  }
  return state;
}

class LockWalker {
public:
  LockWalker(const Program &program, const CallResolver &resolver, const Summaries &summaries,
             const ContextMap &contexts, const LockTable &table, unsigned jobs)
      : program(program), contexts(contexts), reach(program, resolver, table), effects(program, summaries, reach.locks),
        workers(jobs) {}

  LockMap run() {
    for (std::uint32_t root = 0; root < contexts.roots.size(); ++root)
      addRoot(root);
    visitFrom(0);
    // What no root leads to holds its own locks all the same: first what nobody calls, then what only that does not
    // reach.
    for (bool isCalledToo : {false, true}) {
      const std::size_t first = map.nodes.size();
      for (FunctionId id = 0; id < program.functions.size(); ++id)
        if (reach.reachesWait.test(id) && (isCalledToo || !reach.isCalled.test(id)) && !nodesOf.count(id) &&
            !program.functions[id].isInHeader)
          addUnknown(id);
      visitFrom(first);
    }
    return std::move(map);
  }

private:
  /// Breadth first: those that one level of nodes leads to come after all of them, in their order.
  void visitFrom(std::size_t first) {
    constexpr std::size_t most = 4096; // what visits found is kept until all of them are done
    while (first < map.nodes.size()) {
      const std::size_t count = std::min(map.nodes.size() - first, most);
      std::vector<LockMap> found(count);
      workers.forEach(count, [&](std::size_t i) {
        LockVisit visit(program, reach, effects, map, static_cast<std::uint32_t>(first + i));
        visit.run();
        found[i] = std::move(visit.found);
      });
      first += count;
      for (LockMap &part : found)
        take(std::move(part));
    }
  }

  void take(LockMap part) {
    auto append = [](auto &all, auto &some) { llvm::append_range(all, std::move(some)); };
    append(map.uses, part.uses);
    append(map.releases, part.releases);
    append(map.waits, part.waits);
    for (LockNode &node : part.nodes)
      add(std::move(node));
  }

  // Nodes -------------------------------------------------------------------------------------------------------------

  void addRoot(std::uint32_t id) {
    const ContextRoot &root = contexts.roots[id];
    if (!reach.reachesLock.test(root.function) || root.context == Context::Nmi || isQueuedElsewhere(root))
      return;
    LockNode node;
    node.function = root.function;
    node.module = program.functions[root.function].module;
    node.ambient = root.context;
    node.entry = entryOf(root.context);
    node.root = id;
    node.confidence = root.confidence;
    add(std::move(node));
  }

  /// A deferred object is a process's as long as no queue is known: here one is.
  bool isQueuedElsewhere(const ContextRoot &root) const {
    auto [first, last] =
        std::equal_range(contexts.roots.begin(), contexts.roots.end(), root,
                         [](const ContextRoot &a, const ContextRoot &b) { return a.function < b.function; });
    return root.context == Context::Process && std::any_of(first, last, [&](const ContextRoot &other) {
             return other.context != Context::Process && other.place == root.place;
           });
  }

  void addUnknown(FunctionId id) {
    LockNode node;
    node.function = id;
    node.module = program.functions[id].module;
    node.isAmbientKnown = false;
    node.entry.irq = node.entry.bottomHalf = {0, 1};
    add(std::move(node));
  }

  void add(LockNode node) {
    std::vector<std::uint32_t> &known = nodesOf[node.function];
    if (known.size() >= mostNodesPerFunction)
      return;
    for (std::uint32_t other : known) {
      const LockNode &before = map.nodes[other];
      if (before.module == node.module && before.ambient == node.ambient &&
          before.isAmbientKnown == node.isAmbientKnown && before.entry.irq.mayBeOff() == node.entry.irq.mayBeOff() &&
          before.entry.bottomHalf.mayBeOff() == node.entry.bottomHalf.mayBeOff() &&
          before.entry.held == node.entry.held && before.locks == node.locks && before.constants == node.constants)
        return;
    }
    known.push_back(static_cast<std::uint32_t>(map.nodes.size()));
    map.nodes.push_back(std::move(node));
  }

  const Program &program;
  const ContextMap &contexts;
  const LockReach reach;
  const LockEffects effects;
  Workers workers;
  std::map<FunctionId, std::vector<std::uint32_t>> nodesOf;
  LockMap map;
};

} // namespace

LockMap walkLocks(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                  const ContextMap &contexts, const LockTable &table, unsigned jobs) {
  return LockWalker(program, resolver, summaries, contexts, table, jobs).run();
}

} // namespace bhlint
