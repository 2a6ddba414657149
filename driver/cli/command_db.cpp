// bhlint db: makes or extends a compile database without compiling anything; or writes one that is there so that other
// programs with Clang inside can read it.
#include "driver/cli/command.h"
#include "driver/kbuild/compile_database.h"
#include "driver/kbuild/record.h"
#include "driver/kbuild/sanitize.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct DbOptions {
  RecordRequest record;
  std::string from;   ///< a database to read instead of making one
  std::string output; ///< folder for what `from` becomes
};

/// Writes the commands of a database as bhlint itself reads them: without what Clang doesn't know or should not do.
llvm::Expected<std::string> writeSanitized(const DbOptions &options, std::size_t &count) {
  llvm::Expected<CompileDatabase> database = readCompileDatabase(*llvm::vfs::getRealFileSystem(), options.from);
  if (!database)
    return database.takeError();
  llvm::Expected<std::vector<CompileCommand>> commands = selectCommands(*database, options.record.paths);
  if (!commands)
    return commands.takeError();
  for (CompileCommand &command : *commands)
    command = sanitizeCommand(command);
  count = commands->size();
  if (std::error_code error = llvm::sys::fs::create_directories(options.output))
    return llvm::createStringError(error, options.output + ": " + error.message());
  std::string file = options.output + "/compile_commands.json";
  if (llvm::sys::fs::equivalent(file, database->source))
    return llvm::createStringError(file + ": is the database that is read; name another folder");
  if (llvm::Error error = writeCompileDatabase(file, *commands))
    return error;
  return file;
}

void sanitize(const DbOptions &options, Invocation &invocation) {
  std::size_t count = 0;
  llvm::Expected<std::string> file = writeSanitized(options, count);
  if (!file)
    return invocation.fail(file.takeError());
  invocation.out << *file << ": " << count << " units, with what Clang needs of their commands\n";
}

void record(RecordRequest request, Invocation &invocation) {
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

void run(const DbOptions &options, Invocation &invocation) {
  if (options.from.empty())
    return record(options.record, invocation);
  sanitize(options, invocation);
}

} // namespace

void addDbCommand(CLI::App &app, Invocation &invocation) {
  auto *command = app.add_subcommand("db", "Make or extend a compile database; nothing is compiled");
  auto options = std::make_shared<DbOptions>();
  RecordRequest *request = &options->record;
  request->jobs = 0;
  auto *from = command->add_option("--from", options->from, "Read this database instead, and write it to -o for others")
                   ->type_name("PATH");
  auto *output = command->add_option("-o,--output", options->output, "With --from: the folder to write to")
                     ->type_name("FOLDER")
                     ->needs(from);
  from->needs(output);
  auto *tree = command->add_option("--tree", request->tree, "Kernel source tree; its makefiles are run")
                   ->type_name("FOLDER")
                   ->excludes(from);
  auto *build = command->add_option("--build", request->build, "Configured build folder, as in make O=FOLDER")
                    ->type_name("FOLDER")
                    ->excludes(from);
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
  command->callback([options, tree, build, from, &invocation] {
    for (const auto *needed : {tree, build})
      if (from->empty() && needed->empty())
        return invocation.fail(needed->get_name() + " is required (or --from, for a database that is there)");
    run(*options, invocation);
  });
}

} // namespace bhlint
