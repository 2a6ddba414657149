#include "driver/cli/findings_run.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/results.h"

#include "analysis/findings/suppress.h"
#include "checkers/checker.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

void suppress(std::vector<SourceComment> comments, FindingsRun &result, Invocation &invocation) {
  std::vector<std::string> known;
  for (const Rule &rule : result.run.rules.rules)
    known.push_back(rule.id);
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> read;
  auto readSource = [&](llvm::StringRef file) -> std::optional<llvm::StringRef> {
    auto [entry, isNew] = read.try_emplace(file);
    if (isNew)
      if (auto buffer = result.run.files->getBufferForFile(absolutePath(result.run.tree, file)))
        entry->second = std::move(*buffer);
    return entry->second ? std::optional(entry->second->getBuffer()) : std::nullopt;
  };
  SuppressionResult outcome = applySuppressions(std::move(comments), known, readSource, result.report.findings);
  result.suppressed = outcome.suppressed;
  for (const SuppressionWarning &warning : outcome.warnings)
    invocation.warn(warning.place.file + ":" + llvm::Twine(warning.place.line) + ": " + warning.message);
}

/// A finding that the model does not reproduce rests on something that one of the two gets wrong.
void replay(std::vector<Finding> &findings) {
  for (Finding &finding : findings) {
    switch (model::replayFinding(replayRequest(finding)).state) {
    case model::ReplayState::Reproduced:
      finding.replay = ReplayState::Reproduced;
      break;
    case model::ReplayState::NotReproduced:
      finding.replay = ReplayState::NotReproduced;
      break;
    case model::ReplayState::NotModelled:
      finding.replay = ReplayState::NotModelled;
      break;
    }
    if (finding.replay == ReplayState::NotReproduced && finding.confidence == Confidence::High) {
      finding.confidence = Confidence::Medium;
      finding.assumptions.push_back("the runtime model does not reproduce it");
    }
  }
}

/// The chain ends at the primitive, "mutex_lock() sleeps"; the sink is what the driver calls to get there.
std::string primitiveOf(const Finding &finding) {
  if (finding.chain.empty())
    return finding.sink;
  llvm::StringRef what = finding.chain.back().what;
  llvm::StringRef name = what.substr(0, what.find("() "));
  const bool isPrimitive =
      name.size() < what.size() && !name.empty() && !name.contains(' ') && !what.contains("() calls");
  return isPrimitive ? name.str() : finding.sink;
}

/// The steps of the chain but for the last, and what is held, where the chain takes it.
void addChain(const Finding &finding, model::ReplayRequest &request) {
  constexpr std::size_t most = 100; // recursion makes long ones
  const HeldState &held = finding.held;
  const bool isHeld = held.preempt != 0 || held.bottomHalf != 0 || held.irq != 0 || held.rcu != 0;
  const model::ReplayEffect taking{held.by, held.preempt, held.bottomHalf, held.irq, held.rcu};
  const std::string takes = " with " + held.by.substr(0, held.by.find('(')) + "()";
  bool isTaken = !isHeld;
  for (std::size_t i = 0; i + 1 < finding.chain.size() && i < most; ++i) {
    const std::string &what = finding.chain[i].what;
    if (!isTaken && llvm::StringRef(what).ends_with(takes)) {
      request.effects.push_back(taking);
      isTaken = true;
    } else {
      request.effects.push_back({what, 0, 0, 0, 0});
    }
  }
  if (!isTaken)
    request.effects.insert(request.effects.begin(), taking);
}

} // namespace

model::ReplayRequest replayRequest(const Finding &finding) {
  model::ReplayRequest request;
  request.root = finding.ambient;
  request.rootFunction = finding.root.function;
  addChain(finding, request);
  switch (finding.sinkKind) {
  case SinkKind::Sleep:
    request.sink = model::ReplaySink::Sleep;
    break;
  case SinkKind::Mutex:
    request.sink = model::ReplaySink::Mutex;
    break;
  case SinkKind::Allocation:
    request.sink = model::ReplaySink::Allocation;
    break;
  case SinkKind::UserAccess:
    request.sink = model::ReplaySink::UserAccess;
    break;
  case SinkKind::Forbidden:
    request.sink = model::ReplaySink::Forbidden;
    break;
  }
  request.sinkName = primitiveOf(finding);
  return request;
}

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
  CheckResult result;
  result.findings = check({*run.program, *run.resolver, *run.summaries, *run.contexts}, {});
  replay(result.findings);
  for (const UnitSuppression &comment : run.program->suppressions)
    result.comments.push_back(
        {{run.program->text(comment.place.file).str(), comment.place.line, comment.place.column}, comment.text});
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
  result.report.findings = std::move(found->findings);
  suppress(std::move(found->comments), result, invocation);
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
