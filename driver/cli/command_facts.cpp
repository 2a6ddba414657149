// bhlint facts: the facts of a share of the units as a file, for `bhlint check --facts` on another machine.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/shard_option.h"
#include "driver/cli/shards.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

namespace bhlint {

namespace {

struct FactsOptions {
  RunOptions run;
  std::string shard;
  std::string folder;
};

std::optional<std::string> variable(const char *name) {
  const char *value = std::getenv(name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

void writeFacts(FactsOptions &options, Invocation &invocation) {
  llvm::Expected<ShardNumber> shard = parseShard(options.shard, variable);
  if (!shard)
    return invocation.fail(shard.takeError());
  if (!completeRunOptions(options.run, invocation))
    return;
  llvm::Expected<WrittenShard> written = [&] {
    InterruptGuard guard;
    options.run.isInterrupted = InterruptGuard::isInterrupted;
    ProgressLine line(invocation.err);
    return writeShardOf(
        options.run, *shard, options.folder, [&](const ProgressState &state) { line.update(state); },
        [&](llvm::StringRef message) { invocation.warn(message); });
  }();
  if (!written)
    return invocation.fail(written.takeError());
  Report report;
  for (const ExtractedUnit &unit : written->units) {
    if (unit.error.empty())
      ++report.unitsAnalysed;
    else
      report.failedUnits.push_back({unit.file, unit.error});
  }
  listFailures(report, invocation.err);
  invocation.out << written->file << ": shard " << toString(*shard) << ", " << written->units.size() << " of "
                 << written->allUnits << " units\n";
}

} // namespace

void addFactsCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("facts", "Extract facts of a share of the units, to be checked elsewhere");
  auto options = std::make_shared<FactsOptions>();
  addDatabaseOptions(*command, options->run)->required();
  addExtractOptions(*command, options->run);
  command
      ->add_option("--shard", options->shard,
                   "K/N: the K-th of N shares; auto: what Slurm, Kubernetes or GitLab says (default: all units)")
      ->type_name("K/N");
  command->add_option("-o,--output", options->folder, "Folder to write the shard to")->type_name("FOLDER")->required();
  addPaths(*command, options->run.paths);
  command->callback([options, &invocation] { writeFacts(*options, invocation); });
}

} // namespace bhlint
