// What `bhlint model ...` prints. One function per command: options in, text out, an exit status back.
//
// No command line parsing here (driver/cli/command_model.cpp) and no rules (RuleJudge is handed in).
#pragma once

#include "runtime-model/matrix.h"

#include "llvm/Support/raw_ostream.h"

#include <string>

namespace bhlint::model {

/// The same as the command line's: 0 as expected, 1 something is wrong, 2 could not run.
enum class Status { Fine = 0, Wrong = 1, CouldNotRun = 2 };

struct RunOptions {
  std::string file;
  std::string svg;            ///< where to draw the timeline; empty: nowhere
  std::string profile;        ///< "preempt", "preempt-rt"; empty: the scenario's
  bool isJson = false;
  bool isRandom = false;
  bool reduces = true;
  std::uint64_t seed = 1;
  std::uint64_t maxStates = 5'000'000;
};
Status runScenario(const RunOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

struct MatrixOptions {
  bool isJson = false;
  std::string context, operation; ///< empty: all
};
Status printMatrix(const MatrixOptions &options, const RuleJudge &rules, llvm::raw_ostream &out, llvm::raw_ostream &err);

/// `name` empty: all. Shows the model's run and whether it is what each kernel did.
Status printTrace(const std::string &name, llvm::raw_ostream &out, llvm::raw_ostream &err);

struct ClaimOptions {
  std::string id;             ///< empty: all
  bool isJson = false;
};
Status printClaims(const ClaimOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

struct LatencyRunOptions {
  std::string file, svg;
  bool isJson = false;
};
Status runLatencyFile(const LatencyRunOptions &options, llvm::raw_ostream &out, llvm::raw_ostream &err);

Status printMigrations(bool isJson, llvm::raw_ostream &out, llvm::raw_ostream &err);

} // namespace bhlint::model
