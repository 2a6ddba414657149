#include "driver/cli/observed_trace.h"
#include "driver/cli/pipeline.h"
#include "driver/cli/rules_folder.h"
#include "driver/cli/trace_input.h"

#include <CLI/CLI.hpp>

namespace bhlint {

void addTraceOption(CLI::App &command, std::string &path, const std::string &what) {
  command
      .add_option("--trace", path, what + "text of tracefs, `trace-cmd report` or `perf script`; - is standard input")
      ->type_name("FILE");
}

llvm::Expected<RuleSet> readTraceRules(const std::string &folder, const std::string &program) {
  llvm::Expected<std::string> found = findRules(folder, program);
  if (!found)
    return found.takeError();
  Digest digest;
  return readRules(*found, digest);
}

std::string traceName(const std::string &path) { return path == "-" ? "standard input" : path; }

llvm::Expected<Observation> observeTrace(const std::string &path, std::optional<double> seconds, const RuleSet &rules) {
  TraceObserver observer(rules);
  if (llvm::Error error = readTraceLines(path, seconds, [&](llvm::StringRef line) { observer.take(line); }))
    return error;
  return observer.finish();
}

bool isUsable(const Observation &trace, const std::string &name, Invocation &invocation) {
  if (trace.unreadable != 0) {
    std::string lines;
    for (std::uint64_t line : trace.unreadableLines)
      lines += (lines.empty() ? "" : ", ") + std::to_string(line);
    if (trace.unreadable > trace.unreadableLines.size())
      lines += ", ...";
    invocation.warn(name + ": " + llvm::Twine(trace.unreadable) + (trace.unreadable == 1 ? " line is" : " lines are") +
                    " no event of a trace: " + lines);
  }
  if (trace.dropped != 0)
    invocation.warn(name + ": " + llvm::Twine(trace.dropped) +
                    " events not followed: there are too many different handlers or requests at once");
  if (trace.events != 0)
    return true;
  invocation.fail(name + ": no event of interrupts, softirqs, tasklets, timers or work items; record with "
                         "`trace-cmd record -e irq -e timer -e workqueue`, or enable these events in "
                         "/sys/kernel/tracing/events, and see `man bhlint`");
  return false;
}

} // namespace bhlint
