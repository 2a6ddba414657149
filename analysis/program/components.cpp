#include "analysis/program/components.h"
#include "analysis/program/parallel.h"

#include <algorithm>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

/// Tarjan's strongly connected components, callees first, without recursion.
class ComponentOrder {
public:
  ComponentOrder(const Program &program, const CallResolver &resolver, Workers &workers)
      : program(program), resolver(resolver) {
    std::size_t count = program.functions.size();
    number.assign(count, 0);
    low.assign(count, 0);
    levels.assign(count, 0);
    layers.assign(count, 0);
    onStack.assign(count, false);
    edges.resize(count);
    workers.forEach(count, [&](std::size_t id) { findEdges(static_cast<FunctionId>(id)); });
    for (FunctionId id = 0; id < count; ++id)
      if (number[id] == 0)
        visit(id);
  }
  std::vector<Component> components;
  std::vector<std::vector<FunctionId>> edges;

private:
  void visit(FunctionId start) {
    struct Frame {
      FunctionId id;
      std::size_t next;
    };
    std::vector<Frame> frames{{start, 0}};
    open(start);
    while (!frames.empty()) {
      Frame &frame = frames.back();
      if (frame.next < edges[frame.id].size()) {
        FunctionId callee = edges[frame.id][frame.next++];
        if (number[callee] == 0) {
          open(callee);
          frames.push_back({callee, 0});
        } else if (onStack[callee]) {
          low[frame.id] = std::min(low[frame.id], number[callee]);
        }
        continue;
      }
      FunctionId id = frame.id;
      frames.pop_back();
      if (!frames.empty())
        low[frames.back().id] = std::min(low[frames.back().id], low[id]);
      if (low[id] == number[id])
        close(id);
    }
  }

  void open(FunctionId id) {
    number[id] = low[id] = ++counter;
    onStack[id] = true;
    stack.push_back(id);
  }

  void findEdges(FunctionId id) {
    const Body *body = program.bodyOf(id);
    if (!body)
      return;
    for (std::uint32_t e = 0; e < body->events.size(); ++e) {
      const BodyEvent &event = body->events[e];
      if (event.kind != EventKind::Call || event.isCovered)
        continue;
      llvm::SmallVector<CallTarget, 2> targets = resolver.targetsOf(id, e);
      if (targets.size() <= CallResolver::mostBottomUpTargets)
        for (const CallTarget &target : targets)
          edges[id].push_back(target.function);
      for (const Operand &argument : body->argumentsOf(event))
        addFunction(id, argument);
    }
    // Whatever a pointer that is called on some path may hold.
    for (const BodyEvent &event : body->events)
      addFunction(id, event.value);
    for (const BodyBlock &block : body->blocks)
      for (const BodyEdge &edge : block.edges)
        for (const EdgeAssignment &assign : edge.assigns)
          addFunction(id, assign.value);
    std::sort(edges[id].begin(), edges[id].end());
    edges[id].erase(std::unique(edges[id].begin(), edges[id].end()), edges[id].end());
  }

  void addFunction(FunctionId id, const Operand &value) {
    if (value.valueKind() == ValueKind::Function)
      edges[id].push_back(value.index);
  }

  void close(FunctionId root) {
    std::vector<FunctionId> component;
    FunctionId id;
    do {
      id = stack.back();
      stack.pop_back();
      onStack[id] = false;
      component.push_back(id);
    } while (id != root);
    std::sort(component.begin(), component.end());
    bool isRecursive = component.size() > 1 || std::binary_search(edges[root].begin(), edges[root].end(), root);
    std::uint32_t level = 0;
    for (FunctionId member : component)
      for (FunctionId callee : edges[member])
        if (!std::binary_search(component.begin(), component.end(), callee))
          level = std::max(level, levels[callee] + 1);
    for (FunctionId member : component)
      levels[member] = level;
    components.push_back({std::move(component), isRecursive, level, {}});
    if (isRecursive)
      layer(components.back());
  }

  /// As if the functions were taken one by one in their order: each after those before it that it calls, and not after
  /// those behind it that it calls.
  void layer(Component &component) {
    for (FunctionId member : component.functions)
      layers[member] = 0;
    for (FunctionId member : component.functions) { // callers before it have raised its layer
      for (FunctionId callee : edges[member])
        if (callee < member && isIn(component, callee))
          layers[member] = std::max(layers[member], layers[callee] + 1);
      for (FunctionId callee : edges[member])
        if (callee > member && isIn(component, callee))
          layers[callee] = std::max(layers[callee], layers[member]);
      if (component.layers.size() <= layers[member])
        component.layers.resize(layers[member] + 1);
      component.layers[layers[member]].push_back(member);
    }
  }

  static bool isIn(const Component &component, FunctionId id) {
    return std::binary_search(component.functions.begin(), component.functions.end(), id);
  }

  const Program &program;
  const CallResolver &resolver;
  std::vector<std::uint32_t> number, low, levels, layers;
  std::vector<bool> onStack;
  std::vector<FunctionId> stack;
  std::uint32_t counter = 0;
};

} // namespace

CallOrder callOrderOf(const Program &program, const CallResolver &resolver, Workers &workers) {
  ComponentOrder order(program, resolver, workers);
  std::stable_sort(order.components.begin(), order.components.end(),
                   [](const Component &a, const Component &b) { return a.level < b.level; });
  return {std::move(order.components), std::move(order.edges)};
}

} // namespace bhlint
