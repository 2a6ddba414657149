// bhlint check: findings of files and folders, each with its whole chain.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"
#include "driver/cli/report_output.h"

#include "analysis/facts/dump.h"
#include "analysis/program/dump.h"
#include "analysis/shard/shard_file.h"

#include "llvm/ADT/STLExtras.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct CheckOptions {
  RunOptions run;
  ReportOptions report;
  std::string print;
  bool isStrict = false;
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
  else
    dumpContexts(*run->program, *run->contexts, invocation.out);
  return NothingFound;
}

/// --timings
void writeCosts(const Run &run, llvm::raw_ostream &out) {
  writeStages(run.clock.stages(), out);
  out << run.units.size() << " units, "
      << llvm::count_if(run.units, [](const ExtractedUnit &unit) { return unit.isFromCache; }) << " from the cache\n";
}

void check(CheckOptions &options, Invocation &invocation) {
  if (!options.print.empty()) {
    int status = print(options, invocation);
    invocation.status = std::max(invocation.status, status);
    return;
  }
  std::optional<FindingsRun> result = findAll(options.run, invocation);
  if (!result || !dropAccepted(options.report.baseline, result->report.findings, invocation))
    return;
  Report &report = result->report;
  SettingsTree settings = settingsOf(result->run);
  applySettings(settings, report.rules, report.findings);
  const std::size_t hidden = dropUncertain(options.report, settings, report.findings);
  if (!areValid(settings, invocation) || !writeReport(options.report, report, invocation))
    return;
  listFailures(report, invocation.err);
  sayHidden(hidden, invocation);
  if (options.run.showStages)
    writeCosts(result->run, invocation.err);
  invocation.status = hasDefect(report) ? Found : NothingFound;
  if (options.isStrict && !report.failedUnits.empty())
    invocation.status = CouldNotRun;
}

} // namespace

void addCheckCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("check", "Find what may sleep in atomic context");
  auto options = std::make_shared<CheckOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  addReportOptions(*command, options->report);
  command->add_option("--print", options->print, "Print what a stage made: facts, program, summaries or contexts")
      ->check(CLI::IsMember({"facts", "program", "summaries", "contexts"}));
  command->add_flag("--timings", options->run.showStages, "Say at the end what each stage has cost");
  addUnitLimit(*command, options->run);
  command->add_flag("--strict", options->isStrict, "Exit with 2 when a unit fails to parse");
  command->callback([options, &invocation] { check(*options, invocation); });
}

} // namespace bhlint
