// Explores one scenario completely and prints what it cost: states, transitions, CPU seconds, states per second, bytes per state.
#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <ctime>

using namespace bhlint::model;

int main(int argc, char **argv) {
  if (argc < 2) {
    llvm::errs() << "usage: model_bench SCENARIO [--reduce]\n";
    return 2;
  }
  auto buffer = llvm::MemoryBuffer::getFile(argv[1]);
  if (!buffer) {
    llvm::errs() << argv[1] << ": " << buffer.getError().message() << '\n';
    return 2;
  }
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = readScenario((*buffer)->getBuffer(), argv[1], diagnostics);
  for (const Diagnostic &diagnostic : diagnostics)
    llvm::errs() << toString(diagnostic) << '\n';
  if (!scenario)
    return 2;
  Strategy strategy;
  strategy.reduces = argc > 2 && llvm::StringRef(argv[2]) == "--reduce";
  strategy.maxStates = 200'000'000;
  const std::clock_t begin = std::clock(); // CPU time: the machine may be shared
  const Outcome outcome = explore(scenario->system, scenario->initial, strategy);
  const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  const auto states = static_cast<double>(outcome.states);
  llvm::outs() << llvm::format("%llu %llu %.3f %.0f %.1f ", (unsigned long long)outcome.states,
                               (unsigned long long)outcome.transitions, took, states / took,
                               static_cast<double>(outcome.bytes) / states)
               << verdictName(outcome.verdict) << '\n';
  return outcome.verdict == Verdict::Holds ? 0 : 1;
}
