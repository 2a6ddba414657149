// bhlint explain: one finding in full. bhlint contexts: where a function can run, and the shortest witness of each.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"

#include "analysis/findings/write_text.h"
#include "analysis/ruleset/describe.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct ExplainOptions {
  RunOptions run;
  std::string fingerprint;
};

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

void explain(const ExplainOptions &options, Invocation &invocation) {
  std::optional<FindingsRun> result = findAll(options.run, invocation);
  if (!result)
    return;
  for (const Finding &finding : result->report.findings)
    if (llvm::StringRef(finding.fingerprint).starts_with(options.fingerprint)) {
      describe(finding, result->run, invocation.out);
      invocation.status = Found;
      return;
    }
  listFailures(result->report, invocation.err);
  invocation.fail("no finding has the fingerprint " + options.fingerprint +
                  "; `bhlint check --format json` lists them");
}

struct ContextsOptions {
  RunOptions run;
  std::string function;
};

std::string placeText(const Program &program, const Place &place) {
  return program.text(place.file).str() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

/// From the root down to the function, as it was first reached.
void writeWitness(const Run &run, FunctionId id, Context context, llvm::raw_ostream &out) {
  const Program &program = *run.program;
  std::vector<std::string> lines;
  for (unsigned hops = 0; id != noId && hops < 1000; ++hops) {
    const auto &reach = run.contexts->reach[id];
    auto found = std::find_if(reach.begin(), reach.end(), [&](const auto &entry) { return entry.first == context; });
    if (found == reach.end())
      break;
    const ContextMap::Reach &how = found->second;
    if (how.root != noId) {
      const ContextRoot &root = run.contexts->roots[how.root];
      lines.push_back(placeText(program, root.place) + ": " + root.why);
      break;
    }
    if (how.from == noId) {
      lines.push_back(placeText(program, program.functions[id].place) + ": " +
                      program.text(program.functions[id].name).str() +
                      "() may be called from anywhere: nothing in these units calls it");
      break;
    }
    const BodyEvent &event = program.bodyOf(how.from)->events[how.event];
    lines.push_back(placeText(program, event.place) + ": " + program.text(program.functions[how.from].name).str() +
                    "() calls " + program.text(program.functions[id].name).str() + "()");
    id = how.from;
  }
  for (auto line = lines.rbegin(); line != lines.rend(); ++line)
    out << "    " << *line << "\n";
}

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
        writeWitness(*result, id, context, invocation.out);
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
  command->add_option("FINGERPRINT", options->fingerprint, "Of the finding, or the beginning of it")->required();
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
