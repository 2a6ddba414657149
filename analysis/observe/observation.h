// Observation: which handlers ran in a trace, how often, where and for how long. What the events mean is data,
// RuleSet::traceSpans; how lines are read is in trace_line.h; whether it was to be expected is in predict.h.
//
// Traces are untrusted: memory is bounded, and what cannot be used is counted and located.
#pragma once

#include "analysis/observe/trace_line.h"
#include "analysis/ruleset/rule_set.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <map>
#include <string>
#include <vector>

namespace bhlint {

/// Of durations, in nanoseconds.
struct Durations {
  std::uint64_t count = 0;
  std::uint64_t total = 0;
  std::uint64_t longest = 0;
  std::uint64_t longestLine = 0; ///< of the trace, at which the longest ended
  void add(std::uint64_t duration, std::uint64_t line);
  std::uint64_t mean() const { return count == 0 ? 0 : total / count; }
};

struct ObservedHandler {
  const TraceSpan *span = nullptr;
  std::string name; ///< function; or what the trace calls it, where the span has no handler
  bool isFunction = false;
  Context context = Context::Process;
  bool isContextCertain = true; ///< false: it may be span->inSoftirq instead; the trace doesn't say
  std::uint64_t count = 0;
  std::uint64_t firstLine = 0;
  Durations run;     ///< with the interrupts that came meanwhile; of work items, also what it slept
  Durations latency; ///< from the request until it ran
  bool isTooLong() const { return span->longest != 0 && context != Context::Process && run.longest > span->longest; }
};

struct Observation {
  std::vector<ObservedHandler> handlers; ///< tasklets first, then by count, highest first
  std::uint64_t nanoseconds = 0;         ///< from the first event to the last
  std::size_t cpus = 0;
  std::uint64_t events = 0; ///< that were used
  std::uint64_t lost = 0;   ///< that the kernel says it had no room for
  std::uint64_t unreadable = 0;
  std::vector<std::uint64_t> unreadableLines; ///< the first few
  std::uint64_t dropped = 0;                  ///< that would have needed more memory than a trace may take
  double perSecond(std::uint64_t count) const;
};

class TraceObserver {
public:
  explicit TraceObserver(const RuleSet &rules);
  void take(llvm::StringRef line);
  Observation finish();

private:
  enum class Role : std::uint8_t { Enter, Exit, Queued, Due };
  struct Open {
    std::size_t handler = 0;
    std::uint64_t time = 0;
  };
  using Key = std::pair<std::size_t, std::string>; ///< span, and what is equal in events that belong together

  void use(const TraceEvent &event, std::size_t span, Role role);
  void enter(const TraceEvent &event, std::size_t span, const std::string &key);
  void exit(const TraceEvent &event, std::size_t span, const std::string &key);
  std::string owner(const TraceEvent &event, const TraceSpan &span, llvm::StringRef key) const;
  std::optional<std::size_t> handlerFor(const TraceEvent &event, const TraceSpan &span);
  void forgetRunning();
  template <class Map> bool hasRoom(const Map &map);

  const RuleSet &rules;
  std::multimap<std::string, std::pair<std::size_t, Role>, std::less<>> roles;
  std::map<Key, Open> open;            ///< handlers that run
  std::map<Key, std::uint64_t> queued; ///< asked for at
  std::map<std::tuple<const TraceSpan *, std::string, Context, bool>, std::size_t> known;
  llvm::DenseMap<std::uint32_t, bool> softirqs; ///< by CPU: one is being served
  llvm::DenseMap<std::uint32_t, bool> cpus;
  std::uint64_t line = 0, first = 0, last = 0;
  Observation result;
};

} // namespace bhlint
