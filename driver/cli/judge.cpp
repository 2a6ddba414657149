#include "driver/cli/judge.h"

#include "driver/cli/tree_sources.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

namespace bhlint {

namespace {

/// A finding that the model does not reproduce rests on something that one of the two gets wrong.
void replay(Finding &finding) {
  if (finding.sinkKind == SinkKind::Other)
    return;
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

void replay(std::vector<Finding> &findings, Workers &workers) {
  workers.forEach(findings.size(), [&](std::size_t i) { replay(findings[i]); });
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

CheckResult judge(const Run &run) { return Judging(run, 1).finish(); }

Checking &Judging::checking() {
  if (!started)
    started = std::make_unique<Checking>(*run.program, *run.resolver, run.unasked, workers,
                                         [&](const char *name, const Workers *helpers,
                                             llvm::function_ref<void()> step) { clock.time(name, helpers, step); });
  return *started;
}

Companion Judging::companion() {
  return {[&] { checking().index(); },
          [&](llvm::ArrayRef<ContextRoot> roots) { checking().walk(*run.summaries, roots); }};
}

CheckResult Judging::finish(std::vector<CheckerCost> *costs) {
  CheckResult result;
  result.findings = checking().find(*run.summaries, *run.contexts);
  if (costs)
    *costs = clock.costs();
  if (run.profile.empty())
    replay(result.findings, workers);
  else // replays are of kernels without a profile
    for (Finding &finding : result.findings)
      finding.sinkKind = SinkKind::Other;
  for (const UnitSuppression &comment : run.program->suppressions)
    result.comments.push_back(
        {{run.program->text(comment.place.file).str(), comment.place.line, comment.place.column}, comment.text});
  return result;
}

SettingsTree settingsOf(const Run &run) {
  std::vector<std::string> ids;
  for (const Rule &rule : run.rules.rules)
    ids.push_back(rule.id);
  auto read = [files = run.files, tree = run.tree](llvm::StringRef path) -> std::optional<std::string> {
    auto buffer = files->getBufferForFile(absolutePath(tree, path));
    return buffer ? std::optional((*buffer)->getBuffer().str()) : std::nullopt;
  };
  return {std::move(read), std::move(ids)};
}

std::vector<std::string> unaskedRules(const RunOptions &options, const Run &run) {
  std::vector<std::string> unasked;
  if (!options.enabled)
    return unasked;
  std::set<std::string> asked(options.enabled->begin(), options.enabled->end());
  SettingsTree settings = settingsOf(run);
  for (const ExtractedUnit &unit : run.units)
    for (const auto &[rule, severity] : settings.of(unit.file).rules)
      if (severity)
        asked.insert(rule);
  for (const Rule &rule : run.rules.rules)
    if (!rule.isDefault && !asked.count(rule.id))
      unasked.push_back(rule.id);
  llvm::sort(unasked);
  return unasked;
}

Judgement suppress(CheckResult checked, const Run &run) {
  std::vector<std::string> known;
  for (const Rule &rule : run.rules.rules)
    known.push_back(rule.id);
  TreeSources sources(run);
  auto readSource = [&](llvm::StringRef file) { return sources.read(file); };
  Judgement result;
  result.findings = std::move(checked.findings);
  SuppressionResult outcome = applySuppressions(std::move(checked.comments), known, readSource, result.findings);
  result.suppressed = outcome.suppressed;
  result.warnings = std::move(outcome.warnings);
  return result;
}

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
  case SinkKind::Other: // is not replayed
  case SinkKind::Forbidden:
    request.sink = model::ReplaySink::Forbidden;
    break;
  }
  request.sinkName = primitiveOf(finding);
  return request;
}

} // namespace bhlint
