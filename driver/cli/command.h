// The commands of bhlint: one file each, command_<name>.cpp, that adds its options and what it does to the parser.
//
// A command reads its options into values, calls the stages (pipeline.h) and writes what they return. Analysis doesn't
// belong here, and nothing here ends the process: a command leaves its exit status in Invocation.
//
// To add one: command_<name>.cpp with `void add<Name>Command(...)`, a line here, one in main.cpp's table, one in
// CMakeLists.txt, and a section in docs/cli.md.
#pragma once

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}

namespace bhlint {

/// What the exit status says; the same for all commands.
enum ExitStatus : int {
  NothingFound = 0,
  Found = 1,      ///< findings, invalid rules
  CouldNotRun = 2 ///< usage, no database, unreadable rules, output that can't be written
};

/// What main gives to the command that is run, and takes back.
struct Invocation {
  std::string program; ///< path of the running binary
  llvm::raw_ostream &out;
  llvm::raw_ostream &err; ///< errors, warnings, progress; never results
  int status = NothingFound;

  /// "bhlint: error: ..." and CouldNotRun.
  void fail(const llvm::Twine &message);
  void fail(llvm::Error error) { fail(llvm::toString(std::move(error))); }
  void warn(const llvm::Twine &message);
};

void addBaselineCommand(CLI::App &app, Invocation &invocation);
void addCheckCommand(CLI::App &app, Invocation &invocation);
void addCompletionCommand(CLI::App &app, Invocation &invocation);
void addContextsCommand(CLI::App &app, Invocation &invocation);
void addDbCommand(CLI::App &app, Invocation &invocation);
void addExplainCommand(CLI::App &app, Invocation &invocation);
void addKbuildCommand(CLI::App &app, Invocation &invocation);
void addExtractUnitCommand(CLI::App &app, Invocation &invocation);
void addFixCommand(CLI::App &app, Invocation &invocation);
void addGateCommand(CLI::App &app, Invocation &invocation);
void addLearnCommand(CLI::App &app, Invocation &invocation);
void addAdviseCommand(CLI::App &app, Invocation &invocation);
void addMapCommand(CLI::App &app, Invocation &invocation);
void addFactsCommand(CLI::App &app, Invocation &invocation);
void addLspCommand(CLI::App &app, Invocation &invocation);
void addMigrateCommand(CLI::App &app, Invocation &invocation);
void addModelCommand(CLI::App &app, Invocation &invocation);
void addObserveCommand(CLI::App &app, Invocation &invocation);
void addRulesCommand(CLI::App &app, Invocation &invocation);

/// What Kbuild gives its checker follows our own options without a mark: "--" is put between them. Other commands'
/// words are left as they are.
std::vector<std::string> markCompilerArguments(int argc, const char *const *argv);

} // namespace bhlint
