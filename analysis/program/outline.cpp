#include "analysis/program/outline.h"
#include "analysis/program/state.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {
/// What a function without lock effects returns is told to callers only where it is this small: wrappers and tests, of
/// which something can be known.
constexpr std::size_t mostBlocksOfTests = 16;
} // namespace

BodyOutline::BodyOutline(const Body &body, llvm::function_ref<EventUse(std::uint32_t)> useOf,
                         llvm::function_ref<bool(FieldKey)> asksField)
    : body(body), locals(body.localCount), results(static_cast<std::uint32_t>(body.events.size())),
      paths(static_cast<std::uint32_t>(body.paths.size())) {
  findUses(useOf);
  if (trivial)
    return;
  findPostdominators();
  findNeeded(asksField);
  findSkips();
  findPasses();
  findLiveness();
  findInevitable();
  findStoresOnce();
}

std::uint32_t BodyOutline::slotOf(ValueKind kind, std::uint32_t index) const {
  switch (kind) {
  case ValueKind::Local:
    return index;
  case ValueKind::CallResult:
    return locals + index;
  case ValueKind::Load:
    return locals + results + index;
  default:
    return noId;
  }
}

void BodyOutline::findUses(llvm::function_ref<EventUse(std::uint32_t)> useOf) {
  uses.resize(results);
  bool matters = false, hasLockEffect = false, returnsValue = false;
  for (std::uint32_t e = 0; e < results; ++e) {
    const BodyEvent &event = body.events[e];
    if (event.kind == EventKind::Return) {
      returns = true;
      returnsValue = returnsValue || event.value.valueKind() != ValueKind::Opaque;
    }
    if ((event.kind != EventKind::Call && event.kind != EventKind::Macro) || event.isCovered)
      continue;
    uses[e] = useOf(e);
    matters = matters || uses[e].matters;
    hasLockEffect = hasLockEffect || uses[e].hasLockEffect;
    lastReference = lastReference || uses[e].tellsLastReference;
  }
  returnsMatter = hasLockEffect || body.blocks.size() <= mostBlocksOfTests;
  for (const BodyBlock &block : body.blocks)
    returns = returns || block.edges.empty();
  trivial = !matters && (!returnsMatter || !returnsValue);
}

/// Cooper, Harvey, Kennedy: "A Simple, Fast Dominance Algorithm", on the graph turned round.
void BodyOutline::findPostdominators() {
  const std::uint32_t count = static_cast<std::uint32_t>(body.blocks.size()), end = count;
  constexpr unsigned usual = 64; // blocks
  // The blocks before one: those from first[block] to first[block + 1].
  llvm::SmallVector<std::uint32_t, usual> first(count + 2, 0), before;
  auto forEachEdge = [&](auto &&visit) {
    for (std::uint32_t block = 0; block < count; ++block) {
      for (const BodyEdge &edge : body.blocks[block].edges)
        visit(block, edge.to);
      if (body.blocks[block].edges.empty())
        visit(block, end);
    }
  };
  forEachEdge([&](std::uint32_t, std::uint32_t to) { ++first[to]; });
  for (std::uint32_t block = 0; block <= end; ++block)
    first[block + 1] += first[block];
  before.resize(first[end]);
  forEachEdge([&](std::uint32_t from, std::uint32_t to) { before[--first[to]] = from; });
  // Postorder from the end; what is not reached from there never returns.
  llvm::SmallVector<std::uint32_t, usual> order, number(count + 1, noId);
  llvm::SmallVector<std::pair<std::uint32_t, std::uint32_t>, usual> stack{{end, first[end]}};
  llvm::BitVector seen(count + 1);
  seen.set(end);
  while (!stack.empty()) {
    auto &[block, next] = stack.back();
    if (next < first[block + 1]) {
      std::uint32_t other = before[next++];
      if (!seen.test(other)) {
        seen.set(other);
        stack.emplace_back(other, first[other]);
      }
      continue;
    }
    number[block] = static_cast<std::uint32_t>(order.size());
    order.push_back(block);
    stack.pop_back();
  }
  meets.assign(count + 1, noId);
  meets[end] = end;
  auto intersect = [&](std::uint32_t a, std::uint32_t b) {
    while (a != b) {
      while (number[a] < number[b])
        a = meets[a];
      while (number[b] < number[a])
        b = meets[b];
    }
    return a;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t block : llvm::reverse(order)) {
      if (block == end)
        continue;
      std::uint32_t meet = body.blocks[block].edges.empty() ? end : noId;
      for (const BodyEdge &edge : body.blocks[block].edges)
        if (meets[edge.to] != noId)
          meet = meet == noId ? edge.to : intersect(meet, edge.to);
      if (meet != meets[block]) {
        meets[block] = meet;
        changed = true;
      }
    }
  }
}

/// What holds the function that is called: a store to it on the way decides which one that is.
std::uint32_t BodyOutline::pointerSlot(const BodyEvent &event) const {
  bool isThroughField = event.kind == EventKind::Call && event.call == CallKind::Field;
  return isThroughField ? locals + results + event.index : noId;
}

bool BodyOutline::need(const Operand &operand) {
  std::uint32_t slot = slotOf(operand.valueKind(), operand.index);
  if (slot == noId || neededSlots.test(slot))
    return false;
  neededSlots.set(slot);
  return true;
}

/// Whether something that is marked depends on which edge is taken.
bool BodyOutline::decides(std::uint32_t block) const {
  llvm::ArrayRef<BodyEdge> edges = body.blocks[block].edges;
  if (edges.empty())
    return false;
  bool hasGuards = std::any_of(edges.begin(), edges.end(), [](const BodyEdge &edge) { return !edge.guards.empty(); });
  if (edges.size() == 1)
    return hasGuards;
  if (meets[block] == noId)
    return true;
  for (const BodyEdge &edge : edges)
    for (std::uint32_t at = edge.to; at != meets[block]; at = meets[at]) {
      if (at == noId || at >= body.blocks.size() || marked.test(at) || deciding.test(at))
        return true;
    }
  return false;
}

bool BodyOutline::mayBeNeeded(std::uint32_t event) const {
  switch (body.events[event].kind) {
  case EventKind::Assign:
  case EventKind::Store:
    return true;
  case EventKind::Return:
    return returnsMatter;
  default:
    return uses[event].matters || uses[event].definesResult;
  }
}

/// What matters needs values; values need the events that make them, and the branches that lead there.
void BodyOutline::findNeeded(llvm::function_ref<bool(FieldKey)> asksField) {
  const std::uint32_t count = static_cast<std::uint32_t>(body.blocks.size());
  neededSlots.resize(locals + results + paths);
  neededEvents.resize(results);
  marked.resize(count);
  deciding.resize(count);
  for (std::uint32_t path = 0; path < paths; ++path)
    if (!body.paths[path].fields.empty() && asksField(body.paths[path].fields.back()))
      neededSlots.set(locals + results + path);
  // In the order of blocks; each round looks at them again.
  llvm::SmallVector<std::uint32_t, 64> firstOpen(count + 1), open;
  for (std::uint32_t block = 0; block < count; ++block) {
    firstOpen[block] = static_cast<std::uint32_t>(open.size());
    const BodyBlock &it = body.blocks[block];
    for (std::uint32_t e = it.firstEvent; e < it.firstEvent + it.eventCount; ++e)
      if (mayBeNeeded(e))
        open.push_back(e);
  }
  firstOpen[count] = static_cast<std::uint32_t>(open.size());
  auto isNeededNow = [&](std::uint32_t e) {
    const BodyEvent &event = body.events[e];
    switch (event.kind) {
    case EventKind::Assign:
      return neededSlots.test(event.index);
    case EventKind::Store:
      return neededSlots.test(locals + results + event.index);
    case EventKind::Return:
      return returnsMatter;
    default:
      return uses[e].matters || (uses[e].definesResult && neededSlots.test(locals + e));
    }
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t block = count; block-- > 0;) {
      const BodyBlock &it = body.blocks[block];
      for (std::uint32_t e : llvm::ArrayRef(open).slice(firstOpen[block], firstOpen[block + 1] - firstOpen[block])) {
        if (neededEvents.test(e) || !isNeededNow(e))
          continue;
        neededEvents.set(e);
        marked.set(block);
        changed = true;
        if (body.events[e].kind != EventKind::Macro)
          need(body.events[e].value);
        for (const Operand &argument : body.argumentsOf(body.events[e]))
          need(argument);
        if (const std::uint32_t slot = pointerSlot(body.events[e]); slot != noId)
          neededSlots.set(slot);
      }
      for (const BodyEdge &edge : it.edges)
        for (const EdgeAssignment &assign : edge.assigns)
          if (neededSlots.test(assign.local)) {
            changed = need(assign.value) || changed;
            if (!deciding.test(block)) {
              deciding.set(block);
              changed = true;
              for (const BodyEdge &other : it.edges)
                for (const EdgeGuard &guard : other.guards)
                  need(guard.value);
            }
          }
      if (!deciding.test(block) && decides(block)) {
        deciding.set(block);
        changed = true;
        for (const BodyEdge &edge : it.edges)
          for (const EdgeGuard &guard : edge.guards)
            need(guard.value);
      }
    }
  }
}

void BodyOutline::findSkips() {
  const std::uint32_t count = static_cast<std::uint32_t>(body.blocks.size());
  skips.assign(count, noId);
  for (std::uint32_t block = 0; block < count; ++block)
    if (body.blocks[block].edges.size() > 1 && !deciding.test(block))
      skips[block] = meets[block] == count ? toReturn : meets[block];
}

bool BodyOutline::isEmpty(const BodyBlock &block) const {
  for (std::uint32_t e = block.firstEvent; e < block.firstEvent + block.eventCount; ++e)
    if (neededEvents.test(e))
      return false;
  return true;
}

void BodyOutline::findPasses() {
  const std::uint32_t count = static_cast<std::uint32_t>(body.blocks.size());
  auto nextOf = [&](std::uint32_t block) {
    llvm::ArrayRef<BodyEdge> edges = body.blocks[block].edges;
    if (edges.empty() || skips[block] == toReturn || !isEmpty(body.blocks[block]))
      return block;
    if (skips[block] != noId)
      return skips[block];
    return edges.size() == 1 && edges[0].guards.empty() && edges[0].assigns.empty() ? edges[0].to : block;
  };
  passes.assign(count, noId);
  std::vector<std::uint32_t> way;
  for (std::uint32_t block = 0; block < count; ++block) {
    way.clear();
    std::uint32_t at = block;
    while (passes[at] == noId) {
      passes[at] = at; // until more is known; an endless loop ends here
      way.push_back(at);
      at = nextOf(at);
    }
    for (std::uint32_t passed : way)
      passes[passed] = passes[at];
  }
}

/// Slots of locals and results that something needs are few: mostly one word for each block.
void BodyOutline::findLiveness() {
  usedResults.resize(results);
  liveSlots.assign(locals + results, noId);
  std::uint32_t count = 0;
  for (unsigned slot : neededSlots.set_bits()) {
    if (slot >= liveSlots.size())
      break;
    liveSlots[slot] = count++;
  }
  liveWords = (count + wordBits - 1) / wordBits;
  if (liveWords == 0)
    return;
  liveIn.assign(body.blocks.size() * liveWords, 0);
  LiveSet live(liveWords), edgeLive(liveWords);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t i = body.blocks.size(); i-- > 0;) {
      findLiveBehind(static_cast<std::uint32_t>(i), live, edgeLive);
      const BodyBlock &block = body.blocks[i];
      for (std::uint32_t e = block.firstEvent + block.eventCount; e-- > block.firstEvent;)
        stepBack(e, live);
      if (!std::equal(live.begin(), live.end(), liveIn.begin() + i * liveWords)) {
        std::copy(live.begin(), live.end(), liveIn.begin() + i * liveWords);
        changed = true;
      }
    }
  }
}

/// What is live when the events of a block are done. `edgeLive`: room.
void BodyOutline::findLiveBehind(std::uint32_t block, LiveSet &live, LiveSet &edgeLive) {
  auto liveAt = [&](std::uint32_t at) { return llvm::ArrayRef(liveIn).slice(at * liveWords, liveWords); };
  std::fill(live.begin(), live.end(), 0);
  if (skips[block] != noId) {
    if (skips[block] != toReturn)
      live.assign(liveAt(skips[block]).begin(), liveAt(skips[block]).end());
    return;
  }
  for (const BodyEdge &edge : body.blocks[block].edges) {
    edgeLive.assign(liveAt(edge.to).begin(), liveAt(edge.to).end());
    for (const EdgeAssignment &assign : edge.assigns) {
      setLive(edgeLive, assign.local, false);
      if (neededSlots.test(assign.local))
        use(edgeLive, assign.value);
    }
    for (const EdgeGuard &guard : edge.guards)
      use(edgeLive, guard.value);
    for (std::uint32_t word = 0; word < liveWords; ++word)
      live[word] |= edgeLive[word];
  }
}

void BodyOutline::stepBack(std::uint32_t index, LiveSet &live) {
  const BodyEvent &event = body.events[index];
  if (event.kind == EventKind::Assign)
    setLive(live, event.index, false);
  if (event.kind == EventKind::Call)
    setLive(live, locals + index, false);
  if (!neededEvents.test(index))
    return;
  if (event.kind != EventKind::Macro)
    use(live, event.value);
  for (const Operand &argument : body.argumentsOf(event))
    use(live, argument);
}

void BodyOutline::use(LiveSet &live, const Operand &operand) {
  const std::uint32_t slot = slotOf(operand.valueKind(), operand.index);
  if (slot < liveSlots.size())
    setLive(live, slot, true);
  if (operand.valueKind() == ValueKind::CallResult)
    usedResults.set(operand.index);
}

void BodyOutline::setLive(LiveSet &live, std::uint32_t slot, bool isLive) {
  const std::uint32_t bit = liveSlots[slot];
  if (bit == noId)
    return;
  const std::uint64_t mask = 1ull << bit % wordBits;
  live[bit / wordBits] = isLive ? live[bit / wordBits] | mask : live[bit / wordBits] & ~mask;
}

/// What postdominates the entry.
void BodyOutline::findInevitable() {
  inevitable.resize(results);
  if (meets[0] == noId) { // it never returns
    inevitable.set();
    return;
  }
  for (std::uint32_t block = 0; block < body.blocks.size(); block = meets[block])
    inevitable.set(body.blocks[block].firstEvent, body.blocks[block].firstEvent + body.blocks[block].eventCount);
}

void BodyOutline::findStoresOnce() {
  storedOnce.resize(paths);
  llvm::BitVector storedAgain(paths);
  for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
    for (std::uint32_t e = body.blocks[block].firstEvent;
         e < body.blocks[block].firstEvent + body.blocks[block].eventCount; ++e) {
      if (body.events[e].kind != EventKind::Store || !neededEvents.test(e))
        continue;
      std::uint32_t path = body.events[e].index;
      if (storedOnce.test(path) || isInLoop(block))
        storedAgain.set(path);
      storedOnce.set(path);
    }
  storedOnce.reset(storedAgain);
}

bool BodyOutline::isInLoop(std::uint32_t block) const {
  llvm::BitVector seen(static_cast<unsigned>(body.blocks.size()));
  std::vector<std::uint32_t> open{block};
  while (!open.empty()) {
    std::uint32_t next = open.back();
    open.pop_back();
    for (const BodyEdge &edge : body.blocks[next].edges) {
      if (edge.to == block)
        return true;
      if (!seen.test(edge.to)) {
        seen.set(edge.to);
        open.push_back(edge.to);
      }
    }
  }
  return false;
}

bool BodyOutline::isLive(std::uint32_t block, Term term) const {
  // Paths are interned across bodies here, so they are simply kept: only those tested in the body ever get a binding.
  if (term.kind == ValueKind::Load)
    return true;
  const std::uint32_t slot = slotOf(term.kind, term.index);
  if (slot >= liveSlots.size())
    return true;
  const std::uint32_t bit = liveSlots[slot];
  return bit != noId && (liveIn[block * liveWords + bit / wordBits] >> bit % wordBits & 1) != 0;
}

} // namespace bhlint
