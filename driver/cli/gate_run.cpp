#include "driver/cli/gate_run.h"

#include "driver/cli/gate_compare.h"
#include "driver/cli/gate_states.h"
#include "driver/cli/gate_units.h"
#include "driver/cli/options.h"
#include "driver/cli/tree_sources.h"
#include "driver/cli/unit_cache.h"
#include "driver/fix/fix.h"

#include "analysis/findings/defects.h"

namespace bhlint {

namespace {

using llvm::StringRef;

class GateRun {
public:
  GateRun(const GateOptions &options, Invocation &invocation) : options(options), invocation(invocation) {}

  /// Nothing: it failed, and has said why.
  llvm::Expected<std::optional<GateResult>> run() {
    if (llvm::Error error = prepare())
      return error;
    GateUnits units(*database, *git, series, options.units);
    if (llvm::Error error = units.begin(options.run.paths))
      return error;
    StateReader reader(options, *database, *git, series, std::move(brought), units, clock, invocation);
    std::vector<TreeState> states(series.steps.size() + 1);
    if (llvm::Error error = widen(units, reader, states))
      return error;
    for (std::size_t i = 1; i + 1 < states.size(); ++i)
      if (llvm::Error error = reader.read(i, states[i]))
        return error;
    for (const std::vector<std::string> &notes : {series.notes, units.notes, reader.notes})
      for (const std::string &note : notes)
        invocation.warn(note);
    return report(units, reader, states);
  }

private:
  llvm::Error prepare() {
    const Warning warn = [&](StringRef message) { invocation.warn(message); };
    UnitCache cache(options.run, warn);
    llvm::Expected<DatabaseView> found = DatabaseView::open(options.run, cache);
    if (!found)
      return found.takeError();
    database = std::move(*found);
    if (!options.facts.empty()) {
      llvm::Expected<OpenedShards> shards = openShards(options.facts, options.run.jobs);
      if (!shards)
        return shards.takeError();
      brought = std::move(*shards);
    }
    clock.lap("prepare");
    llvm::Expected<std::unique_ptr<ScratchFolder>> folder = ScratchFolder::make();
    if (!folder)
      return folder.takeError();
    scratch = std::move(*folder);
    llvm::Expected<Git> opened = Git::open(database->tree(), *scratch);
    if (!opened)
      return opened.takeError();
    git = std::move(*opened);
    llvm::Expected<Series> steps = readSeries(*git, *scratch, options.series);
    if (!steps)
      return steps.takeError();
    series = std::move(*steps);
    clock.lap("git");
    return llvm::Error::success();
  }

  /// Analyses the first state and the last one, and as long as functions behave in another way, those who use them.
  llvm::Error widen(GateUnits &units, StateReader &reader, std::vector<TreeState> &states) {
    constexpr unsigned mostRounds = 4;
    std::set<std::string> asked;
    for (unsigned round = 0;; ++round) {
      if (states.size() == 1)
        return reader.read(0, states.front());
      if (llvm::Error error = reader.readEnds(states.front(), states.back()))
        return error;
      if (round == mostRounds || !options.run.paths.empty())
        return llvm::Error::success();
      std::set<std::string> names;
      for (const std::string &name : changedBehaviours(states.front(), states.back()))
        if (asked.insert(name).second)
          names.insert(name);
      bool isWider = false;
      if (!names.empty()) {
        llvm::Expected<std::set<std::string>> callers = sourcesThatName(*git, names);
        if (!callers)
          return callers.takeError();
        isWider = units.add(*callers, "that name changed functions");
      }
      isWider |= units.add(filesOfNewChains(states.front(), states.back()), "that new findings go through");
      clock.lap("users");
      if (!isWider)
        return llvm::Error::success();
    }
  }

  static std::set<std::string> changedBehaviours(const TreeState &before, const TreeState &after) {
    std::set<std::string> names;
    for (const auto &[own, other] : {std::pair(&before, &after), std::pair(&after, &before)})
      for (const auto &[name, behaviour] : own->behaviours) {
        auto same = other->behaviours.find(name);
        if (same == other->behaviours.end() || same->second != behaviour)
          names.insert(name);
      }
    return names;
  }

  /// What was learned of a function elsewhere is less certain than the function.
  static std::set<std::string> filesOfNewChains(const TreeState &before, const TreeState &after) {
    std::set<std::string> known, files;
    for (const Finding &finding : before.findings)
      known.insert(finding.fingerprint);
    for (const Finding &finding : after.findings)
      if (!known.count(finding.fingerprint))
        for (const ChainStep &step : finding.chain)
          files.insert(step.place.file);
    return files;
  }

  llvm::Expected<std::optional<GateResult>> report(const GateUnits &units, StateReader &reader,
                                                   const std::vector<TreeState> &states) {
    GateResult result;
    Report &report = result.report;
    report.toolVersion = BHLINT_VERSION;
    report.unitsAnalysed = states.back().analysed;
    report.failedUnits = states.back().failed;
    report.gate = Gate();
    fillGate(*report.gate);
    report.findings = newFindings(states, series, *report.gate);
    result.unjudged = unjudgedUnits(states, units);

    // Settings are those of the base: a patch does not decide what is said of it.
    llvm::Expected<Run> base = reader.base();
    if (!base)
      return base.takeError();
    report.rules = ruleTexts(base->rules);
    SettingsTree settings = settingsOf(*base);
    if (!enableRules(options.report, report.rules, invocation))
      return std::nullopt;
    std::vector<Finding> *lists[] = {&report.findings, &report.gate->fixed, &report.gate->transient};
    for (std::vector<Finding> *findings : lists)
      applySettings(settings, report.rules, *findings);
    result.hidden = dropUncertain(options.report, settings, report.findings);
    dropUncertain(options.report, settings, report.gate->fixed);
    dropUncertain(options.report, settings, report.gate->transient);
    if (!areValid(settings, invocation) || !dropAccepted(options.report.baseline, {}, report.findings, invocation))
      return std::nullopt;
    joinDefects(report.findings);
    bestFirst(report.findings);
    if (options.limit != 0 && report.findings.size() > options.limit) {
      report.notShown = static_cast<unsigned>(report.findings.size() - options.limit);
      report.findings.resize(options.limit);
    }
    for (const std::string &warning : reader.warnings())
      invocation.warn(warning);
    llvm::Expected<Run> end = reader.end();
    if (!end)
      return end.takeError();
    result.end = std::move(*end);
    if (options.hasEdits)
      if (llvm::Error error = addEdits(reader, states.back(), result))
        return error;
    if (options.run.showStages)
      writeCosts(reader.sources());
    return result;
  }

  /// Every finding that is shown and has an edit gets it. It is for the tree as the series leaves it, and proven there.
  llvm::Error addEdits(StateReader &reader, const TreeState &last, GateResult &result) {
    llvm::Expected<FixRules> rules = readFixRules(options.run.rules);
    if (!rules)
      return rules.takeError();
    TreeSources sources(result.end);
    EditableUnits units;
    units.tree = database->tree();
    units.rules = std::move(*rules);
    units.textOf = [&](const std::string &file) -> std::optional<std::string> {
      const std::optional<StringRef> text = sources.read(file);
      return text ? std::optional(text->str()) : std::nullopt;
    };
    units.analyse = [&](const std::vector<MigratedFile> &edited) -> llvm::Expected<FoundIn> {
      TreeState state;
      if (llvm::Error error = reader.readEdited(edited, state))
        return error;
      return foundIn(state);
    };
    llvm::Expected<FixResult> fixed = fixFindings(units, foundIn(last), std::move(result.report.findings));
    if (!fixed)
      return fixed.takeError();
    result.report.findings = findingsOf(std::move(*fixed));
    clock.lap("edits");
    return llvm::Error::success();
  }

  static FoundIn foundIn(const TreeState &state) {
    FoundIn found{{}, state.failed};
    for (const Finding &finding : state.findings)
      if (!state.allowed.count(finding.fingerprint))
        found.findings.push_back(finding);
    return found;
  }

  /// --timings
  void writeCosts(const FactSources &sources) const {
    writeStages(clock.stages(), invocation.err);
    invocation.err << "units of all states: " << sources.parsed << " parsed, " << sources.cached << " from the cache, "
                   << sources.brought << " from --facts\n";
  }

  void fillGate(Gate &gate) const {
    gate.base = series.base;
    gate.head = series.head;
    for (const SeriesStep &step : series.steps)
      gate.patches.push_back(step.patch);
    gate.tree = git->tree();
    gate.config = options.run.database;
    gate.reproduce =
        "bhlint gate -p " + options.run.database + " --base " + StringRef(series.base).take_front(12).str();
    if (!options.series.mailbox.empty())
      gate.reproduce += " --mbox " + options.series.mailbox;
    else
      gate.reproduce += series.head.empty() ? " --worktree" : " --head " + StringRef(series.head).take_front(12).str();
  }

  const GateOptions &options;
  Invocation &invocation;
  std::optional<DatabaseView> database;
  std::optional<OpenedShards> brought;
  std::unique_ptr<ScratchFolder> scratch;
  std::optional<Git> git;
  Series series;
  StageClock clock;
};

} // namespace

std::optional<GateResult> runGate(GateOptions options, Invocation &invocation) {
  if (!completeRunOptions(options.run, invocation))
    return std::nullopt;
  llvm::Expected<std::optional<GateResult>> result = GateRun(options, invocation).run();
  if (result)
    return std::move(*result);
  invocation.fail(result.takeError());
  return std::nullopt;
}

} // namespace bhlint
