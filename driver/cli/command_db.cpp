// bhlint db: makes or extends a compile database without compiling anything.
#include "driver/cli/command.h"
#include "driver/kbuild/record.h"

#include "llvm/Support/Process.h"
#include "llvm/Support/Threading.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

void run(RecordRequest request, Invocation &invocation) {
  if (request.jobs == 0)
    request.jobs = llvm::hardware_concurrency().compute_thread_count();
  bool isTerminal = llvm::sys::Process::StandardErrIsDisplayed();
  if (isTerminal)
    request.onProgress = [&](unsigned folders) {
      invocation.err << "\rbhlint: Kbuild has been in " << folders << " folders ";
    };
  llvm::Expected<RecordOutcome> outcome = recordDatabase(request);
  if (isTerminal)
    invocation.err << "\r\x1b[K";
  if (!outcome)
    return invocation.fail(outcome.takeError());
  for (const std::string &warning : outcome->warnings)
    invocation.warn("Kbuild: " + warning);
  if (!outcome->warnings.empty())
    invocation.warn("Kbuild could not do everything; units may be missing");
  invocation.out << outcome->database << ": " << outcome->recorded << " units recorded, " << outcome->total
                 << " in all\n";
}

} // namespace

void addDbCommand(CLI::App &app, Invocation &invocation) {
  auto *command = app.add_subcommand("db", "Make or extend a compile database; nothing is compiled");
  auto request = std::make_shared<RecordRequest>();
  request->jobs = 0;
  command->add_option("--tree", request->tree, "Kernel source tree; its makefiles are run")
      ->required()
      ->type_name("FOLDER");
  command->add_option("--build", request->build, "Configured build folder, as in make O=FOLDER")
      ->required()
      ->type_name("FOLDER");
  command
      ->add_option("--config", request->configuration,
                   "Configure the build folder first, if it isn't, with this goal of make")
      ->type_name("allmodconfig");
  command
      ->add_option("--make", request->makeArguments,
                   "Also tell make this, like ARCH=arm64 or CC=gcc-12; may be repeated")
      ->type_name("VAR=VALUE")
      ->take_all()
      ->allow_extra_args(false)
      ->check([](const std::string &text) {
        return text.find('=') == std::string::npos || text.front() == '-' ? "is not VAR=VALUE: " + text : std::string();
      });
  command->add_option("-j,--jobs", request->jobs, "Makes at a time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1u, 4096u));
  command->add_option("PATH", request->paths, "Folders and .c files of the tree (default: all of it)")->type_name("");
  command->callback([request, &invocation] { run(*request, invocation); });
}

} // namespace bhlint
