// An observation for people, and as JSON. Everything that a trace names is escaped.
#pragma once

#include "analysis/observe/predict.h"
#include "analysis/observe/proc_counters.h"

#include "llvm/Support/raw_ostream.h"

#include <optional>

namespace bhlint {

/// One of the files that counts.
struct ObservedCounters {
  std::string title; ///< "softirqs"
  std::vector<std::string> cpus;
  std::vector<RateRow> rates;
};

/// All that `bhlint observe` has seen.
struct ObservedSystem {
  double seconds = 0; ///< between the two samples of the counters
  std::vector<ObservedCounters> counters;
  std::string traceName; ///< empty: no trace
  Observation trace;
  std::vector<PredictedHandler> predictions; ///< empty: nothing was analysed
  const Program *program = nullptr;
  bool hasGaps() const;
};

void writeText(const ObservedSystem &system, llvm::raw_ostream &out);
void writeJson(const ObservedSystem &system, llvm::raw_ostream &out);

} // namespace bhlint
