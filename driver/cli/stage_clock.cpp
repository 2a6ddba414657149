#include "driver/cli/stage_clock.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <ctime>
#include <sys/resource.h>

namespace bhlint {

namespace {

double wallNow() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

rusage usage() {
  rusage result = {};
  ::getrusage(RUSAGE_SELF, &result);
  return result;
}

double cpuNow() {
  auto seconds = [](const timeval &time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  rusage now = usage();
  return seconds(now.ru_utime) + seconds(now.ru_stime);
}

double threadNow() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

} // namespace

StageClock::StageClock() : wallAtStart(wallNow()), cpuAtStart(cpuNow()) {}

void StageClock::lap(const char *name) {
  double wall = wallNow(), cpu = cpuNow();
  costs.push_back(
      {name, wall - wallAtStart, cpu - cpuAtStart, static_cast<unsigned>(usage().ru_maxrss / 1024)}); // KiB on Linux
  wallAtStart = wall;
  cpuAtStart = cpu;
}

void writeStages(const std::vector<StageCost> &stages, llvm::raw_ostream &out) {
  StageCost all{"all", 0, 0, 0};
  for (const StageCost &stage : stages) {
    all.wallSeconds += stage.wallSeconds;
    all.cpuSeconds += stage.cpuSeconds;
    all.peakMebibytes = stage.peakMebibytes;
  }
  out << "stage            wall s     CPU s  share  peak MiB\n";
  auto write = [&](const StageCost &stage) {
    double share = all.cpuSeconds > 0 ? 100 * stage.cpuSeconds / all.cpuSeconds : 0;
    out << llvm::format("%-12s %10.2f %9.2f %5.1f%% %9u\n", stage.name.c_str(), stage.wallSeconds, stage.cpuSeconds,
                        share, stage.peakMebibytes);
  };
  for (const StageCost &stage : stages)
    write(stage);
  write(all);
}

void CheckerClock::time(const char *name, const Workers *helpers, llvm::function_ref<void()> step) {
  auto now = [&] { return threadNow() + (helpers ? helpers->secondsOfOthers() : 0); };
  const double start = now();
  step();
  const double seconds = now() - start;
  std::lock_guard<std::mutex> guard(mutex);
  known[name] += seconds;
}

std::vector<CheckerCost> CheckerClock::costs() const {
  std::lock_guard<std::mutex> guard(mutex);
  std::vector<CheckerCost> costs;
  for (const auto &[name, seconds] : known)
    costs.push_back({name, seconds});
  return costs;
}

void writeCheckers(const std::vector<CheckerCost> &costs, llvm::raw_ostream &out) {
  if (costs.empty())
    return;
  CheckerCost all{"all checkers", 0};
  for (const CheckerCost &cost : costs)
    all.cpuSeconds += cost.cpuSeconds;
  out << "of the findings       CPU s\n";
  auto write = [&](const CheckerCost &cost) {
    out << llvm::format("  %-18s %6.2f\n", cost.name.c_str(), cost.cpuSeconds);
  };
  for (const CheckerCost &cost : costs)
    write(cost);
  write(all);
}

} // namespace bhlint
