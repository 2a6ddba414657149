#include "analysis/program/lock_walk.h"

#include "analysis/program/lock_visit.h"

#include "llvm/ADT/Hashing.h"

#include <algorithm>

namespace bhlint {

namespace {

constexpr std::size_t mostNodesPerFunction = 16;
/// Beside them: states that differ from one of them in what is held only. Of who waits for handlers they count as others.
constexpr std::size_t mostVariantsPerFunction = 8;

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
  LockWalker(const Program &program, const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots,
             const LockReach &reach, const SharedFields &fields, Workers &workers)
      : program(program), roots(roots), fields(fields), workers(workers), reach(reach),
        effects(program, summaries, reach.locks), outlines(program, reach, effects, fields, workers),
        nodesOf(program.functions.size()) {}

  LockMap run() {
    for (std::uint32_t root = 0; root < roots.size(); ++root)
      addRoot(root);
    visitFrom(0);
    // What no root leads to holds its own locks all the same: first what nobody calls, then what only that does not
    // reach.
    for (bool isCalledToo : {false, true}) {
      const std::size_t first = map.nodes.size();
      for (FunctionId id = 0; id < program.functions.size(); ++id)
        if (reach.reachesWait.test(id) && (isCalledToo || !reach.isCalled.test(id)) && nodesOf[id].nodes.empty() &&
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
        auto full = [&](FunctionId function) { return isFull(function); };
        LockVisit visit(program, reach, outlines, fields, map, static_cast<std::uint32_t>(first + i), full);
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
    append(map.fields, part.fields);
    for (LockNode &node : part.nodes)
      add(std::move(node));
  }

  // Nodes -------------------------------------------------------------------------------------------------------------

  void addRoot(std::uint32_t id) {
    const ContextRoot &root = roots[id];
    if (!reach.isWalked.test(root.function) || root.context == Context::Nmi || isQueuedElsewhere(root))
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
        std::equal_range(roots.begin(), roots.end(), root,
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

  /// Of nodes that can be alike.
  static std::size_t kindOf(const LockNode &node) {
    const LockState &entry = node.entry;
    std::size_t kind = llvm::hash_combine(node.module, node.ambient, node.isAmbientKnown, entry.irq.mayBeOff(),
                                          entry.bottomHalf.mayBeOff(), node.locks.size());
    for (const auto &[parameter, constant] : node.constants)
      kind = llvm::hash_combine(kind, parameter, constant);
    return kind;
  }

  static bool areAlike(const LockNode &a, const LockNode &b) {
    return a.module == b.module && a.ambient == b.ambient && a.isAmbientKnown == b.isAmbientKnown &&
           a.entry.irq.mayBeOff() == b.entry.irq.mayBeOff() &&
           a.entry.bottomHalf.mayBeOff() == b.entry.bottomHalf.mayBeOff() && a.locks == b.locks &&
           a.constants == b.constants;
  }

  bool isFull(FunctionId id) const {
    const Known &known = nodesOf[id];
    return known.kinds >= mostNodesPerFunction &&
           (known.variants >= mostVariantsPerFunction || reach.reachesWait.test(id));
  }

  void add(LockNode node) {
    Known &known = nodesOf[node.function];
    const bool isWaiting = reach.reachesWait.test(node.function);
    const std::size_t kind = kindOf(node);
    bool isVariant = false;
    for (const auto &[otherKind, other] : known.nodes) {
      if (otherKind != kind)
        continue; // before memory is touched that is far away
      const LockNode &before = map.nodes[other];
      if (!areAlike(before, node))
        continue;
      if (before.entry.held == node.entry.held)
        return;
      isVariant = !isWaiting;
    }
    std::size_t &count = isVariant ? known.variants : known.kinds;
    if (count >= (isVariant ? mostVariantsPerFunction : mostNodesPerFunction))
      return;
    ++count;
    known.nodes.emplace_back(kind, static_cast<std::uint32_t>(map.nodes.size()));
    map.nodes.push_back(std::move(node));
  }

  const Program &program;
  const llvm::ArrayRef<ContextRoot> roots;
  const SharedFields &fields;
  Workers &workers;
  const LockReach &reach;
  const LockEffects effects;
  const LockOutlines outlines;
  struct Known {
    std::vector<std::pair<std::size_t, std::uint32_t>> nodes; ///< kindOf() and number
    std::size_t kinds = 0, variants = 0; ///< of nodes; variants differ from others in what is held only
  };
  std::vector<Known> nodesOf; ///< by function
  LockMap map;
};

} // namespace

LockMap walkLocks(const Program &program, const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots,
                  const LockReach &reach, const SharedFields &fields, Workers &workers) {
  return LockWalker(program, summaries, roots, reach, fields, workers).run();
}

} // namespace bhlint
