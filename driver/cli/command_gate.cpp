// bhlint gate: what a series of patches introduces, and nothing else.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/gate_run.h"
#include "driver/cli/options.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

void gate(const GateOptions &options, Invocation &invocation) {
  std::optional<GateResult> result = runGate(options, invocation);
  if (!result || !writeReport(options.report, result->report, result->end, invocation))
    return;
  listFailures(result->report, invocation.err);
  sayHidden(result->hidden, invocation);
  invocation.status = hasDefect(result->report) ? Found : NothingFound;
  for (const FailedUnit &unit : result->unjudged)
    invocation.err << "bhlint: error: " << unit.file << ": the patch can't be judged: " << unit.reason << "\n";
  if (!result->unjudged.empty() && invocation.status == NothingFound)
    invocation.status = CouldNotRun;
}

} // namespace

void addGateCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("gate", "What a series of patches introduces, and nothing else");
  auto options = std::make_shared<GateOptions>();
  options->run.limits.seconds = 60;
  addDatabaseOptions(*command, options->run)->required();
  command->remove_option(command->get_option("--overlay"));
  addExtractOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  SeriesRequest &series = options->series;
  command->add_option("--base", series.base, "The revision that the patches are for")->required()->type_name("REV");
  CLI::Option *head = command->add_option("--head", series.head, "Their last commit (default: HEAD)")->type_name("REV");
  CLI::Option *worktree =
      command->add_flag("--worktree", series.useWorktree, "The commits up to HEAD, and what is not committed yet");
  CLI::Option *mailbox =
      command->add_option("--mbox", series.mailbox, "Patches in mails, applied to the base")->type_name("FILE");
  head->excludes(worktree);
  mailbox->excludes(head)->excludes(worktree);
  command
      ->add_option("--facts", options->facts, "Facts of the base that `bhlint facts` wrote; where they hold, nothing is parsed")
      ->type_name("FOLDER...");
  addReportOptions(*command, options->report);
  addEditsOption(*command, options->hasEdits);
  command->add_option("--limit", options->limit, "New findings that are shown, best first; 0: all")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--units", options->units, "Units that are analysed at most; 0: any number")
      ->type_name("N")
      ->capture_default_str();
  addUnitLimit(*command, options->run);
  command->add_flag("--timings", options->run.showStages, "Say at the end what each stage has cost");
  command->callback([options, &invocation] { gate(*options, invocation); });
}

} // namespace bhlint
