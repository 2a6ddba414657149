// bhlint check: findings of files and folders, each with its whole chain.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/html_report.h"
#include "driver/cli/options.h"
#include "driver/cli/output_file.h"
#include "driver/cli/report_output.h"
#include "driver/fix/tree_units.h"

#include "analysis/facts/dump.h"
#include "analysis/findings/defects.h"
#include "analysis/program/dump.h"
#include "analysis/shard/shard_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/BuryPointer.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

/// Not among the writers: it needs the run, not just its report.
constexpr const char *htmlFormat = "html";

struct CheckOptions {
  RunOptions run;
  ReportOptions report;
  std::string print;
  bool isStrict = false;
  bool hasEdits = false; ///< findings are to carry theirs
};

/// --print: what a stage produced, and no findings.
int print(CheckOptions &options, Invocation &invocation) {
  std::optional<Run> run = extractShown(options.run, invocation);
  if (!run)
    return CouldNotRun;
  if (options.print == "facts") {
    for (const ExtractedUnit &unit : run->units) {
      if (unit.packed.empty())
        continue;
      llvm::Expected<facts::UnitFacts> facts = unpackFacts(unit.packed);
      if (!facts) {
        invocation.fail(facts.takeError());
        return CouldNotRun;
      }
      invocation.out << facts::dump(*facts);
    }
    return NothingFound;
  }
  if (llvm::Error error = analyse(*run, options.run.jobs)) {
    invocation.fail(std::move(error));
    return CouldNotRun;
  }
  if (options.print == "program")
    dumpProgram(*run->program, invocation.out);
  else if (options.print == "summaries")
    dumpSummaries(*run->summaries, invocation.out);
  else if (options.print == "contexts")
    dumpContexts(*run->program, *run->contexts, invocation.out);
  else
    dumpCallbacks(*run->program, findFieldCalls(*run->program, *run->resolver, *run->summaries, *run->contexts),
                  findStoredCallbacks(*run->program), invocation.out);
  return NothingFound;
}

/// --timings
void writeCosts(const Run &run, llvm::raw_ostream &out) {
  writeStages(run.clock.stages(), out);
  writeCheckers(run.checkerCosts, out);
  auto count = [&](auto isOne) { return llvm::count_if(run.units, isOne); };
  out << run.units.size() << " units, " << count([](const ExtractedUnit &unit) { return unit.isFromCache; })
      << " from the cache, " << count([](const ExtractedUnit &unit) { return unit.usedPrelude; })
      << " parsed with a prelude (" << run.preludesBuilt << " built, " << run.preludesFound << " from the cache)\n";
}

/// The pages say in which contexts functions run, which the findings of an earlier run don't know.
bool writeHtml(const CheckOptions &options, FindingsRun &result, Invocation &invocation) {
  if (!result.run.contexts)
    if (llvm::Error error = analyse(result.run, options.run.jobs)) {
      invocation.fail(std::move(error));
      return false;
    }
  return writeOutput(options.report.output, invocation, [&](llvm::raw_ostream &out) { writeHtmlReport(result, out); });
}

/// Every finding that has an edit gets it. `all`: also those that are not shown.
bool addEdits(CheckOptions &options, const FoundIn &all, std::vector<Finding> &findings, Invocation &invocation) {
  if (!completeRunOptions(options.run, invocation))
    return false;
  llvm::Expected<FixResult> result = fixFindingsOf(options.run, /*compiles=*/false, all, std::move(findings),
                                                   [&](llvm::StringRef message) { invocation.warn(message); });
  if (!result) {
    invocation.fail(result.takeError());
    return false;
  }
  findings = findingsOf(std::move(*result));
  return true;
}

void check(CheckOptions &options, Invocation &invocation) {
  if (!options.print.empty()) {
    int status = print(options, invocation);
    invocation.status = std::max(invocation.status, status);
    return;
  }
  if (!options.hasEdits) // an edit is refused for what any rule has to say of its result
    options.run.enabled = options.report.enabled;
  std::optional<FindingsRun> result = findAll(options.run, invocation);
  const FoundIn all =
      result && options.hasEdits ? FoundIn{result->report.findings, result->report.failedUnits} : FoundIn();
  if (!result || !enableRules(options.report, result->report.rules, invocation) ||
      !dropAccepted(options.report.baseline, result->run.unasked, result->report.findings, invocation))
    return;
  Report &report = result->report;
  SettingsTree settings = settingsOf(result->run);
  for (const ExtractedUnit &unit : result->run.units)
    settings.of(unit.file); // a mistake is told wherever it is, with findings or without
  applySettings(settings, report.rules, report.findings);
  const std::size_t hidden = dropUncertain(options.report, settings, report.findings);
  if (!areValid(settings, invocation) || (options.hasEdits && !addEdits(options, all, report.findings, invocation)))
    return;
  joinDefects(report.findings);
  if (!(options.report.format == htmlFormat ? writeHtml(options, *result, invocation)
                                            : writeReport(options.report, report, result->run, invocation)))
    return;
  listFailures(report, invocation.err);
  sayHidden(hidden, invocation);
  if (options.run.showStages)
    writeCosts(result->run, invocation.err);
  invocation.status = hasDefect(report) ? Found : NothingFound;
  if (options.isStrict && !report.failedUnits.empty())
    invocation.status = CouldNotRun;
  // Millions of small pieces, and the process is about to end.
  llvm::BuryPointer(std::make_unique<FindingsRun>(std::move(*result)));
}

} // namespace

void addCheckCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("check", "Find what may sleep in atomic context");
  auto options = std::make_shared<CheckOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  addReportOptions(*command, options->report, {htmlFormat});
  command
      ->add_option("--print", options->print,
                   "Print what a stage made: facts, program, summaries, contexts or callbacks")
      ->check(CLI::IsMember({"facts", "program", "summaries", "contexts", "callbacks"}));
  command->add_flag("--timings", options->run.showStages, "Say at the end what each stage has cost");
  command
      ->add_option("--profile", options->run.profile,
                   "Tell what is wrong in another kind of kernel, and nothing else: preempt-rt")
      ->type_name("NAME");
  addUnitLimit(*command, options->run);
  addEditsOption(*command, options->hasEdits)->excludes("--facts");
  command->add_flag("--strict", options->isStrict, "Exit with 2 when a unit fails to parse");
  command->callback([options, &invocation] { check(*options, invocation); });
}

} // namespace bhlint
