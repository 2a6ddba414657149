// bhlint kbuild: the checker that Kbuild runs for each unit, `make C=1 CHECK="bhlint kbuild"`.
//
// What can be said of the unit alone is said at once. Its facts go to the cache and its command to the build folder's
// database, so that `bhlint check` has the rest to do, which is little.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/report_output.h"
#include "driver/cli/options.h"

#include "analysis/findings/write_text.h"
#include "driver/kbuild/unit_record.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <CLI/CLI.hpp>

#include <cstdlib>
#include <memory>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral commandName = "kbuild";

struct KbuildOptions {
  RunOptions run;
  std::string confidence; ///< empty: by the settings, else high
  bool isStrict = false;
  std::vector<std::string> arguments; ///< $(CHECKFLAGS) $(c_flags) $<
};

llvm::StringRef variable(const char *name) {
  const char *value = std::getenv(name);
  return value ? value : "";
}

/// The compilation that the checker's arguments stand for. Kbuild puts $(CHECKFLAGS) before them, which are for Sparse:
/// a compiler knows of itself what they say. They are in the environment, too, as $(CC) is.
CompileCommand commandOf(std::vector<std::string> arguments, llvm::StringRef directory) {
  std::vector<std::string> flags = splitCommandLine(variable("CHECKFLAGS"));
  if (flags.size() < arguments.size() && std::equal(flags.begin(), flags.end(), arguments.begin()))
    arguments.erase(arguments.begin(), arguments.begin() + static_cast<std::ptrdiff_t>(flags.size()));
  CompileCommand command;
  command.directory = directory.str();
  command.file = arguments.back();
  command.arguments = splitCommandLine(variable("CC"));
  if (command.arguments.empty())
    command.arguments = {"cc"};
  llvm::append_range(command.arguments, arguments);
  return command;
}

/// The object, by the file that Kbuild has the compiler write its dependencies to: "-Wp,-MMD,drivers/.foo.o.d".
std::string objectOf(const CompileCommand &command) {
  for (llvm::StringRef argument : command.arguments) {
    if (!argument.consume_front("-Wp,-MMD,") && !argument.consume_front("-Wp,-MD,"))
      continue;
    llvm::StringRef name = llvm::sys::path::filename(argument);
    if (name.consume_front(".") && name.consume_back(".d"))
      return (argument.take_front(argument.size() - llvm::sys::path::filename(argument).size()) + name).str();
  }
  return {};
}

/// Names the finding's files as the compiler would, so that editors find them from where make runs.
void nameFromBuild(Finding &finding, llvm::StringRef prefix) {
  auto name = [&](SourcePlace &place) {
    if (!place.file.empty() && !llvm::sys::path::is_absolute(place.file))
      place.file = (prefix + place.file).str();
  };
  name(finding.place);
  name(finding.root.place);
  for (ChainStep &step : finding.chain)
    name(step.place);
}

/// What comes before a file's name in the tree, in the name that Kbuild gave: "../" or "/src/linux/" or nothing.
std::string prefixOf(const CompileCommand &command, llvm::StringRef tree) {
  llvm::StringRef given = command.file;
  return given.consume_back(relativeToTree(command.path(), tree)) ? given.str() : (tree + "/").str();
}

int status(const KbuildOptions &options, int strictStatus) { return options.isStrict ? strictStatus : NothingFound; }

/// Prints in one piece, since makes in parallel have one terminal.
int printFindings(const KbuildOptions &options, const CompileCommand &command, const Run &run, Invocation &invocation) {
  Judgement judgement = suppress(judge(run), run);
  std::string text;
  llvm::raw_string_ostream out(text);
  std::string prefix = prefixOf(command, run.tree);
  for (const SuppressionWarning &warning : judgement.warnings)
    out << prefix << warning.place.file << ":" << warning.place.line << ": warning: " << warning.message << "\n";
  SettingsTree settings = settingsOf(run);
  applySettings(settings, ruleTexts(run.rules), judgement.findings);
  for (const std::string &error : settings.errors)
    out << "bhlint: " << error << "\n";
  bool isAny = false;
  for (Finding &finding : judgement.findings) {
    if (!isShown(settings, confidenceFromName(options.confidence), finding))
      continue;
    isAny = true;
    nameFromBuild(finding, prefix);
    writeText(finding, out);
  }
  invocation.err << text;
  return status(options, isAny ? Found : NothingFound);
}

int checkUnit(KbuildOptions &options, Invocation &invocation) {
  llvm::SmallString<256> directory;
  if (std::error_code error = llvm::sys::fs::real_path(".", directory)) {
    invocation.fail("the current folder: " + error.message());
    return status(options, CouldNotRun);
  }
  constexpr llvm::StringLiteral usage = "Kbuild runs this as make C=1 CHECK=\"bhlint kbuild\"";
  if (options.arguments.empty()) {
    invocation.fail("there is no file to check; " + usage.str());
    return CouldNotRun;
  }
  CompileCommand command = commandOf(std::move(options.arguments), directory);
  if (!llvm::sys::fs::exists(command.path())) {
    invocation.fail(command.path() + ": there is no such file; " + usage.str());
    return CouldNotRun;
  }
  llvm::StringRef module = variable("KBUILD_EXTMOD");
  std::string build = module.empty() ? directory.str().str() : absolutePath(directory, module);
  if (llvm::Error error = recordUnit(build, command, objectOf(command)))
    invocation.warn(llvm::toString(std::move(error)) + "; `bhlint check` will not know this unit");
  options.run.usePrelude = false; // one unit does not pay for one
  llvm::Expected<Run> run =
      extractOne(options.run, command, [&](llvm::StringRef message) { invocation.warn(message); });
  if (!run) {
    invocation.fail(run.takeError());
    return status(options, CouldNotRun);
  }
  const ExtractedUnit &unit = run->units.front();
  if (!unit.error.empty())
    invocation.warn(command.file + ": " + unit.error);
  bool isFailed = !unit.error.empty();
  if (llvm::Error error = analyse(*run, options.run.jobs)) {
    invocation.fail(std::move(error));
    return status(options, CouldNotRun);
  }
  int found = printFindings(options, command, *run, invocation);
  return isFailed ? status(options, CouldNotRun) : found;
}

void run(KbuildOptions &options, Invocation &invocation) {
  options.run.database = "."; // there is none, and no other option to ask for
  if (!completeRunOptions(options.run, invocation)) {
    invocation.status = status(options, CouldNotRun);
    return;
  }
  invocation.status = checkUnit(options, invocation);
}

} // namespace

std::vector<std::string> markCompilerArguments(int argc, const char *const *argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty() || words.front() != commandName)
    return words;
  auto isCompilerOption = [](llvm::StringRef word) {
    return word.size() > 1 && word.starts_with("-") && !word.starts_with("--");
  };
  words.insert(llvm::find_if(words, isCompilerOption), "--");
  return words;
}

void addKbuildCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command =
      app.add_subcommand(commandName.str(), "Check a unit while Kbuild builds it: make C=1 CHECK=\"bhlint kbuild\"");
  auto options = std::make_shared<KbuildOptions>();
  options->run.jobs = 1; // make starts many of us
  addExtractOptions(*command, options->run);
  addConfidenceOption(*command, options->confidence);
  command->add_flag("--strict", options->isStrict, "Make the build fail: 1 for findings, 2 for a unit that fails");
  command->add_option("ARGUMENT", options->arguments, "Compiler options and the file, as Kbuild gives them to CHECK")
      ->type_name("");
  command->callback([options, &invocation] { run(*options, invocation); });
}

} // namespace bhlint
