#include "driver/cli/findings_run.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/results.h"

namespace bhlint {

std::optional<Run> extractShown(RunOptions &options, Invocation &invocation) {
  if (!completeRunOptions(options, invocation))
    return std::nullopt;
  llvm::Expected<Run> run = [&] {
    InterruptGuard guard;
    options.isInterrupted = InterruptGuard::isInterrupted;
    ProgressLine line(invocation.err);
    return extractAll(
        options, [&](const ProgressState &state) { line.update(state); },
        [&](llvm::StringRef message) { invocation.warn(message); });
  }();
  if (!run) {
    invocation.fail(run.takeError());
    return std::nullopt;
  }
  return std::move(*run);
}

/// Links, infers, checks and replays.
static llvm::Expected<CheckResult> compute(Run &run, unsigned jobs) {
  if (llvm::Error error = analyse(run, jobs))
    return error;
  CheckResult result = judge(run);
  run.clock.lap("findings");
  return result;
}

/// The result of an earlier run with the same facts, or a new one.
static llvm::Expected<CheckResult> findOrCompute(const RunOptions &options, const Warning &warn, Run &run) {
  ResultCache results(options, run, warn);
  std::optional<CheckResult> known = results.find();
  run.clock.lap("results");
  if (known)
    return std::move(*known);
  llvm::Expected<CheckResult> computed = compute(run, options.jobs);
  if (computed)
    results.put(*computed, run);
  return computed;
}

std::optional<FindingsRun> findAll(RunOptions options, Invocation &invocation) {
  std::optional<Run> run = extractShown(options, invocation);
  if (!run)
    return std::nullopt;
  FindingsRun result{std::move(*run), {}, 0};
  result.report.toolVersion = BHLINT_VERSION;
  llvm::Expected<CheckResult> found =
      findOrCompute(options, [&](llvm::StringRef message) { invocation.warn(message); }, result.run);
  if (!found) {
    invocation.fail(found.takeError());
    return std::nullopt;
  }
  // Afterwards: facts that turn out to be damaged when they are linked make a failed unit, too.
  for (const ExtractedUnit &unit : result.run.units) {
    if (unit.error.empty())
      ++result.report.unitsAnalysed;
    else
      result.report.failedUnits.push_back({unit.file, unit.error});
  }
  Judgement judgement = suppress(std::move(*found), result.run);
  result.report.findings = std::move(judgement.findings);
  result.suppressed = judgement.suppressed;
  for (const SuppressionWarning &warning : judgement.warnings)
    invocation.warn(warning.place.file + ":" + llvm::Twine(warning.place.line) + ": " + warning.message);
  return result;
}

void listFailures(const Report &report, llvm::raw_ostream &out) {
  if (report.failedUnits.empty())
    return;
  out << report.failedUnits.size() << " of " << report.failedUnits.size() + report.unitsAnalysed << " units failed:\n";
  for (const FailedUnit &unit : report.failedUnits)
    out << "  " << unit.file << ": " << unit.reason << "\n";
}

} // namespace bhlint
