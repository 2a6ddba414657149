// The recorded traces against the model: for each one, can the model do exactly what that kernel did?
#pragma once

#include "runtime-model/matrix.h"
#include "runtime-model/trace.h"

namespace bhlint::model {

struct RecordedTrace {
  std::string name, kernel;
  bool isPossible = false;
  std::size_t lines = 0, matched = 0;
  std::uint64_t states = 0;
  std::string timeline;   ///< of the model's run, or of the longest part that it can do
  std::string wanted;     ///< the line at which it stopped
};

/// The scenario of a trace on a kernel's profile.
std::optional<Scenario> traceScenario(llvm::StringRef name, const Profile &profile, unsigned cpus,
                                      std::vector<Diagnostic> &diagnostics);
/// One result for each kernel that recorded `name`.
std::vector<RecordedTrace> checkTrace(llvm::StringRef name, std::vector<Diagnostic> &diagnostics);

} // namespace bhlint::model
