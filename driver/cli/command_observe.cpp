// bhlint observe: what a running system, or a trace of one, does in its interrupts and what they defer; and whether the
// analysis knew.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/observed_trace.h"
#include "driver/cli/options.h"

#include "analysis/observe/write_observation.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <thread>

namespace bhlint {

namespace {

using Clock = std::chrono::steady_clock;

struct ObserveOptions {
  RunOptions run;
  std::string trace;
  std::string proc = "/proc";
  double interval = 1;
  bool hasInterval = false;
  bool isJson = false;
};

/// Counters in the proc file system, in the order in which they are shown.
constexpr const char *counterFiles[] = {"softirqs", "interrupts"};

llvm::Expected<std::vector<Counters>> sample(const std::string &proc) {
  std::vector<Counters> counters;
  for (const char *name : counterFiles) {
    llvm::SmallString<128> path(proc);
    llvm::sys::path::append(path, name);
    auto text = llvm::MemoryBuffer::getFileAsStream(path); // its size is said to be 0
    if (!text)
      return llvm::createStringError(text.getError(), path + ": " + text.getError().message());
    llvm::Expected<Counters> read = readCounters((*text)->getBuffer(), path);
    if (!read)
      return read.takeError();
    counters.push_back(std::move(*read));
  }
  return counters;
}

void sleepFor(double seconds) {
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  while (Clock::now() < end && !InterruptGuard::isInterrupted())
    std::this_thread::sleep_for(std::min<Clock::duration>(end - Clock::now(), std::chrono::milliseconds(100)));
}

/// The trace, when there is one; else the time that the counters are given.
llvm::Error watch(const ObserveOptions &options, const RuleSet &rules, ObservedSystem &system) {
  if (options.trace.empty()) {
    sleepFor(options.interval);
    return llvm::Error::success();
  }
  llvm::Expected<Observation> trace =
      observeTrace(options.trace, options.hasInterval ? std::optional(options.interval) : std::nullopt, rules);
  if (!trace)
    return trace.takeError();
  system.traceName = traceName(options.trace);
  system.trace = std::move(*trace);
  return llvm::Error::success();
}

llvm::Error observeSystem(const ObserveOptions &options, const RuleSet &rules, ObservedSystem &system) {
  InterruptGuard guard;
  if (!options.trace.empty() && !options.hasInterval)
    return watch(options, rules, system); // recorded, perhaps elsewhere: this machine's counters say nothing of it
  llvm::Expected<std::vector<Counters>> before = sample(options.proc);
  if (!before)
    return before.takeError();
  const Clock::time_point begin = Clock::now();
  if (llvm::Error error = watch(options, rules, system))
    return error;
  system.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  llvm::Expected<std::vector<Counters>> after = sample(options.proc);
  if (!after)
    return after.takeError();
  for (std::size_t i = 0; i < after->size(); ++i) {
    llvm::Expected<std::vector<RateRow>> rates = ratesBetween((*before)[i], (*after)[i], system.seconds);
    if (!rates)
      return rates.takeError();
    system.counters.push_back({counterFiles[i], (*after)[i].cpus, std::move(*rates)});
  }
  return llvm::Error::success();
}

void observe(ObserveOptions &options, Invocation &invocation) {
  const bool isAnalysed = !options.run.database.empty() || !options.run.facts.empty();
  if (isAnalysed && options.trace.empty())
    return invocation.fail("without --trace there is nothing to compare the analysis with");
  llvm::Expected<RuleSet> rules = readTraceRules(options.run.rules, invocation.program);
  if (!rules)
    return invocation.fail(rules.takeError());

  ObservedSystem system;
  if (llvm::Error error = observeSystem(options, *rules, system))
    return invocation.fail(std::move(error));
  if (!system.traceName.empty() && !isUsable(system.trace, system.traceName, invocation))
    return;
  std::optional<Run> run;
  if (isAnalysed) {
    run = extractShown(options.run, invocation);
    if (!run)
      return;
    if (llvm::Error error = analyse(*run, options.run.jobs))
      return invocation.fail(std::move(error));
    system.program = run->program.get();
    system.predictions = predict(system.trace, *run->program, *run->contexts);
  }
  if (options.isJson)
    writeJson(system, invocation.out);
  else
    writeText(system, invocation.out);
  invocation.status = system.hasGaps() ? Found : NothingFound;
}

} // namespace

void addObserveCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("observe", "Rates, run times and contexts of a running system's handlers");
  auto options = std::make_shared<ObserveOptions>();
  addTraceOption(*command, options->trace, "What ran: ");
  CLI::Option *interval = command
                              ->add_option("--interval", options->interval,
                                           "Seconds between two samples of the counters (default: 1); with --trace, "
                                           "read that for so long")
                              ->type_name("SECONDS")
                              ->check(CLI::Range(0.01, 86400.0));
  command->add_option("--proc", options->proc, "Where the counters are (default: /proc)")->type_name("FOLDER");
  command
      ->add_option_function<std::string>(
          "--format", [options](const std::string &name) { options->isJson = name == "json"; }, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  command->callback([options, interval, &invocation] {
    options->hasInterval = interval->count() != 0;
    observe(*options, invocation);
  });
}

} // namespace bhlint
