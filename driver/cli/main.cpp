// bhlint's command line. What there is to choose from is in docs/cli.md and in `bhlint --help`.
#include "driver/cli/command.h"
#include "driver/cli/interrupt.h"

#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"
#include <CLI/CLI.hpp>

namespace bhlint {

namespace {

using AddCommand = void (*)(CLI::App &, Invocation &);

/// In the order in which --help lists them.
constexpr AddCommand commands[] = {
    addDbCommand,     addCheckCommand,       addGateCommand,       addFixCommand,      addMigrateCommand, addBaselineCommand,
    addExplainCommand, addModelCommand,  addContextsCommand,    addRulesCommand,      addLearnCommand,    addFactsCommand,
    addKbuildCommand, addExtractUnitCommand, addCompletionCommand, addObserveCommand,  addLspCommand,
    addMapCommand,    addAdviseCommand,
};

int parseAndRun(CLI::App &app, int argc, const char *const *argv, Invocation &invocation) {
  try {
    std::vector<std::string> words = markCompilerArguments(argc, argv);
    std::reverse(words.begin(), words.end()); // as the parser takes them
    // The command that is named does its work in here.
    app.parse(std::move(words));
  } catch (const CLI::ParseError &error) {
    return app.exit(error) == 0 ? NothingFound : CouldNotRun;
  }
  return invocation.status;
}

} // namespace

void Invocation::fail(const llvm::Twine &message) {
  err << "bhlint: error: " << message << "\n";
  status = CouldNotRun;
}

void Invocation::warn(const llvm::Twine &message) { err << "bhlint: warning: " << message << "\n"; }

} // namespace bhlint

int main(int argc, char **argv) {
  using namespace bhlint;
  handleCrashes(argv[0]);
  static int anchor;
  Invocation invocation{llvm::sys::fs::getMainExecutable(argv[0], &anchor), llvm::outs(), llvm::errs()};

  CLI::App app("bhlint finds kernel code that may sleep where it must not, and says what to use instead.", "bhlint");
  app.set_version_flag("--version", "bhlint " BHLINT_VERSION " (LLVM " LLVM_VERSION_STRING ")");
  app.require_subcommand(1);
  app.failure_message([](const CLI::App *, const CLI::Error &error) {
    return "bhlint: error: " + std::string(error.what()) + "\nRun it with --help to see what there is.\n";
  });
  for (AddCommand add : commands)
    add(app, invocation);
  int status = parseAndRun(app, argc, argv, invocation);

  // A result that didn't reach the disk is no result.
  llvm::outs().flush();
  if (std::error_code error = llvm::outs().error()) {
    llvm::outs().clear_error();
    invocation.fail("standard output: " + error.message());
    return invocation.status;
  }
  llvm::errs().flush();
  endIfInterrupted();
  return status;
}
