#include "checkers/device_loops.h"

#include "analysis/program/values.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

DeviceLoops::DeviceLoops(const Program &program) : program(program) {
  for (const FreeContract &read : program.rules->registerReads)
    if (NameId name = program.find(read.function); name != noId)
      reads.insert(name);
}

bool DeviceLoops::isReadValue(const Body &body, const Operand &value, unsigned depth) const {
  if (value.valueKind() != ValueKind::CallResult)
    return false;
  const BodyEvent &event = body.events[value.index];
  return event.kind == EventKind::Call && event.call == CallKind::Direct && isRead(event.index, depth + 1);
}

bool DeviceLoops::isRead(FunctionId function, unsigned depth) const {
  constexpr unsigned deepest = 4;
  if (reads.count(program.functions[function].name))
    return true;
  const Body *body = program.bodyOf(function);
  if (!body || depth > deepest)
    return false;
  auto [entry, isNew] = known.try_emplace(function, false);
  if (!isNew)
    return entry->second;
  bool isIt = false;
  for (const BodyEvent &event : body->events) {
    if (event.kind != EventKind::Return)
      continue;
    const std::vector<Operand> values = valuesOf(*body, event.value);
    isIt =
        !values.empty() && llvm::all_of(values, [&](const Operand &value) { return isReadValue(*body, value, depth); });
    if (!isIt)
      break;
  }
  known[function] = isIt;
  return isIt;
}

/// Natural loops by their first block: what leads back to it without coming by it.
std::map<std::uint32_t, DeviceLoops::Blocks> DeviceLoops::loopsOf(const Body &body) {
  std::vector<std::vector<std::uint32_t>> before(body.blocks.size());
  for (std::uint32_t block = 0; block < body.blocks.size(); ++block)
    for (const BodyEdge &edge : body.blocks[block].edges)
      before[edge.to].push_back(block);
  std::map<std::uint32_t, Blocks> loops;
  auto addLoop = [&](std::uint32_t first, std::uint32_t last) {
    Blocks &loop = loops[first];
    loop.insert(first);
    std::vector<std::uint32_t> worklist{last};
    while (!worklist.empty()) {
      const std::uint32_t block = worklist.back();
      worklist.pop_back();
      if (loop.insert(block).second)
        worklist.insert(worklist.end(), before[block].begin(), before[block].end());
    }
  };
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

/// The read inside the loop that the value comes from; noId: it is something else, too.
std::uint32_t DeviceLoops::readOf(const Body &body, const Operand &value, const Blocks &loop) const {
  auto isInside = [&](std::uint32_t e) {
    return llvm::any_of(loop, [&](std::uint32_t block) {
      return e >= body.blocks[block].firstEvent && e < body.blocks[block].firstEvent + body.blocks[block].eventCount;
    });
  };
  std::uint32_t read = noId;
  for (const Operand &one : valuesOf(body, value)) {
    if (!isReadValue(body, one, 0))
      return noId;
    if (isInside(one.index))
      read = one.index;
  }
  return read;
}

std::vector<std::uint32_t> DeviceLoops::of(FunctionId function) const {
  std::vector<std::uint32_t> result;
  const Body *body = program.bodyOf(function);
  if (!body || llvm::none_of(body->events, [&](const BodyEvent &event) {
        return event.kind == EventKind::Call && event.call == CallKind::Direct && isRead(event.index);
      }))
    return result;
  for (const auto &[first, loop] : loopsOf(*body)) {
    std::uint32_t read = noId;
    bool isDevices = true;
    for (std::uint32_t block : loop)
      for (const BodyEdge &edge : body->blocks[block].edges)
        if (isDevices && !loop.count(edge.to)) {
          std::uint32_t one = noId;
          for (const EdgeGuard &guard : edge.guards)
            if (one == noId)
              one = readOf(*body, guard.value, loop);
          isDevices = one != noId;
          read = std::min(read, one);
        }
    if (isDevices && read != noId)
      result.push_back(read);
  }
  llvm::sort(result);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

} // namespace bhlint
