#include "runtime-model/trace.h"

#include "runtime-model/data.h"
#include "runtime-model/machine.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <deque>
#include <map>
#include <unordered_map>

namespace bhlint::model {

namespace {

std::vector<std::string> cellLines(const Event &event) {
  llvm::SmallVector<llvm::StringRef, 4> lines;
  llvm::StringRef(event.text).split(lines, '\n');
  const std::string head = std::string("[") + event.level + (event.task.empty() ? "" : ":" + event.task) + "] " +
                           (event.where.empty() ? "" : event.where + ": ");
  std::vector<std::string> out;
  for (llvm::StringRef line : lines)
    out.push_back((out.empty() ? head : std::string("    ")) + (event.isProblem && out.empty() ? "!! " : "") + line.str());
  return out;
}

} // namespace

std::string timelineText(const System &system, const std::vector<Event> &events) {
  std::vector<std::size_t> widths(system.cpus, 4);
  for (const Event &event : events)
    for (const std::string &line : cellLines(event))
      widths[event.cpu] = std::max(widths[event.cpu], line.size());
  std::string out;
  std::string header;
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    header += "CPU" + std::to_string(cpu) + std::string(widths[cpu] - 2, ' ');
  out += llvm::StringRef(header).rtrim().str() + "\n";
  for (const Event &event : events) {
    std::size_t indent = 0;
    for (unsigned cpu = 0; cpu < event.cpu; ++cpu)
      indent += widths[cpu] + 2;
    for (const std::string &line : cellLines(event))
      out += std::string(indent, ' ') + line + "\n";
  }
  return out;
}

/// "irq 26", "IRQ 42": the number is the machine's.
static std::string withoutIrqNumbers(llvm::StringRef line) {
  std::string out;
  while (!line.empty()) {
    const bool isNumber = llvm::StringRef(out).ends_with_insensitive("irq ") && llvm::isDigit(line[0]);
    out += isNumber ? 'N' : line[0];
    line = isNumber ? line.drop_while(llvm::isDigit) : line.drop_front();
  }
  return out;
}

std::string normalTraceLine(llvm::StringRef line) {
  line = line.trim();
  if (!line.starts_with("["))
    return withoutIrqNumbers(line);
  if (!line.starts_with("[") || !line.contains(':') || !line.contains(']'))
    return line.str();
  const auto [head, text] = line.split(']');
  auto [letter, task] = head.drop_front().split(':');
  // swapper/1, ksoftirqd/0, kworker/0:1, kworker/u4:1: which CPU and which worker is chance.
  llvm::StringRef base = task.split('/').first;
  std::string name = base.str();
  if (base == "kworker")
    name += task.contains("/u") ? "/u" : "";
  else if (base == "irq") // irq/42-s-x: the number is the machine's
    name = "irq" + task.drop_front(3).drop_while([](char c) { return c == '/' || llvm::isDigit(c); }).str();
  return ("[" + letter + ":" + name + "]" + text).str();
}

namespace {

std::string normalEvent(const Event &event) {
  if (event.task.empty() || event.isProblem)
    return normalTraceLine(event.text);
  return normalTraceLine((llvm::Twine("[") + llvm::Twine(event.level) + ":" + event.task + "] " + event.text).str());
}

/// State and how many lines it has printed.
struct Node {
  State state;
  std::size_t matched;
  std::size_t parent;
  Step step;
};

struct Key {
  std::uint64_t hash;
  std::size_t matched;
  bool operator==(const Key &) const = default;
};
struct KeyHash {
  std::size_t operator()(const Key &key) const { return key.hash * 31 + key.matched; }
};

/// Lines that `events` print, compared with what is expected from `position` on. -1: they differ.
long follow(const std::vector<Event> &events, const std::vector<std::string> &lines, std::size_t position,
            bool withChip) {
  for (const Event &event : events) {
    if (!event.isOutput && !event.isProblem)
      continue;
    if (event.task.empty() && event.text.rfind("chip ", 0) == 0 && !withChip)
      continue;
    if (position >= lines.size() || normalEvent(event) != lines[position])
      return -1;
    ++position;
  }
  return static_cast<long>(position);
}

} // namespace

TraceMatch matchTrace(const System &system, const State &initial, const std::vector<std::string> &recorded) {
  std::vector<std::string> lines;
  bool withChip = false; // not every recorded controller printed what it was told
  for (const std::string &line : recorded) {
    if (line.rfind("WARNING: CPU:", 0) == 0)
      continue; // an address; the message is on the next line
    withChip |= line.rfind("chip ", 0) == 0;
    lines.push_back(normalTraceLine(line));
  }
  TraceMatch result;
  std::deque<Node> nodes;
  std::unordered_multimap<Key, std::size_t, KeyHash> seen;
  auto add = [&](Node node) {
    const Key key{hashState(node.state), node.matched};
    const auto [first, last] = seen.equal_range(key);
    for (auto it = first; it != last; ++it)
      if (nodes[it->second].state == node.state)
        return;
    seen.emplace(key, nodes.size());
    nodes.push_back(std::move(node));
  };
  auto remember = [&](std::size_t index) {
    result.matched = nodes[index].matched;
    result.trace.clear();
    for (std::size_t i = index; i != 0; i = nodes[i].parent)
      result.trace.push_back(nodes[i].step);
    std::reverse(result.trace.begin(), result.trace.end());
  };
  add({initial, 0, 0, {}});
  Steps steps;
  std::vector<Event> events;
  // Depth first with the most lines matched last: the kernel's run is usually the straight one.
  std::vector<std::size_t> open = {0};
  while (!open.empty() && nodes.size() < 2'000'000) {
    const std::size_t index = open.back();
    open.pop_back();
    const State state = nodes[index].state;
    const std::size_t matched = nodes[index].matched;
    if (matched > result.matched)
      remember(index);
    enabledSteps(system, state, steps);
    if (matched == lines.size() && (steps.size() == 0 || state.problem != Problem::None)) {
      remember(index);
      result.isPossible = true;
      break;
    }
    for (std::size_t i = steps.size(); i-- > 0;) {
      Node next{state, matched, index, steps[i]};
      events.clear();
      Machine machine{system, next.state, &events};
      applyStep(machine, steps[i]);
      const long position = follow(events, lines, matched, withChip);
      if (position < 0)
        continue;
      next.matched = static_cast<std::size_t>(position);
      const std::size_t before = nodes.size();
      add(std::move(next));
      if (nodes.size() > before)
        open.push_back(before);
    }
  }
  result.states = nodes.size();
  return result;
}

namespace {

/// "=== kernel name" heads a trace; "#" lines are comments.
const std::map<std::string, std::vector<std::string>> &recordedTraces() {
  static const std::map<std::string, std::vector<std::string>> table = [] {
    std::map<std::string, std::vector<std::string>> out;
    std::vector<std::string> *current = nullptr;
    llvm::SmallVector<llvm::StringRef, 0> lines;
    kernelTracesTxt().split(lines, '\n', -1, false);
    for (llvm::StringRef line : lines) {
      if (line.consume_front("=== "))
        current = &out[line.trim().str()];
      else if (current && !line.starts_with("#"))
        current->push_back(line.str());
    }
    return out;
  }();
  return table;
}

} // namespace

std::vector<std::string> traceNames() {
  std::vector<std::string> names;
  for (const auto &[key, lines] : recordedTraces()) {
    const std::string name = llvm::StringRef(key).split(' ').second.str();
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> traceLines(llvm::StringRef kernel, llvm::StringRef name) {
  const auto it = recordedTraces().find((kernel + llvm::Twine(" ") + name).str());
  return it == recordedTraces().end() ? std::vector<std::string>() : it->second;
}

} // namespace bhlint::model
