// Replays a finding: its context, what it took on the way and its sink become a scenario, and the model executes it.
//
// For the main pipeline (explain, and the `replay` field of findings). It knows the analysis' vocabulary of contexts and
// nothing else of it. A replay takes well under a millisecond. What a sink does is what data/functions.yaml says; a function
// that is not there does what its contract claims. To replay another sink by its own steps: a row there.
#pragma once

#include "analysis/facts/context.h"
#include "runtime-model/mechanism.h"

#include <cstdint>
#include <string>
#include <vector>

namespace bhlint::model {

/// One step on the way: a call, and what it takes or drops (AtomicEffect of analysis/ruleset, with names), if anything.
struct ReplayEffect {
  std::string call;          ///< "spin_lock_irqsave(&dev->lock)": shown in the timeline
  int preempt = 0, bottomHalf = 0, irq = 0, rcu = 0;
};

enum class ReplaySink : std::uint8_t {
  Sleep,      ///< schedule(), msleep(), wait_event(), flush_work(), ...
  Mutex,
  Allocation,
  UserAccess,
  Forbidden   ///< does not sleep, and must not be called there all the same
};

struct ReplayRequest {
  Context root = Context::Process;
  std::string rootFunction;          ///< "foo_irq"
  std::vector<ReplayEffect> effects; ///< in order, from the root to the sink
  ReplaySink sink = ReplaySink::Sleep;
  std::string sinkName;              ///< "mutex_lock": the primitive at the end of the chain
  bool rt = false;
};

enum class ReplayState : std::uint8_t { Reproduced, NotReproduced, NotModelled };
const char *replayStateName(ReplayState state); ///< "reproduced", "not-reproduced", "not-modelled"

struct ReplayResult {
  ReplayState state = ReplayState::NotModelled;
  std::string timeline;    ///< one column per CPU; ends in the kernel's own words
  std::vector<Event> events; ///< the same for who draws it; those of CPUs 0 to `cpus` - 1
  unsigned cpus = 0;       ///< 0: nothing was replayed
  std::string kernelWords; ///< "BUG: sleeping function called from invalid context ...", or what nothing reports
  std::string why;         ///< when it is not modelled
};

ReplayResult replayFinding(const ReplayRequest &request);

} // namespace bhlint::model
