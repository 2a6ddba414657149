// What the stages of a run cost, for --timings.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"

#include <mutex>
#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
}

namespace bhlint {

struct StageCost {
  std::string name;
  double wallSeconds = 0;
  double cpuSeconds = 0;      ///< of the whole process, so of all threads
  unsigned peakMebibytes = 0; ///< the most resident memory so far, not only of this stage
};

class StageClock {
public:
  StageClock();
  /// What happened since the last one (or since the clock was made) was `name`.
  void lap(const char *name);
  const std::vector<StageCost> &stages() const { return costs; }

private:
  double wallAtStart = 0, cpuAtStart = 0;
  std::vector<StageCost> costs;
};

/// A table with a line for each stage, and one for all.
void writeStages(const std::vector<StageCost> &stages, llvm::raw_ostream &out);

struct CheckerCost {
  std::string name;
  double cpuSeconds = 0;
};

/// What the parts of the last stage cost. Several threads may be in time().
class CheckerClock {
public:
  /// `isOnAllThreads`: `step` has threads of its own, and nothing else runs meanwhile.
  void time(const char *name, bool isOnAllThreads, llvm::function_ref<void()> step);
  /// By name.
  std::vector<CheckerCost> costs() const;

private:
  std::mutex mutex;
  std::vector<CheckerCost> known;
};

/// A line for each, and one for all; nothing when there are none.
void writeCheckers(const std::vector<CheckerCost> &costs, llvm::raw_ostream &out);

} // namespace bhlint
