#include "analysis/observe/observation.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace {

/// Of each kind of thing that is remembered; some ten megabytes.
constexpr std::size_t mostRemembered = 100'000;
constexpr std::size_t mostUnreadableShown = 5;
/// A machine has fewer.
constexpr std::uint32_t mostCpus = 8192;

std::optional<std::uint64_t> numberIn(llvm::StringRef fields, llvm::StringRef name) {
  std::optional<llvm::StringRef> text = traceField(fields, name);
  std::uint64_t value = 0;
  return text && !text->getAsInteger(10, value) ? std::optional(value) : std::nullopt;
}

} // namespace

void Durations::add(std::uint64_t duration, std::uint64_t line) {
  ++count;
  total += duration;
  if (duration > longest || count == 1) {
    longest = duration;
    longestLine = line;
  }
}

double Observation::perSecond(std::uint64_t count) const {
  return nanoseconds == 0 ? 0 : static_cast<double>(count) * 1e9 / static_cast<double>(nanoseconds);
}

TraceObserver::TraceObserver(const RuleSet &rules) : rules(rules) {
  auto add = [&](const std::string &event, std::size_t span, Role role) {
    if (!event.empty())
      roles.emplace(event, std::pair(span, role));
  };
  for (std::size_t i = 0; i < rules.traceSpans.size(); ++i) {
    const TraceSpan &span = rules.traceSpans[i];
    add(span.enter, i, Role::Enter);
    add(span.exit, i, Role::Exit);
    add(span.queued, i, Role::Queued);
    add(span.due, i, Role::Due);
  }
}

template <class Map> bool TraceObserver::hasRoom(const Map &map) {
  if (map.size() < mostRemembered)
    return true;
  ++result.dropped;
  return false;
}

void TraceObserver::take(llvm::StringRef text) {
  ++line;
  TraceLine read = readTraceLine(text, [&](llvm::StringRef event) { return roles.find(event) != roles.end(); });
  if (read.kind == TraceLineKind::Event && read.event.cpu >= mostCpus)
    read.kind = TraceLineKind::Unreadable;
  switch (read.kind) {
  case TraceLineKind::Other:
    return;
  case TraceLineKind::Lost:
    result.lost += read.lost;
    forgetRunning();
    return;
  case TraceLineKind::Unreadable:
    if (++result.unreadable <= mostUnreadableShown)
      result.unreadableLines.push_back(line);
    return;
  case TraceLineKind::Event:
    break;
  }
  cpus[read.event.cpu] = true;
  // Lines of several CPUs are not always in order.
  first = result.events == 0 ? read.event.time : std::min(first, read.event.time);
  last = std::max(last, read.event.time);
  ++result.events;
  auto [begin, end] = roles.equal_range(read.event.name);
  for (auto entry = begin; entry != end; ++entry)
    use(read.event, entry->second.first, entry->second.second);
}

/// The same in all events that belong together.
std::string TraceObserver::owner(const TraceEvent &event, const TraceSpan &span, llvm::StringRef key) const {
  return (span.isPerTask ? "task " + std::to_string(event.task) : "cpu " + std::to_string(event.cpu)) + " " + key.str();
}

void TraceObserver::use(const TraceEvent &event, std::size_t index, Role role) {
  const TraceSpan &span = rules.traceSpans[index];
  std::optional<llvm::StringRef> key = traceField(event.fields, span.key);
  if (!key) {
    if (++result.unreadable <= mostUnreadableShown)
      result.unreadableLines.push_back(line);
    return;
  }
  // Where it is queued is not always where it runs, except for what has no identity but its CPU.
  const bool isPerCpu = span.handler.empty();
  Key request{index, isPerCpu ? owner(event, span, *key) : key->str()};
  switch (role) {
  case Role::Queued:
    // Raised again before it ran, it has been waiting since the first time.
    if (hasRoom(queued))
      queued.try_emplace(std::move(request), event.time);
    return;
  case Role::Due:
    if (std::optional<std::uint64_t> due = numberIn(event.fields, span.dueAt); due && hasRoom(queued))
      queued[std::move(request)] = *due;
    return;
  case Role::Enter: {
    enter(event, index, owner(event, span, *key));
    auto asked = queued.find(request);
    if (asked == queued.end())
      return;
    const std::optional<std::uint64_t> now = span.due.empty() ? event.time : numberIn(event.fields, span.dueNow);
    auto running = open.find({index, owner(event, span, *key)});
    if (now && *now >= asked->second && running != open.end())
      result.handlers[running->second.handler].latency.add(*now - asked->second, line);
    queued.erase(asked);
    return;
  }
  case Role::Exit:
    exit(event, index, owner(event, span, *key));
    return;
  }
}

std::optional<std::size_t> TraceObserver::handlerFor(const TraceEvent &event, const TraceSpan &span) {
  llvm::StringRef text = traceField(event.fields, span.handler.empty() ? span.label : span.handler).value_or("");
  llvm::StringRef function = span.handler.empty() ? llvm::StringRef() : traceFunction(text);
  Context context = span.context;
  bool isCertain = true;
  if (span.inSoftirq) {
    const bool isServed = softirqs.lookup(event.cpu);
    if (event.level == InterruptLevel::Softirq ||
        (event.level == InterruptLevel::Unknown && isServed && span.isPerTask))
      context = *span.inSoftirq;
    else if (event.level == InterruptLevel::Unknown && isServed)
      isCertain = false; // an interrupt of the softirq, or part of it
  }
  const std::string name = function.empty() ? text.str() : function.str();
  auto [entry, isNew] = known.try_emplace({&span, name, context, isCertain}, result.handlers.size());
  if (!isNew)
    return entry->second;
  if (!hasRoom(result.handlers)) {
    known.erase(entry);
    return std::nullopt;
  }
  result.handlers.push_back({&span, name, !function.empty(), context, isCertain, 0, line, {}, {}});
  return entry->second;
}

void TraceObserver::enter(const TraceEvent &event, std::size_t index, const std::string &key) {
  const TraceSpan &span = rules.traceSpans[index];
  std::optional<std::size_t> handler = handlerFor(event, span);
  if (!handler)
    return;
  ++result.handlers[*handler].count;
  if (hasRoom(open))
    open[{index, key}] = {*handler, event.time};
  if (span.context == Context::Softirq)
    softirqs[event.cpu] = true;
}

void TraceObserver::exit(const TraceEvent &event, std::size_t index, const std::string &key) {
  if (rules.traceSpans[index].context == Context::Softirq)
    softirqs[event.cpu] = false;
  auto running = open.find({index, key});
  if (running == open.end())
    return; // it began before the trace did
  if (event.time >= running->second.time)
    result.handlers[running->second.handler].run.add(event.time - running->second.time, line);
  open.erase(running);
}

/// What was running may have ended, or moved, in what was lost.
void TraceObserver::forgetRunning() {
  softirqs.clear();
  open.clear();
  queued.clear();
}

Observation TraceObserver::finish() {
  result.nanoseconds = last - first;
  result.cpus = cpus.size();
  auto rank = [](const ObservedHandler &handler) {
    return std::tuple(handler.context != Context::Tasklet, ~handler.count);
  };
  std::stable_sort(result.handlers.begin(), result.handlers.end(), [&](const auto &a, const auto &b) {
    return std::tuple(rank(a), a.span, std::string_view(a.name), a.context) <
           std::tuple(rank(b), b.span, std::string_view(b.name), b.context);
  });
  return std::move(result);
}

} // namespace bhlint
