// bhlint model: the executable model of the kernel's deferral mechanisms (runtime-model/commands.h).
#include "driver/cli/command.h"
#include "driver/cli/options.h"

#include "runtime-model/commands.h"
#include "runtime-model/rule_verdict.h"

#include "analysis/ruleset/load.h"

#include "llvm/Support/VirtualFileSystem.h"
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace bhlint {

namespace {

void take(model::Status status, Invocation &invocation) { invocation.status = static_cast<int>(status); }

/// --format text or json, as a flag.
void addFormat(CLI::App &command, bool &isJson) {
  command
      .add_option_function<std::string>(
          "--format", [&isJson](const std::string &name) { isJson = name == "json"; }, "Output format")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

void addRun(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("run", "Explore a scenario and show its verdict and timeline");
  auto options = std::make_shared<model::RunOptions>();
  command->add_option("FILE", options->file, "Scenario, as YAML")->required()->type_name("");
  command->add_option("--svg", options->svg, "Draw the timeline into this file")->type_name("FILE");
  command->add_option("--profile", options->profile, "Instead of the scenario's own")
      ->check(CLI::IsMember({"preempt", "preempt-rt"}));
  command->add_flag("--random", options->isRandom, "Random walks instead of every state");
  command->add_option("--seed", options->seed, "Of the random walks");
  command->add_option("--max-states", options->maxStates, "Stop after this many states");
  command->add_flag_callback("--no-reduction", [options] { options->reduces = false; }, "Follow every interleaving");
  addFormat(*command, options->isJson);
  command->callback(
      [options, &invocation] { take(runScenario(*options, invocation.out, invocation.err), invocation); });
}

void matrix(const model::MatrixOptions &options, const std::string &given, Invocation &invocation) {
  llvm::Expected<std::string> folder = findRules(given, invocation.program);
  if (!folder) {
    invocation.fail(folder.takeError());
    return;
  }
  const LoadResult loaded = loadRuleSet(*llvm::vfs::getRealFileSystem(), *folder);
  for (const RuleError &error : loaded.errors)
    invocation.err << formatRuleError(error) << "\n";
  if (!loaded.errors.empty())
    invocation.fail("the rules are not usable");
  else
    take(printMatrix(options, model::ruleJudge(loaded.rules), invocation.out, invocation.err), invocation);
}

void addMatrix(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("matrix", "Each operation in each context: rule, model and real kernel");
  auto options = std::make_shared<model::MatrixOptions>();
  auto rules = std::make_shared<std::string>();
  command->add_option("--context", options->context, "Only this one");
  command->add_option("--operation", options->operation, "Only this one");
  addRulesOption(*command, *rules);
  addFormat(*command, options->isJson);
  command->callback([options, rules, &invocation] { matrix(*options, *rules, invocation); });
}

void addTrace(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("trace", "What real kernels did, as runs of the model");
  auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "Of a recorded trace; all when there is none");
  command->callback(
      [name, &invocation] { take(model::printTrace(*name, invocation.out, invocation.err), invocation); });
}

void addClaims(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("claims", "What the guides state: holds, or refuted with a trace");
  auto options = std::make_shared<model::ClaimOptions>();
  command->add_option("ID", options->id, "A01 to A117, B01 to B36; all when there is none");
  addFormat(*command, options->isJson);
  command->callback(
      [options, &invocation] { take(printClaims(*options, invocation.out, invocation.err), invocation); });
}

void addLatency(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("latency", "Distribution of top-half and bottom-half latency");
  auto options = std::make_shared<model::LatencyRunOptions>();
  command->add_option("FILE", options->file, "Scenarios with costs, one per YAML document")->required();
  command->add_option("--svg", options->svg, "Draw the distributions into this file")->type_name("FILE");
  addFormat(*command, options->isJson);
  command->callback(
      [options, &invocation] { take(runLatencyFile(*options, invocation.out, invocation.err), invocation); });
}

void addMigrate(CLI::App &model, Invocation &invocation) {
  CLI::App *command = model.add_subcommand("migrate", "Old and new form of a driver: equivalent, or where they differ");
  auto isJson = std::make_shared<bool>(false);
  addFormat(*command, *isJson);
  command->callback(
      [isJson, &invocation] { take(model::printMigrations(*isJson, invocation.out, invocation.err), invocation); });
}

} // namespace

void addModelCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *model = app.add_subcommand("model", "Execute the kernel's mechanisms: scenarios, matrix, claims, latency");
  model->require_subcommand(1);
  addRun(*model, invocation);
  addMatrix(*model, invocation);
  addTrace(*model, invocation);
  addClaims(*model, invocation);
  addLatency(*model, invocation);
  addMigrate(*model, invocation);
}

} // namespace bhlint
