// Timelines of a replayed trace: text with one column per CPU, and the comparison with what a real kernel printed.
#pragma once

#include "runtime-model/explore.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace bhlint::model {

/// One column per CPU; time goes down. Each entry has the context letter of the recorded traces and the task.
std::string timelineText(const System &system, const std::vector<Event> &events);

/// Can the model do what a kernel did? Searches for a run whose outputs (`say`, the interrupt controller, the kernel's own
/// messages) are `lines`, in that order and no others. Names of CPUs and workers are not compared.
struct TraceMatch {
  bool isPossible = false;
  std::size_t matched = 0;      ///< lines of the longest prefix that the model can do
  std::uint64_t states = 0;
  std::vector<Step> trace;      ///< of that prefix
};
TraceMatch matchTrace(const System &system, const State &initial, const std::vector<std::string> &lines);

/// "[S:ksoftirqd/0] tasklet A run 1" as both sides are compared: "[S:ksoftirqd] tasklet A run 1".
std::string normalTraceLine(llvm::StringRef line);

/// The recorded traces: names of kernels, and of a kernel's traces, and their lines.
std::vector<std::string> traceNames();
std::vector<std::string> traceLines(llvm::StringRef kernel, llvm::StringRef name);

} // namespace bhlint::model
