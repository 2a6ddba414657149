#include "driver/cli/gate_run.h"

#include "driver/cli/findings_run.h"
#include "driver/cli/gate_units.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/unit_cache.h"

#include "analysis/findings/compare.h"
#include "analysis/findings/order.h"
#include "analysis/program/dump.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <map>

namespace bhlint {

namespace {

using llvm::StringRef;

/// What is kept of one state of the tree.
struct TreeState {
  std::vector<Finding> findings; ///< those that comments allow, too
  std::set<std::string> allowed; ///< fingerprints of those
  FunctionTable functions;
  std::map<std::string, std::string> behaviours; ///< of functions that others can call, by name: as a summary says it
  std::vector<FailedUnit> failed;
  unsigned analysed = 0;
};

/// From which patch a finding is; nothing: from the base.
using Origin = std::optional<unsigned>;

class GateRun {
public:
  GateRun(GateOptions &options, Invocation &invocation) : options(options), invocation(invocation) {}

  llvm::Expected<GateResult> run() {
    if (llvm::Error error = prepare())
      return error;
    GateUnits units(database, *git, series, options.units);
    if (llvm::Error error = units.begin(options.run.paths))
      return error;
    std::vector<TreeState> states(series.steps.size() + 1);
    if (llvm::Error error = widen(units, states))
      return error;
    for (std::size_t i = 1; i + 1 < states.size(); ++i)
      if (llvm::Error error = analyseState(units, i, states[i]))
        return error;
    for (const std::vector<std::string> &notes : {series.notes, units.notes})
      for (const std::string &note : notes)
        invocation.warn(note);
    return report(units, states);
  }

private:
  llvm::Error prepare() {
    Digest unused;
    llvm::Expected<RuleSet> read = readRules(options.run.rules, unused);
    if (!read)
      return read.takeError();
    rules = std::move(*read);
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
    llvm::Expected<CompileDatabase> found = readCompileDatabase(*real, options.run.database);
    if (!found)
      return found.takeError();
    database = std::move(*found);
    if (!options.run.tree.empty())
      database.tree = absolutePath("/", options.run.tree);
    clock.lap("prepare");
    llvm::Expected<std::unique_ptr<ScratchFolder>> folder = ScratchFolder::make();
    if (!folder)
      return folder.takeError();
    scratch = std::move(*folder);
    llvm::Expected<Git> opened = Git::open(database.tree, *scratch);
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
  llvm::Error widen(GateUnits &units, std::vector<TreeState> &states) {
    constexpr unsigned mostRounds = 4;
    std::set<std::string> asked;
    for (unsigned round = 0;; ++round) {
      if (llvm::Error error = analyseState(units, 0, states.front()))
        return error;
      if (states.size() == 1)
        return llvm::Error::success();
      if (llvm::Error error = analyseState(units, states.size() - 1, states.back()))
        return error;
      if (round == mostRounds || !options.run.paths.empty())
        return llvm::Error::success();
      std::set<std::string> words;
      for (const std::string &name : changedBehaviours(states.front(), states.back()))
        if (asked.insert(name).second)
          words.insert(name);
      bool isWider = false;
      if (!words.empty()) {
        llvm::Expected<std::set<std::string>> callers = sourcesThatName(*git, words);
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
      for (const auto &[name, text] : own->behaviours) {
        auto same = other->behaviours.find(name);
        if (same == other->behaviours.end() || same->second != text)
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

  const TreeDifference &difference(std::size_t state) const {
    return state == 0 ? series.before : series.steps[state - 1].after;
  }

  llvm::Error analyseState(GateUnits &units, std::size_t number, TreeState &state) {
    Run run;
    run.rules = rules;
    run.tree = database.tree;
    for (const auto &[path, text] : difference(number))
      run.overlay.emplace_back(absolutePath(database.tree, path), text);
    run.files = openFiles(run.overlay);
    llvm::Expected<std::vector<CompileCommand>> commands = units.commands(difference(number), *run.files);
    if (!commands)
      return commands.takeError();
    RunOptions how = options.run;
    if (number == 0)
      how.limits.seconds = 0; // the base is ours
    const Warning warn = [&](StringRef message) { invocation.warn(message); };
    UnitCache cache(how, warn);
    cache.setOverlay(run.overlay);
    if (llvm::Error error = share(run, *commands, cache))
      return error;
    if (!commands->empty()) {
      InterruptGuard guard;
      how.isInterrupted = InterruptGuard::isInterrupted;
      ProgressLine line(invocation.err);
      if (llvm::Error error = extractUnits(
              how, *commands, /*recordInputs=*/false, cache,
              [&](const ProgressState &progress) { line.update(progress); }, run))
        return error;
    }
    clock.lap("extract");
    llvm::Expected<FindingsRun> found =
        findIn(std::move(run), options.run.jobs, [&](StringRef message) {
          if (number == series.steps.size()) // who writes the patch sees what is wrong with its comments
            warnings.insert(message.str());
        });
    if (!found)
      return found.takeError();
    keep(std::move(*found), state);
    clock.lap("analyse");
    return llvm::Error::success();
  }

  /// What is the same for all states, found with the first: what the rules say for this version, and the constants.
  llvm::Error share(Run &run, llvm::ArrayRef<CompileCommand> commands, UnitCache &cache) {
    if (!isShared) {
      llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
      run.kernelVersion = readKernelVersion(run.tree, *run.files);
      if (llvm::Error error = chooseForVersion(options.run, *real, run))
        return error;
      if (!commands.empty())
        run.constants = cache.constants(requestFor(commands.front(), run.tree), constantsIn(run.rules), run.files);
      if (llvm::Error error = readLearnedContracts(run))
        return error;
      rules = run.rules;
      version = run.kernelVersion;
      constants = run.constants;
      learned = run.learned;
      isShared = !commands.empty();
      return llvm::Error::success();
    }
    run.kernelVersion = version;
    run.constants = constants;
    run.learned = learned;
    return llvm::Error::success();
  }

  void keep(FindingsRun result, TreeState &state) {
    state.findings = std::move(result.report.findings);
    state.allowed.clear();
    for (Finding &finding : result.allowed) {
      state.allowed.insert(finding.fingerprint);
      state.findings.push_back(std::move(finding));
    }
    sortFindings(state.findings);
    state.failed = result.report.failedUnits;
    state.analysed = result.report.unitsAnalysed;
    const Program &program = *result.run.program;
    std::vector<FunctionExtent> extents;
    std::set<std::string> callable;
    for (const Function &function : program.functions) {
      if (function.body == noId)
        continue;
      extents.push_back({program.text(function.file).str(), program.text(function.name).str(), function.place.line,
                         function.endLine});
      if (!function.isStatic && !function.isInHeader)
        callable.insert(program.text(function.name).str());
    }
    state.functions = FunctionTable(std::move(extents));
    state.behaviours = behavioursOf(*result.run.summaries, callable);
  }

  /// The summaries' dump, cut into functions; lines of the source don't go in.
  static std::map<std::string, std::string> behavioursOf(const Summaries &summaries,
                                                         const std::set<std::string> &callable) {
    std::string text;
    llvm::raw_string_ostream out(text);
    dumpSummaries(summaries, out);
    std::map<std::string, std::string> behaviours;
    std::string *current = nullptr;
    for (StringRef rest = text; !rest.empty();) {
      auto [line, after] = rest.split('\n');
      rest = after;
      if (!line.starts_with(" ")) { // "file:line: name()"
        StringRef name = line.rsplit(' ').second;
        name.consume_back("()");
        current = callable.count(name.str()) ? &behaviours[name.str()] : nullptr;
      } else if (current) {
        *current += line.split(" through ").first.str() + "\n";
      }
    }
    return behaviours;
  }

  llvm::Expected<GateResult> report(GateUnits &units, std::vector<TreeState> &states) {
    GateResult result;
    Report &report = result.report;
    report.toolVersion = BHLINT_VERSION;
    report.rules = ruleTexts(rules);
    report.unitsAnalysed = states.back().analysed;
    report.failedUnits = states.back().failed;
    report.gate = Gate();
    fillGate(*report.gate);
    compare(states, *report.gate, report.findings);
    findUnjudged(units, states, result);

    // Those of the base: a patch does not decide what is said of it.
    Run base;
    base.rules.rules = rules.rules;
    base.tree = database.tree;
    for (const auto &[path, text] : series.before)
      base.overlay.emplace_back(absolutePath(database.tree, path), text);
    base.files = openFiles(base.overlay);
    SettingsTree settings = settingsOf(base);
    applySettings(settings, report.rules, report.findings);
    applySettings(settings, report.rules, report.gate->fixed);
    applySettings(settings, report.rules, report.gate->transient);
    if (!settings.errors.empty())
      return llvm::createStringError(llvm::inconvertibleErrorCode(), llvm::join(settings.errors, "\n"));
    result.hidden = dropUncertain(options.report, settings, report.findings);
    dropUncertain(options.report, settings, report.gate->fixed);
    dropUncertain(options.report, settings, report.gate->transient);
    if (!dropAccepted(options.report.baseline, report.findings, invocation))
      return llvm::createStringError(llvm::inconvertibleErrorCode(), "the baseline can't be used");
    bestFirst(report.findings);
    if (options.limit != 0 && report.findings.size() > options.limit) {
      report.notShown = static_cast<unsigned>(report.findings.size() - options.limit);
      report.findings.resize(options.limit);
    }
    for (const std::string &warning : warnings)
      invocation.warn(warning);
    if (options.run.showStages)
      writeStages(clock.stages(), invocation.err);
    return result;
  }

  void fillGate(Gate &gate) const {
    gate.base = series.base;
    gate.head = series.head;
    for (const SeriesStep &step : series.steps)
      gate.patches.push_back(step.patch);
    gate.tree = git->tree();
    gate.config = options.run.database;
    gate.reproduce = "bhlint gate -p " + options.run.database + " --base " + StringRef(series.base).take_front(12).str();
    if (!options.series.mailbox.empty())
      gate.reproduce += " --mbox " + options.series.mailbox;
    else
      gate.reproduce += series.head.empty() ? " --worktree" : " --head " + StringRef(series.head).take_front(12).str();
  }

  /// Follows findings through the series: which patch each one is from, and when it goes.
  void compare(std::vector<TreeState> &states, Gate &gate, std::vector<Finding> &fresh) {
    std::vector<Origin> origins(states.front().findings.size());
    std::vector<SourcePlace> causes(origins.size());
    for (std::size_t i = 1; i < states.size(); ++i) {
      const std::vector<Finding> &before = states[i - 1].findings, &after = states[i].findings;
      const PatchView patch{series.steps[i - 1].changes, states[i - 1].functions, states[i].functions};
      const std::vector<std::optional<std::size_t>> partners = matchFindings(before, after, patch);
      std::vector<Origin> next(after.size());
      std::vector<SourcePlace> nextCauses(after.size());
      std::vector<bool> isKept(before.size());
      for (std::size_t n = 0; n < after.size(); ++n) {
        if (partners[n]) {
          isKept[*partners[n]] = true;
          next[n] = origins[*partners[n]];
          nextCauses[n] = moved(causes[*partners[n]], patch.changes);
        } else {
          next[n] = static_cast<unsigned>(i - 1);
          nextCauses[n] = causeOf(after[n], patch);
        }
      }
      for (std::size_t n = 0; n < before.size(); ++n)
        if (!isKept[n] && !isAmong(states[i].failed, before[n]))
          (origins[n] ? gate.transient : gate.fixed).push_back(before[n]);
      origins = std::move(next);
      causes = std::move(nextCauses);
    }
    for (std::size_t n = 0; n < origins.size(); ++n) {
      Finding &finding = states.back().findings[n];
      if (!origins[n])
        ++gate.known;
      else if (states.back().allowed.count(finding.fingerprint))
        ++gate.allowed;
      else {
        finding.introduced = Introduction{*origins[n], causes[n]};
        fresh.push_back(finding);
      }
    }
  }

  static SourcePlace moved(SourcePlace place, const Changes &changes) {
    place.file = changes.newName(place.file);
    place.line = place.line == 0 ? 0 : changes.newLine(place.file, place.line);
    return place;
  }

  /// Nobody knows whether a finding is gone whose unit could not be analysed.
  static bool isAmong(const std::vector<FailedUnit> &failed, const Finding &finding) {
    return std::any_of(failed.begin(), failed.end(), [&](const FailedUnit &unit) {
      return unit.file == finding.place.file || unit.file == finding.root.place.file ||
             std::any_of(finding.chain.begin(), finding.chain.end(),
                         [&](const ChainStep &step) { return step.place.file == unit.file; });
    });
  }

  static void findUnjudged(const GateUnits &units, const std::vector<TreeState> &states, GateResult &result) {
    for (const FailedUnit &unit : states.back().failed) {
      const bool failedBefore =
          std::any_of(states.front().failed.begin(), states.front().failed.end(),
                      [&](const FailedUnit &old) { return old.file == unit.file; });
      if (!failedBefore || units.isChanged(unit.file))
        result.unjudged.push_back(unit);
    }
  }

  static void bestFirst(std::vector<Finding> &findings) {
    std::stable_sort(findings.begin(), findings.end(), [](const Finding &a, const Finding &b) {
      const auto rank = [](const Finding &finding) {
        return std::make_tuple(-static_cast<int>(finding.confidence), finding.severity,
                               finding.replay != ReplayState::Reproduced, finding.chain.size());
      };
      return rank(a) < rank(b);
    });
  }

  GateOptions &options;
  Invocation &invocation;
  RuleSet rules;
  CompileDatabase database;
  std::unique_ptr<ScratchFolder> scratch;
  std::optional<Git> git;
  Series series;
  bool isShared = false;
  std::string version;
  TreeConstants constants;
  std::shared_ptr<const LearnedContracts> learned;
  std::set<std::string> warnings;
  StageClock clock;
};

} // namespace

std::optional<GateResult> runGate(GateOptions options, Invocation &invocation) {
  if (!completeRunOptions(options.run, invocation))
    return std::nullopt;
  llvm::Expected<GateResult> result = GateRun(options, invocation).run();
  if (result)
    return std::move(*result);
  invocation.fail(result.takeError());
  return std::nullopt;
}

} // namespace bhlint
