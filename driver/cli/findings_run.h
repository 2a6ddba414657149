// From units to findings, for every command that shows some: check, explain, baseline.
#pragma once

#include "driver/cli/command.h"
#include "driver/cli/judge.h"

#include <memory>
#include <optional>

namespace bhlint {

struct FindingsRun {
  Run run; ///< with what was linked and inferred only where the findings of an earlier run did not do
  Report report; ///< all findings, of any confidence; suppressed ones are gone
  std::vector<Finding> allowed; ///< those
  std::unique_ptr<Checking> leftovers; ///< of findAll(), so that who is about to end need not free them; may be null
};

/// Extracts with a progress line, analyses and checks, or finds what an earlier run came to; and applies suppression comments. Empty: it failed, and said why.
std::optional<FindingsRun> findAll(RunOptions options, Invocation &invocation);

/// The same of a run whose units are extracted: links, infers, checks. `warn` is told of comments that allow nothing.
llvm::Expected<FindingsRun> findIn(Run run, unsigned jobs, const Warning &warn);

/// Extraction with a progress line on a terminal; empty: it failed, and said why.
std::optional<Run> extractShown(RunOptions &options, Invocation &invocation);

/// What could not be analysed and so is missing, on standard error.
void warnOfFailures(const Run &run, Invocation &invocation);

/// "3 of 100 units failed:" and each with its reason.
void listFailures(const Report &report, llvm::raw_ostream &out);

} // namespace bhlint
