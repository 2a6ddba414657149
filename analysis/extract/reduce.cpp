// Reduction of a function's graph: what nothing depends on is dropped, so that the linked analysis stays fast and
// facts stay small. It changes no answer: a dropped guard was one that occurs once and about nothing a summary can say.
#include "analysis/extract/function_builder.h"

#include <algorithm>

namespace bhlint {

using namespace facts;

namespace {

/// Locals whose value is used by a guard, an argument, a return or another used local.
std::vector<bool> usedLocals(const FunctionFacts &function) {
  std::vector<bool> used(function.locals.size(), false);
  bool changed = true;
  auto use = [&](const Value &value) {
    if (value.kind == ValueKind::Local && !used[value.index])
      used[value.index] = changed = true;
  };
  while (changed) {
    changed = false;
    for (const Event &event : function.events) {
      for (const Value &argument : event.arguments)
        use(argument);
      if (event.kind == EventKind::Return || event.kind == EventKind::Store || event.kind == EventKind::Call)
        use(event.value);
      if (event.kind == EventKind::Assign && used[event.index])
        use(event.value);
    }
    for (const Block &block : function.blocks)
      for (const Edge &edge : block.edges) {
        for (const Guard &guard : edge.guards)
          use(guard.value);
        for (const EdgeAssign &assign : edge.assigns)
          if (used[assign.local])
            use(assign.value);
      }
  }
  return used;
}

/// A value that is tested on one block's edges only cannot correlate with anything here; one from a parameter or a
/// global can with what callers know, and a field of whatever object with what they do to that field.
void dropLonelyGuards(FunctionFacts &function) {
  std::vector<std::uint32_t> testedIn(function.paths.size(), 0);
  for (const Block &block : function.blocks) {
    std::vector<PathIndex> seen;
    for (const Edge &edge : block.edges)
      for (const Guard &guard : edge.guards)
        if (guard.value.kind == ValueKind::Load && std::find(seen.begin(), seen.end(), guard.value.index) == seen.end())
          seen.push_back(guard.value.index);
    for (PathIndex path : seen)
      ++testedIn[path];
  }
  auto isUseless = [&](const Guard &guard) {
    if (guard.value.kind == ValueKind::Opaque)
      return true;
    if (guard.value.kind != ValueKind::Load || testedIn[guard.value.index] >= 2)
      return false;
    const AccessPath &path = function.paths[guard.value.index];
    bool isSeenOutside = path.root == RootKind::Parameter || path.root == RootKind::Global;
    return !isSeenOutside && path.fields.empty();
  };
  for (Block &block : function.blocks)
    for (Edge &edge : block.edges)
      std::erase_if(edge.guards, isUseless);
}

/// Blocks without events and with one plain edge are skipped over.
void skipEmptyBlocks(FunctionFacts &function) {
  auto target = [&](BlockIndex block) {
    for (std::size_t hops = 0; hops < function.blocks.size(); ++hops) {
      const Block &candidate = function.blocks[block];
      if (candidate.eventCount != 0 || candidate.edges.size() != 1 || !candidate.edges[0].guards.empty() ||
          !candidate.edges[0].assigns.empty() || candidate.edges[0].to == block)
        return block;
      block = candidate.edges[0].to;
    }
    return block;
  };
  for (Block &block : function.blocks) {
    for (Edge &edge : block.edges)
      edge.to = target(edge.to);
    // Two ways to the same place with nothing learned on the way are one.
    for (std::size_t i = 0; i < block.edges.size(); ++i)
      for (std::size_t j = block.edges.size() - 1; j > i; --j)
        if (block.edges[i].to == block.edges[j].to && block.edges[i].assigns == block.edges[j].assigns) {
          block.edges[i].guards.clear();
          block.edges.erase(block.edges.begin() + static_cast<std::ptrdiff_t>(j));
        }
  }
}

/// Opaque stores only matter where they end a guard's knowledge; assignments only where the local is used; macros only
/// where a call or assembly stands in them.
void dropDeadEvents(FunctionFacts &function, const std::vector<bool> &isLocalUsed) {
  std::vector<bool> isTested(function.paths.size(), false);
  for (const Block &block : function.blocks)
    for (const Edge &edge : block.edges)
      for (const Guard &guard : edge.guards)
        if (guard.value.kind == ValueKind::Load)
          isTested[guard.value.index] = true;
  std::vector<bool> keep(function.events.size(), true);
  for (std::size_t i = 0; i < function.events.size(); ++i) {
    const Event &event = function.events[i];
    if (event.kind == EventKind::Assign)
      keep[i] = isLocalUsed[event.index];
    else if (event.kind == EventKind::Store)
      keep[i] = isTested[event.index] || event.value.bits != 0 || // x->flags |= A: others may test it
                (event.value.kind != ValueKind::Opaque && event.value.kind != ValueKind::Load &&
                 event.value.kind != ValueKind::ContextTest);
    else if (event.kind == EventKind::Macro)
      keep[i] = event.index != 0; // assembly
  }
  for (std::size_t i = function.events.size(); i-- > 0;) {
    const Event &event = function.events[i];
    bool carries = event.kind == EventKind::Call || (event.kind == EventKind::Macro && keep[i]);
    if (carries && event.expansion != none)
      keep[event.expansion] = true;
  }
  std::vector<EventIndex> newIndex(function.events.size() + 1, none);
  EventIndex next = 0;
  for (std::size_t i = 0; i < function.events.size(); ++i)
    newIndex[i] = keep[i] ? next++ : none;
  auto renumber = [&](Value &value) {
    if (value.kind == ValueKind::CallResult)
      value.index = newIndex[value.index];
  };
  for (Block &block : function.blocks) {
    EventIndex first = 0;
    for (EventIndex i = 0; i < block.firstEvent; ++i)
      first += keep[i];
    std::uint32_t count = 0;
    for (EventIndex i = block.firstEvent; i < block.firstEvent + block.eventCount; ++i)
      count += keep[i];
    block.firstEvent = first;
    block.eventCount = count;
    for (Edge &edge : block.edges) {
      for (Guard &guard : edge.guards)
        renumber(guard.value);
      for (EdgeAssign &assign : edge.assigns)
        renumber(assign.value);
    }
  }
  for (AccessPath &path : function.paths)
    if (path.root == RootKind::CallResult)
      path.index = newIndex[path.index];
  std::vector<Event> events;
  for (std::size_t i = 0; i < function.events.size(); ++i) {
    if (!keep[i])
      continue;
    Event event = std::move(function.events[i]);
    renumber(event.value);
    for (Value &argument : event.arguments)
      renumber(argument);
    if (event.expansion != none)
      event.expansion = newIndex[event.expansion];
    if (event.kind == EventKind::Macro)
      event.index = 0;
    events.push_back(std::move(event));
  }
  function.events = std::move(events);
}

void renumberBlocks(FunctionFacts &function) {
  std::vector<BlockIndex> newIndex(function.blocks.size(), none);
  std::vector<BlockIndex> order{0};
  newIndex[0] = 0;
  for (std::size_t next = 0; next < order.size(); ++next)
    for (const Edge &edge : function.blocks[order[next]].edges)
      if (newIndex[edge.to] == none) {
        newIndex[edge.to] = static_cast<BlockIndex>(order.size());
        order.push_back(edge.to);
      }
  std::vector<Block> blocks;
  for (BlockIndex old : order) {
    blocks.push_back(std::move(function.blocks[old]));
    for (Edge &edge : blocks.back().edges)
      edge.to = newIndex[edge.to];
  }
  function.blocks = std::move(blocks);
}

} // namespace

void reduce(FunctionFacts &function) {
  dropLonelyGuards(function);
  std::vector<bool> used = usedLocals(function);
  for (Block &block : function.blocks)
    for (Edge &edge : block.edges)
      std::erase_if(edge.assigns, [&](const EdgeAssign &assign) { return !used[assign.local]; });
  dropDeadEvents(function, used);
  skipEmptyBlocks(function);
  renumberBlocks(function);
}

} // namespace bhlint
