// bhlint explain: one finding in full. bhlint contexts: where a function can run, and the shortest witness of each.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/function_contexts.h"
#include "driver/cli/options.h"

#include "analysis/findings/write_text.h"
#include "analysis/ruleset/describe.h"

#include "llvm/ADT/STLExtras.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct ExplainOptions {
  RunOptions run;
  std::string which;
};

/// FILE:LINE or FILE:LINE:COLUMN as it is printed, or the beginning of a fingerprint.
bool isMeant(const Finding &finding, llvm::StringRef which) {
  const std::string line = finding.place.file + ":" + std::to_string(finding.place.line);
  return which == line || which == line + ":" + std::to_string(finding.place.column) ||
         llvm::StringRef(finding.fingerprint).starts_with(which);
}

void describe(const Finding &finding, const Run &run, llvm::raw_ostream &out) {
  writeText(finding, out);
  out << "\nfingerprint: " << finding.fingerprint << "\ncontext:     " << finding.context
      << "\nconfidence:  " << confidenceName(finding.confidence) << "\n";
  for (const std::string &assumption : finding.assumptions)
    out << "assumed:     " << assumption << "\n";
  for (const std::string &evidence : finding.evidence)
    out << "evidence:    " << evidence << "\n";
  model::ReplayResult replayed = model::replayFinding(replayRequest(finding));
  out << "\nreplayed in the runtime model: " << model::replayStateName(replayed.state) << "\n";
  if (!replayed.why.empty())
    out << replayed.why << "\n";
  out << replayed.timeline;
  if (const Rule *rule = run.rules.find(finding.rule))
    out << "\n" << describeRule(*rule, run.rules);
}

bool isAnyMeant(const Report &report, llvm::StringRef which) {
  return llvm::any_of(report.findings, [&](const Finding &finding) { return isMeant(finding, which); });
}

/// What `check` without options finds, which is mostly known from there; of all rules only where it is not among that.
std::optional<FindingsRun> findMeant(const ExplainOptions &options, Invocation &invocation) {
  RunOptions run = options.run;
  run.enabled.emplace();
  std::optional<FindingsRun> result = findAll(run, invocation);
  if (!result || result->run.unasked.empty() || isAnyMeant(result->report, options.which))
    return result;
  result.reset();
  return findAll(options.run, invocation);
}

void explain(const ExplainOptions &options, Invocation &invocation) {
  std::optional<FindingsRun> result = findMeant(options, invocation);
  if (!result)
    return;
  for (const Finding &finding : result->report.findings)
    if (isMeant(finding, options.which)) {
      if (invocation.status == Found)
        invocation.out << "\n";
      describe(finding, result->run, invocation.out);
      invocation.status = Found;
    }
  if (invocation.status == Found)
    return;
  listFailures(result->report, invocation.err);
  invocation.fail(options.which + ": nothing is found there, and no finding has such a fingerprint; `bhlint check "
                                  "--confidence low` lists the places, and with --format json the fingerprints");
}

struct ContextsOptions {
  RunOptions run;
  std::string function;
};

void contexts(const ContextsOptions &options, Invocation &invocation) {
  RunOptions run = options.run;
  std::optional<Run> result = extractShown(run, invocation);
  if (!result)
    return;
  if (llvm::Error error = analyse(*result, options.run.jobs))
    return invocation.fail(std::move(error));
  bool isFound = false;
  for (FunctionId id : result->program->named(options.function)) {
    const Function &function = result->program->functions[id];
    if (!result->program->bodyOf(id))
      continue;
    isFound = true;
    invocation.out << placeText(*result->program, function.place) << ": " << options.function << "()\n";
    if (result->contexts->ambient[id] == 0)
      invocation.out << "  never reached: static, not called, and its address is not taken\n";
    for (unsigned i = 0; i < contextCount; ++i)
      if (result->contexts->ambient[id] & (1u << i)) {
        Context context = static_cast<Context>(i);
        invocation.out << "  " << contextName(context) << "\n";
        for (const std::string &line : witnessOf(*result, id, context))
          invocation.out << "    " << line << "\n";
      }
  }
  if (!isFound)
    invocation.fail("no function " + options.function + "() is defined in these units");
}

} // namespace

void addExplainCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("explain", "One finding in full: chain, assumptions, evidence, rule");
  auto options = std::make_shared<ExplainOptions>();
  addRunOptions(*command, options->run);
  command
      ->add_option("FINDING", options->which,
                   "FILE:LINE as it is printed, or its fingerprint, or the beginning of that")
      ->required();
  addPaths(*command, options->run.paths);
  command->callback([options, &invocation] { explain(*options, invocation); });
}

void addContextsCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("contexts", "Where a function can run, with the shortest witness of each");
  auto options = std::make_shared<ContextsOptions>();
  addRunOptions(*command, options->run);
  command->add_option("FUNCTION", options->function, "Its name")->required();
  addPaths(*command, options->run.paths);
  command->callback([options, &invocation] { contexts(*options, invocation); });
}

} // namespace bhlint
