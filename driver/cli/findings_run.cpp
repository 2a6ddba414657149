#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"

#include "analysis/findings/suppress.h"
#include "checkers/checker.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"

#include <chrono>

namespace bhlint {

namespace {

/// One line that is written over; nothing when the output is not a terminal.
class ProgressLine {
public:
  explicit ProgressLine(llvm::raw_ostream &out)
      : out(out), isShown(llvm::sys::Process::StandardErrIsDisplayed()), start(Clock::now()) {}
  ~ProgressLine() {
    if (isShown)
      out << "\r\033[K";
  }
  void update(std::size_t done, std::size_t total, std::size_t failed) {
    Clock::time_point now = Clock::now();
    constexpr auto pause = std::chrono::milliseconds(100);
    if (!isShown || (now - last < pause && done != total))
      return;
    last = now;
    double seconds = std::chrono::duration<double>(now - start).count();
    double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    out << "\r\033[K" << done << "/" << total << " units";
    if (rate > 0)
      out << llvm::format(", %.1f/s, %.0f s left", rate, static_cast<double>(total - done) / rate);
    if (failed != 0)
      out << ", " << failed << " failed";
    out.flush();
  }

private:
  using Clock = std::chrono::steady_clock;
  llvm::raw_ostream &out;
  bool isShown;
  Clock::time_point start, last;
};

void suppress(FindingsRun &result, Invocation &invocation) {
  std::vector<SourceComment> comments;
  const Program &program = *result.run.program;
  for (const UnitSuppression &comment : program.suppressions)
    comments.push_back(
        {{program.text(comment.place.file).str(), comment.place.line, comment.place.column}, comment.text});
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

} // namespace

model::ReplayRequest replayRequest(const Finding &finding) {
  model::ReplayRequest request;
  request.root = finding.ambient;
  request.rootFunction = finding.root.function;
  const HeldState &held = finding.held;
  if (held.preempt != 0 || held.bottomHalf != 0 || held.irq != 0 || held.rcu != 0)
    request.effects.push_back({held.by, held.preempt, held.bottomHalf, held.irq, held.rcu});
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
  request.sinkName = finding.sink;
  return request;
}

std::optional<Run> extractShown(RunOptions &options, Invocation &invocation) {
  llvm::Expected<std::string> rules = findRules(options.rules, invocation.program);
  if (!rules) {
    invocation.fail(rules.takeError());
    return std::nullopt;
  }
  options.rules = *rules;
  if (options.cacheFolder.empty())
    options.cacheFolder = defaultCacheFolder();
  ProgressLine line(invocation.err);
  llvm::Expected<Run> run = extractAll(
      options, [&](std::size_t done, std::size_t total, std::size_t failed) { line.update(done, total, failed); },
      [&](llvm::StringRef message) { invocation.warn(message); });
  if (!run) {
    invocation.fail(run.takeError());
    return std::nullopt;
  }
  return std::move(*run);
}

std::optional<FindingsRun> findAll(RunOptions options, Invocation &invocation) {
  std::optional<Run> run = extractShown(options, invocation);
  if (!run)
    return std::nullopt;
  FindingsRun result{std::move(*run), {}, 0};
  result.report.toolVersion = BHLINT_VERSION;
  for (const ExtractedUnit &unit : result.run.units) {
    if (unit.error.empty())
      ++result.report.unitsAnalysed;
    else
      result.report.failedUnits.push_back({unit.file, unit.error});
  }
  analyse(result.run);
  Analysis analysis{*result.run.program, *result.run.resolver, *result.run.summaries, *result.run.contexts};
  result.report.findings = check(analysis, {});
  replay(result.report.findings);
  suppress(result, invocation);
  return result;
}

void listFailures(const Report &report, llvm::raw_ostream &out) {
  if (report.failedUnits.empty())
    return;
  out << report.failedUnits.size() << " of " << report.failedUnits.size() + report.unitsAnalysed
      << " units failed to parse:\n";
  for (const FailedUnit &unit : report.failedUnits)
    out << "  " << unit.file << ": " << unit.reason << "\n";
}

} // namespace bhlint
