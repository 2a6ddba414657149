// Latency: a discrete-event run over the same mechanisms, with a cost for each call.
//
// Where explore() follows every step that is possible, this follows the one that a kernel would take: interrupts first,
// then softirqs, then interrupt threads (SCHED_FIFO), then everything else; a device interrupts at random moments with a
// given mean period. Costs are the scenario's, in microseconds; the result is their consequence, not a measurement.
#pragma once

#include "runtime-model/scenario.h"
#include "runtime-model/svg.h"

#include <string>
#include <vector>

namespace bhlint::model {

struct Distribution {
  std::vector<double> samples; ///< sorted, microseconds
  double percentile(double p) const;
};

struct LatencyResult {
  std::string name;
  Distribution top;     ///< from the device's interrupt to the first line of the primary handler
  Distribution bottom;  ///< from the device's interrupt to the end of the deferred part, or of the handler if none
  std::uint64_t events = 0, coalesced = 0;
};

/// One scenario per YAML document of the file; each has a `latency` section.
std::vector<LatencyResult> runLatency(llvm::StringRef yaml, const std::string &file,
                                      std::vector<Diagnostic> &diagnostics);

} // namespace bhlint::model
