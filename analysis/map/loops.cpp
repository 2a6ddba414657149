#include "analysis/map/loops.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

namespace {

/// The blocks of the loop that `tail` closes by going back to `head`: those that come to `tail` without passing `head`.
std::set<std::uint32_t> blocksOf(const std::vector<std::vector<std::uint32_t>> &before, std::uint32_t head,
                                 std::uint32_t tail) {
  std::set<std::uint32_t> blocks{head, tail};
  std::vector<std::uint32_t> queue;
  if (tail != head)
    queue.push_back(tail);
  while (!queue.empty()) {
    const std::uint32_t block = queue.back();
    queue.pop_back();
    for (std::uint32_t previous : before[block])
      if (blocks.insert(previous).second)
        queue.push_back(previous);
  }
  return blocks;
}

class LoopFinder {
public:
  explicit LoopFinder(const Body &body) : body(body), before(body.blocks.size()) {
    for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
      for (const BodyEdge &edge : body.blocks[block].edges)
        before[edge.to].push_back(block);
  }

  /// Depth first, without recursion: an edge to a block that is being visited goes back.
  std::vector<Place> run() {
    enum class Mark : std::uint8_t { New, Open, Done };
    std::vector<Mark> marks(body.blocks.size(), Mark::New);
    std::vector<std::pair<std::uint32_t, std::size_t>> stack;
    if (!body.blocks.empty()) {
      stack.emplace_back(0, 0);
      marks[0] = Mark::Open;
    }
    while (!stack.empty()) {
      auto &[block, next] = stack.back();
      if (next == body.blocks[block].edges.size()) {
        marks[block] = Mark::Done;
        stack.pop_back();
        continue;
      }
      const std::uint32_t to = body.blocks[block].edges[next++].to;
      if (marks[to] == Mark::Open)
        addLoop(to, block);
      else if (marks[to] == Mark::New) {
        marks[to] = Mark::Open;
        stack.emplace_back(to, 0);
      }
    }
    std::vector<Place> places;
    for (const auto &[head, place] : loops)
      places.push_back(place);
    std::sort(places.begin(), places.end(), [](const Place &a, const Place &b) { return a.line < b.line; });
    return places;
  }

private:
  void addLoop(std::uint32_t head, std::uint32_t tail) {
    const Place *first = nullptr;
    for (std::uint32_t block : blocksOf(before, head, tail))
      for (std::uint32_t e = 0; e < body.blocks[block].eventCount; ++e) {
        const BodyEvent &event = body.events[body.blocks[block].firstEvent + e];
        if (event.kind == facts::EventKind::Call && event.macro == 0 && (!first || event.place.line < first->line))
          first = &event.place;
      }
    if (!first)
      return;
    auto [entry, isNew] = loops.try_emplace(head, *first);
    if (!isNew && first->line < entry->second.line)
      entry->second = *first;
  }

  const Body &body;
  std::vector<std::vector<std::uint32_t>> before;
  std::map<std::uint32_t, Place> loops;
};

} // namespace

std::vector<Place> loopsOf(const Body &body) { return LoopFinder(body).run(); }

} // namespace bhlint
