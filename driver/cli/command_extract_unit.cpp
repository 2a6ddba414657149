// bhlint extract-unit JOB: one unit parsed in a process of its own (isolate.h). Not for people, and not in --help.
#include "driver/cli/command.h"
#include "driver/cli/isolate.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

void addExtractUnitCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("extract-unit", "Parse one unit for another process");
  command->group(""); // hidden
  auto job = std::make_shared<std::string>();
  command->add_option("JOB", *job, "File that says what to do")->required();
  command->callback([job, &invocation] {
    if (llvm::Error error = runExtractJob(*job))
      invocation.fail(std::move(error));
  });
}

} // namespace bhlint
