#include "analysis/program/loops.h"

#include <vector>

namespace bhlint {

std::map<std::uint32_t, std::set<std::uint32_t>> naturalLoops(const Body &body) {
  std::vector<std::vector<std::uint32_t>> before(body.blocks.size());
  for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
    for (const BodyEdge &edge : body.blocks[block].edges)
      before[edge.to].push_back(block);
  std::map<std::uint32_t, std::set<std::uint32_t>> loops;
  auto addLoop = [&](std::uint32_t first, std::uint32_t last) {
    std::set<std::uint32_t> &loop = loops[first];
    loop.insert(first);
    std::vector<std::uint32_t> worklist{last};
    while (!worklist.empty()) {
      const std::uint32_t block = worklist.back();
      worklist.pop_back();
      if (loop.insert(block).second)
        worklist.insert(worklist.end(), before[block].begin(), before[block].end());
    }
  };
  // Depth first, without recursion: an edge to a block that is being visited goes back.
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
    if (marks[to] == Mark::Open) {
      addLoop(to, block);
    } else if (marks[to] == Mark::New) {
      marks[to] = Mark::Open;
      stack.emplace_back(to, 0);
    }
  }
  return loops;
}

} // namespace bhlint
