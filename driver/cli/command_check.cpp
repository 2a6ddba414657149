// bhlint check: findings of files and folders, each with its whole chain.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"

#include "analysis/facts/dump.h"
#include "analysis/findings/baseline.h"
#include "analysis/findings/write_json.h"
#include "analysis/findings/write_text.h"
#include "analysis/program/dump.h"
#include "analysis/shard/shard_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct CheckOptions {
  RunOptions run;
  std::string format = "text";
  std::string output;
  std::string confidence = "high";
  std::string baseline;
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

bool dropAccepted(const CheckOptions &options, Report &report, Invocation &invocation) {
  if (options.baseline.empty())
    return true;
  auto text = llvm::MemoryBuffer::getFile(options.baseline);
  if (!text) {
    invocation.fail(options.baseline + ": " + text.getError().message());
    return false;
  }
  llvm::Expected<Baseline> baseline = parseBaseline((*text)->getBuffer(), options.baseline);
  if (!baseline) {
    invocation.fail(baseline.takeError());
    return false;
  }
  BaselineResult result = applyBaseline(*baseline, report.findings);
  for (const BaselineEntry &entry : result.stale)
    invocation.warn(options.baseline + ": " + entry.fingerprint + " (" + entry.rule + " in " + entry.function +
                    "()) matches no finding; remove it");
  return true;
}

void write(const CheckOptions &options, const Report &report, llvm::raw_ostream &out) {
  if (options.format == "json")
    writeJson(report, out);
  else
    writeText(report, out);
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
  if (!result || !dropAccepted(options, result->report, invocation))
    return;
  Report &report = result->report;
  Confidence least = *confidenceFromName(options.confidence);
  std::size_t hidden =
      std::erase_if(report.findings, [&](const Finding &finding) { return finding.confidence < least; });
  if (options.output.empty()) {
    write(options, report, invocation.out);
  } else {
    std::error_code error;
    llvm::raw_fd_ostream file(options.output, error);
    if (!error) {
      write(options, report, file);
      file.flush();
      error = file.error();
      file.clear_error();
    }
    if (error)
      return invocation.fail(options.output + ": " + error.message());
  }
  invocation.out.flush(); // both may go to one file
  listFailures(report, invocation.err);
  if (hidden != 0)
    invocation.err << hidden << (hidden == 1 ? " finding" : " findings")
                   << " of lower confidence not shown (--confidence=low shows all)\n";
  if (options.run.showStages)
    writeCosts(result->run, invocation.err);
  invocation.status = report.findings.empty() ? NothingFound : Found;
  if (options.isStrict && !report.failedUnits.empty())
    invocation.status = CouldNotRun;
}

} // namespace

void addCheckCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("check", "Find what may sleep in atomic context");
  auto options = std::make_shared<CheckOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("-o,--output", options->output, "File to write to (default: standard output)")->type_name("FILE");
  command->add_option("--confidence", options->confidence, "The least that is shown: high, medium or low")
      ->check(CLI::IsMember({"high", "medium", "low"}));
  command->add_option("--baseline", options->baseline, "Accepted findings, which are not shown")->type_name("FILE");
  command->add_option("--print", options->print, "Print what a stage made: facts, program, summaries or contexts")
      ->check(CLI::IsMember({"facts", "program", "summaries", "contexts"}));
  command->add_flag("--timings", options->run.showStages, "Say at the end what each stage has cost");
  command->add_flag("--strict", options->isStrict, "Exit with 2 when a unit fails to parse");
  command->callback([options, &invocation] { check(*options, invocation); });
}

} // namespace bhlint
