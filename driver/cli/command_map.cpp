// bhlint map: a driver's interrupts and deferrals as a drawing. bhlint advise: which mechanism each deferral should
// have.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/observed_trace.h"
#include "driver/cli/options.h"
#include "driver/cli/output_file.h"

#include "analysis/map/advise.h"
#include "analysis/map/write_map.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

using WriteMaps = llvm::function_ref<void(const Run &run, const std::vector<DriverMap> &maps, llvm::raw_ostream &out)>;

struct MapFormat {
  const char *name;
  void (*write)(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out);
};

constexpr MapFormat formats[] = {
    {"text", writeMapText}, {"dot", writeMapDot}, {"mermaid", writeMapMermaid}, {"html", writeMapHtml}};

struct MapOptions {
  RunOptions run;
  std::string format = "text";
  std::string output;
  std::string trace; ///< advise: measured rates; empty: none
};

void writeMaps(const MapOptions &options, WriteMaps write, Invocation &invocation) {
  RunOptions runOptions = options.run;
  std::optional<Run> run = extractShown(runOptions, invocation);
  if (!run)
    return;
  if (llvm::Error error = analyse(*run, options.run.jobs))
    return invocation.fail(std::move(error));
  const std::vector<DriverMap> maps = mapDrivers(*run->program, *run->resolver, *run->summaries, *run->contexts);
  const bool isWritten =
      writeOutput(options.output, invocation, [&](llvm::raw_ostream &out) { write(*run, maps, out); });
  warnOfFailures(*run, invocation);
  if (isWritten && maps.empty())
    invocation.warn("no interrupt and no deferral in these units");
}

void map(const MapOptions &options, Invocation &invocation) {
  for (const MapFormat &format : formats)
    if (options.format == format.name)
      writeMaps(
          options,
          [&](const Run &run, const auto &maps, llvm::raw_ostream &out) { format.write(*run.program, maps, out); },
          invocation);
}

/// The trace comes first: what is wrong with it is said before anything is parsed.
void advise(const MapOptions &options, Invocation &invocation) {
  RuleSet rules; // that the trace was read with
  std::optional<Observation> trace;
  if (!options.trace.empty()) {
    llvm::Expected<RuleSet> read = readTraceRules(options.run.rules, invocation.program);
    if (!read)
      return invocation.fail(read.takeError());
    rules = std::move(*read);
    InterruptGuard guard;
    llvm::Expected<Observation> observed = observeTrace(options.trace, std::nullopt, rules);
    if (!observed)
      return invocation.fail(observed.takeError());
    if (!isUsable(*observed, traceName(options.trace), invocation))
      return;
    trace = std::move(*observed);
  }
  writeMaps(
      options,
      [&](const Run &run, const auto &maps, llvm::raw_ostream &out) {
        writeAdvice(*run.program, maps, trace ? &*trace : nullptr, out);
      },
      invocation);
}

CLI::App *addCommand(CLI::App &app, const char *name, const char *what, MapOptions &options) {
  CLI::App *command = app.add_subcommand(name, what);
  addRunOptions(*command, options.run);
  addPaths(*command, options.run.paths);
  addOutputOption(*command, options.output);
  return command;
}

} // namespace

void addMapCommand(CLI::App &app, Invocation &invocation) {
  auto options = std::make_shared<MapOptions>();
  CLI::App *command =
      addCommand(app, "map", "A driver's interrupts: top halves, what they start, and where that runs", *options);
  std::vector<std::string> names;
  for (const MapFormat &format : formats)
    names.push_back(format.name);
  command->add_option("--format", options->format, "text, dot, mermaid or html")->check(CLI::IsMember(names));
  command->callback([options, &invocation] { map(*options, invocation); });
}

void addAdviseCommand(CLI::App &app, Invocation &invocation) {
  auto options = std::make_shared<MapOptions>();
  CLI::App *command = addCommand(
      app, "advise", "For each deferral of a driver: what it does, and which mechanism it should have", *options);
  addTraceOption(*command, options->trace, "Measured rates, for what is decided by them: ");
  command->callback([options, &invocation] { advise(*options, invocation); });
}

} // namespace bhlint
