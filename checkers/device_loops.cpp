#include "checkers/device_loops.h"

#include "analysis/program/loops.h"
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
  for (const auto &[first, loop] : naturalLoops(*body)) {
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
