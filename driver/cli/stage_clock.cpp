#include "driver/cli/stage_clock.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
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

} // namespace bhlint
