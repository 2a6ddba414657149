// bhlint baseline: what is found today, written down as accepted.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"
#include "driver/cli/report_output.h"

#include "analysis/findings/baseline.h"

#include "llvm/Support/FileSystem.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct BaselineOptions {
  RunOptions run;
  ReportOptions report; ///< format and baseline are not used
};

/// What the file accepts so far, for the reasons in it. Nothing: it is there but can't be read, which has been said.
std::optional<Baseline> readPrevious(const std::string &file, Invocation &invocation) {
  if (file.empty() || !llvm::sys::fs::exists(file))
    return Baseline();
  auto text = llvm::MemoryBuffer::getFile(file);
  if (!text) {
    invocation.fail(file + ": " + text.getError().message());
    return std::nullopt;
  }
  llvm::Expected<Baseline> baseline = parseBaseline((*text)->getBuffer(), file);
  if (baseline)
    return std::move(*baseline);
  invocation.fail(baseline.takeError());
  return std::nullopt;
}

void writeBaselineFile(const BaselineOptions &options, Invocation &invocation) {
  std::optional<Baseline> previous = readPrevious(options.report.output, invocation);
  if (!previous)
    return;
  RunOptions run = options.run;
  run.enabled.emplace();
  std::optional<FindingsRun> result = findAll(std::move(run), invocation);
  if (!result)
    return;
  Report &report = result->report;
  SettingsTree settings = settingsOf(result->run);
  applySettings(settings, report.rules, report.findings);
  const std::size_t hidden = dropUncertain(options.report, settings, report.findings);
  if (!areValid(settings, invocation))
    return;
  if (options.report.output.empty()) {
    writeBaseline(report.findings, *previous, invocation.out);
  } else if (llvm::Error error = llvm::writeToOutput(options.report.output, [&](llvm::raw_ostream &out) {
               writeBaseline(report.findings, *previous, out);
               return llvm::Error::success();
             })) {
    return invocation.fail(options.report.output + ": " + llvm::toString(std::move(error)));
  }
  listFailures(report, invocation.err);
  sayHidden(hidden, invocation);
}

} // namespace

void addBaselineCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("baseline", "Write down what is found as accepted");
  auto options = std::make_shared<BaselineOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  command
      ->add_option("-o,--output", options->report.output,
                   "File to write to (default: standard output); reasons that are in it already are kept")
      ->type_name("FILE");
  command
      ->add_option("--confidence", options->report.confidence, "The least that is accepted: high, medium or low")
      ->check(CLI::IsMember({"high", "medium", "low"}));
  command->callback([options, &invocation] { writeBaselineFile(*options, invocation); });
}

} // namespace bhlint
