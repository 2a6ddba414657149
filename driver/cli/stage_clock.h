// What the stages of a run cost, for --timings.
#pragma once

#include "analysis/program/parallel.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
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

/// What checkers cost, in whatever stage. Several threads may be in time().
class CheckerClock {
public:
  /// `helpers`: in whose loops `step` does something; null: it is all done by the calling thread.
  void time(const char *name, const Workers *helpers, llvm::function_ref<void()> step);
  /// By name, of all steps that have it.
  std::vector<CheckerCost> costs() const;

private:
  mutable std::mutex mutex;
  std::map<std::string, double> known;
};

/// A line for each, and one for all; nothing when there are none.
void writeCheckers(const std::vector<CheckerCost> &costs, llvm::raw_ostream &out);

} // namespace bhlint
