#include "driver/cli/findings_run.h"
#include "driver/cli/allocator.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/report_output.h"
#include "driver/cli/results.h"

#include <set>

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
static llvm::Expected<CheckResult> compute(Run &run, const Workers &workers, Judging &judging) {
  keepFreedMemory();
  if (llvm::Error error = analyse(run, workers, judging.companion()))
    return error;
  CheckResult result = judging.finish(&run.checkerCosts);
  run.clock.lap("findings");
  return result;
}

/// The result of an earlier run with the same facts, or a new one.
static llvm::Expected<CheckResult> findOrCompute(const RunOptions &options, const Warning &warn, FindingsRun &found) {
  Run &run = found.run;
  ResultCache results(options, run, warn);
  std::optional<CheckResult> known = results.find();
  run.clock.lap("results");
  if (known)
    return std::move(*known);
  const Workers workers(options.jobs);
  Judging judging(run, workers);
  llvm::Expected<CheckResult> computed = compute(run, workers, judging);
  found.leftovers = judging.leftovers();
  if (computed)
    results.put(*computed, run);
  return computed;
}

static void countUnits(const Run &run, Report &report) {
  for (const ExtractedUnit &unit : run.units) {
    if (unit.error.empty())
      ++report.unitsAnalysed;
    else
      report.failedUnits.push_back({unit.file, unit.error});
  }
}

void warnOfFailures(const Run &run, Invocation &invocation) {
  Report report;
  countUnits(run, report);
  listFailures(report, invocation.err);
}

/// What is left of the findings when comments have been asked, and what became of the units.
static void report(CheckResult found, const Warning &warn, FindingsRun &result) {
  result.report.toolVersion = BHLINT_VERSION;
  result.report.rules = ruleTexts(result.run.rules);
  // Afterwards: facts that turn out to be damaged when they are linked make a failed unit, too.
  countUnits(result.run, result.report);
  const std::vector<Finding> all = found.findings;
  Judgement judgement = suppress(std::move(found), result.run);
  result.report.findings = std::move(judgement.findings);
  std::set<std::string> left;
  for (const Finding &finding : result.report.findings)
    left.insert(finding.fingerprint);
  for (const Finding &finding : all)
    if (!left.count(finding.fingerprint))
      result.allowed.push_back(finding);
  for (const SuppressionWarning &warning : judgement.warnings)
    warn(warning.place.file + ":" + std::to_string(warning.place.line) + ": " + warning.message);
}

std::optional<FindingsRun> findAll(RunOptions options, Invocation &invocation) {
  std::optional<Run> run = extractShown(options, invocation);
  if (!run)
    return std::nullopt;
  run->unasked = unaskedRules(options, *run);
  FindingsRun result{std::move(*run), {}, {}, {}};
  const Warning warn = [&](llvm::StringRef message) { invocation.warn(message); };
  llvm::Expected<CheckResult> found = findOrCompute(options, warn, result);
  if (!found) {
    invocation.fail(found.takeError());
    return std::nullopt;
  }
  report(std::move(*found), warn, result);
  return result;
}

llvm::Expected<FindingsRun> findIn(Run run, unsigned jobs, const Warning &warn) {
  FindingsRun result{std::move(run), {}, {}, {}};
  const Workers workers(jobs);
  Judging judging(result.run, workers);
  llvm::Expected<CheckResult> found = compute(result.run, workers, judging);
  if (!found)
    return found.takeError();
  report(std::move(*found), warn, result);
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
