// Finding: one thing that bhlint says. Plain data, filled by checkers, sorted and written by the writers in this folder.
//
// It is not an analysis result to compute on: contexts, summaries and states live in analysis/program.
#pragma once

#include "analysis/facts/context.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bhlint {

/// `file` is relative to the tree; 1-based; 0 = unknown.
struct SourcePlace {
  std::string file;
  unsigned line = 0;
  unsigned column = 0;
  friend auto operator<=>(const SourcePlace &, const SourcePlace &) = default;
};

/// One hop from the atomic root to the sleep, in execution order.
struct ChainStep {
  std::string function; ///< in which the place lies
  SourcePlace place;
  std::string what;     ///< "bar_task() calls bar_flush()", "takes &p->lock", "mutex_lock() sleeps"
  friend bool operator==(const ChainStep &, const ChainStep &) = default;
};

struct Root {
  std::string function;
  SourcePlace place;
  std::string why;      ///< "bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()"
  friend bool operator==(const Root &, const Root &) = default;
};

struct Suggestion {
  std::string mechanism;
  std::string why;
  friend bool operator==(const Suggestion &, const Suggestion &) = default;
};

/// What is held where the sink is called, as counts: what a replay in the runtime model starts from.
struct HeldState {
  int preempt = 0, bottomHalf = 0, irq = 0, rcu = 0;
  std::string by;         ///< the call that took it, as shown in timelines: "spin_lock(&p->lock)"
  friend bool operator==(const HeldState &, const HeldState &) = default;
};

/// What kind of call the sink is, for the replay.
enum class SinkKind : std::uint8_t { Sleep, Mutex, Allocation, UserAccess, Forbidden };

enum class ReplayState : std::uint8_t { NotModelled, Reproduced, NotReproduced };

struct Finding {
  std::string rule;
  SourcePlace place;      ///< of the sleeping call
  std::string function;   ///< in which `place` lies
  std::string sink;       ///< the function or macro that sleeps, as written there: "mutex_lock"
  std::string context;    ///< contextName() of the root, or "spinlock held", "irqs off", ...: why it is atomic
  Confidence confidence = Confidence::High;
  std::string fingerprint;///< hex; no line numbers in it; set by assignFingerprints()
  std::string message;
  Root root;
  std::vector<ChainStep> chain; ///< from the root to the sink, ends at the primitive that sleeps
  Suggestion suggestion;
  std::vector<std::string> assumptions; ///< why the confidence is not higher; what guards were assumed
  std::vector<std::string> evidence;    ///< kernel sources behind the contracts used: "kernel/softirq.c:788"
  Context ambient = Context::Process;   ///< where the root runs, locks apart
  unsigned conditionalCalls = 0; ///< calls of the chain that their functions may also do without
  HeldState held;         ///< at the sink, beyond what `ambient` says
  SinkKind sinkKind = SinkKind::Sleep;
  ReplayState replay = ReplayState::NotModelled;
  friend bool operator==(const Finding &, const Finding &) = default;
};

struct FailedUnit {
  std::string file;
  std::string reason;
};

/// What a run produced, for the writers.
struct Report {
  std::string toolVersion;
  std::vector<Finding> findings; ///< sorted by place, rule, fingerprint
  unsigned unitsAnalysed = 0;
  std::vector<FailedUnit> failedUnits;
};

} // namespace bhlint
