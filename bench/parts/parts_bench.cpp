// What loading the rules costs each run, and replaying one finding costs each finding.
#include "analysis/ruleset/load.h"
#include "runtime-model/replay.h"

#include "llvm/Support/VirtualFileSystem.h"

#include <chrono>
#include <cstdio>

namespace {

template <typename Work> double milliseconds(int rounds, const Work &work) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i)
    work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() / rounds;
}

} // namespace

int main() {
  using namespace bhlint;
  std::printf("rules loaded: %8.3f ms\n", milliseconds(10, [] {
                loadRuleSet(*llvm::vfs::getRealFileSystem(), BHLINT_SOURCE_DIR "/rules");
              }));
  model::ReplayRequest request;
  request.root = Context::Tasklet;
  request.rootFunction = "task";
  request.sink = model::ReplaySink::Mutex;
  request.sinkName = "mutex_lock";
  std::printf("one replay:   %8.3f ms\n", milliseconds(200, [&] { model::replayFinding(request); }));
}
