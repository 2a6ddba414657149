// bhlint learn: what a whole tree's functions do, condensed for checks that don't read the whole tree.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"
#include "driver/cli/output_file.h"

#include "analysis/program/learned.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct LearnOptions {
  RunOptions run;
  std::string output;
  std::string config;
};

void learn(LearnOptions &options, Invocation &invocation) {
  options.run.useLearned = false;
  std::optional<Run> run = extractShown(options.run, invocation);
  if (!run)
    return;
  LearnedProvenance provenance{"bhlint " BHLINT_VERSION, run->kernelVersion, options.config, 0, 0};
  if (llvm::Error error = summarise(*run, options.run.jobs)) // contexts are the business of who calls them
    return invocation.fail(std::move(error));
  for (const ExtractedUnit &unit : run->units)
    ++(unit.error.empty() ? provenance.units : provenance.failed);
  writeOutput(options.output, invocation,
              [&](llvm::raw_ostream &out) { writeLearned(*run->program, *run->summaries, provenance, out); });
}

} // namespace

void addLearnCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("learn", "Condense a whole tree into contracts for checks of its parts");
  auto options = std::make_shared<LearnOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  addOutputOption(*command, options->output);
  command->add_option("--config", options->config, "Configuration to name in the file, like \"x86_64 allmodconfig\"")
      ->type_name("TEXT");
  command->callback([options, &invocation] { learn(*options, invocation); });
}

} // namespace bhlint
