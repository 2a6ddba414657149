#include "driver/kbuild/record.h"

#include "driver/kbuild/compile_database.h"
#include "driver/kbuild/make.h"
#include "driver/kbuild/settings.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/VirtualFileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <tuple>

namespace bhlint {

namespace path = llvm::sys::path;
namespace fs = llvm::sys::fs;
using llvm::StringRef;

namespace {

/// Read by every make of the build (MAKEFILES) before its own makefiles, whose definitions `override` wins over.
/// - `need-builtin` on the command line is how Kbuild descends into the tree; what it prepares before is built as ever.
/// - `if_changed_rule` with `cc_o_c` compiles one C file: write "object source command" to a file of its folder. Only
///   one process works in a folder, so lines can't mix.
/// - Other rules under `if_changed_rule` assemble and link: skipped. What depends on something skipped is skipped.
/// - `any-prereq` and `arg-check` are `newer-prereqs` and `cmd-check` in old kernels, and `cmd_` is the prefix of saved
///   commands in 6.1.
/// - Header self-tests (hdrtest) run the compiler a thousand times for nothing.
constexpr StringRef recordingMakefile = R"(ifeq ($(origin need-builtin),command line)

bhlint_skip = $(eval bhlint_skipped += $@)@:
bhlint_stale = $(newer-prereqs)$(any-prereq)$(cmd-check)$(arg-check)
bhlint_save = printf '%s\n' 'savedcmd_$@ := $(make-cmd)' 'cmd_$@ := $(make-cmd)' > $(dot-target).cmd
bhlint_record = $(file >>$(BHLINT_RECORD)/$(subst /,@,$(obj)),$@ $< $(CC) $(c_flags) -c -o $@ $<)

override if_changed_rule = $(if $(filter $(bhlint_skipped),$^),,$(if $(filter cc_o_c,$(1)),$(bhlint_record)))$(bhlint_skip)
override if_changed = $(if $(filter $(bhlint_skipped),$^),$(bhlint_skip),$(if $(bhlint_stale),$(cmd); $(bhlint_save),@:))
override if_changed_dep = $(if $(filter hdrtest,$(1))$(filter $(bhlint_skipped),$^),$(bhlint_skip),$(if $(bhlint_stale),$(cmd_and_fixdep),@:))

override targets-for-builtin = $(filter-out %/built-in.a %/lib.a,$(real-obj-y)) $(subdir-builtin) $(lib-y) $(extra-y)
override targets-for-modules = $(filter %.o,$(real-obj-m)) $(subdir-modorder)

endif
)";

/// A folder of our own, gone at the end.
class ScratchFolder {
public:
  ~ScratchFolder() {
    if (!name.empty())
      fs::remove_directories(name);
  }
  llvm::Error create() {
    if (std::error_code error = fs::createUniqueDirectory("bhlint-db", name))
      return llvm::createStringError("cannot make a temporary folder: " + error.message());
    // MAKEFILES is a list.
    if (llvm::any_of(name, llvm::isSpace))
      return llvm::createStringError(name + ": the temporary folder must have no space in its name; set TMPDIR");
    return llvm::Error::success();
  }
  std::string operator/(StringRef file) const { return (name + "/" + file).str(); }

private:
  llvm::SmallString<128> name;
};

llvm::Error writeFile(StringRef file, StringRef text) {
  return llvm::writeToOutput(file, [&](llvm::raw_ostream &stream) {
    stream << text;
    return llvm::Error::success();
  });
}

std::vector<std::string> entriesOf(StringRef folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; entry != end && !error; entry.increment(error))
    names.push_back(entry->path());
  return names;
}

/// One recording, from request to merged database.
class Recording {
public:
  Recording(const RecordRequest &request, llvm::vfs::FileSystem &files) : request(request), files(files) {}

  llvm::Expected<RecordOutcome> run() {
    for (auto step : {&Recording::findFolders, &Recording::findGoals, &Recording::configure, &Recording::readSettings,
                      &Recording::checkCompiler, &Recording::runKbuild, &Recording::readLines, &Recording::merge})
      if (llvm::Error error = (this->*step)())
        return error;
    return std::move(outcome);
  }

private:
  llvm::Error findFolders() {
    if (std::error_code error = fs::real_path(request.tree, tree))
      return llvm::createStringError(request.tree + ": " + error.message());
    if (!fs::exists(tree + "/scripts/Kbuild.include"))
      return llvm::createStringError(tree + ": is not a kernel source tree (no scripts/Kbuild.include)");
    if (!request.configuration.empty())
      if (std::error_code error = fs::create_directories(request.build))
        return llvm::createStringError(request.build + ": " + error.message());
    if (std::error_code error = fs::real_path(request.build, build))
      return llvm::createStringError(request.build + ": " + error.message());
    return llvm::Error::success();
  }

  /// "drivers/net" is the goal "drivers/net/" of make, and "drivers/net/a.c" is "drivers/net/a.o".
  llvm::Error findGoals() {
    for (StringRef given : request.paths) {
      std::string relative = relativeToTree(absolutePath(tree, given), tree);
      if (relative == tree) {
        goals = {"."};
        return llvm::Error::success();
      }
      llvm::SmallString<128> goal(relative);
      if (fs::is_directory(tree + "/" + relative))
        goal += "/";
      else if (path::extension(goal) == ".c" && fs::exists(tree + "/" + relative))
        path::replace_extension(goal, ".o");
      else
        return llvm::createStringError(given + ": is neither a folder nor a .c file of " + tree);
      // Make would take other characters for something else than a name.
      if (!llvm::all_of(goal, [](char c) { return llvm::isAlnum(c) || StringRef("-_.,+/@").contains(c); }) ||
          goal.starts_with("-"))
        return llvm::createStringError(given + ": Kbuild can't build a folder of this name");
      goals.push_back(goal.str().str());
    }
    if (goals.empty())
      goals = {"."};
    return llvm::Error::success();
  }

  llvm::Error configure() {
    if (request.configuration.empty() || fs::exists(build + "/.config"))
      return llvm::Error::success();
    if (!StringRef(request.configuration).ends_with("config") ||
        !llvm::all_of(request.configuration, [](char c) { return llvm::isAlnum(c) || c == '_' || c == '-'; }))
      return llvm::createStringError(request.configuration + ": is not a configuration goal like allmodconfig");
    MakeRun make;
    make.arguments = commonArguments();
    // Without a word from the user: the Clang of the version that reads the result, where there is one.
    std::string ourClang = llvm::utostr(LLVM_VERSION_MAJOR);
    llvm::append_range(make.arguments, request.makeArguments);
    if (compilerOf(request.makeArguments).empty())
      make.arguments.push_back("LLVM=" + (findsProgram("clang-" + ourClang) ? "-" + ourClang : "1"));
    make.arguments.push_back(request.configuration);
    auto result = runMake(make);
    if (!result)
      return result.takeError();
    if (result->status != 0)
      return llvm::createStringError("make " + request.configuration + " failed:\n" + llvm::join(result->lastLines(10), "\n"));
    return llvm::Error::success();
  }

  llvm::Error readSettings() {
    auto read = readKbuildSettings(files, build);
    if (!read)
      return read.takeError();
    settings = std::move(*read);
    if (!settings.tree.empty() && absolutePath(build, settings.tree) != StringRef(tree))
      return llvm::createStringError(build + ": was configured for the tree " + absolutePath(build, settings.tree) + ", not for " +
                     tree);
    llvm::append_range(settings.makeArguments, request.makeArguments);
    return llvm::Error::success();
  }

  /// Kbuild would change the configuration.
  llvm::Error checkCompiler() {
    std::string compiler = compilerOf(settings.makeArguments);
    if (compiler.empty() || settings.compilerVersion.empty())
      return llvm::Error::success();
    std::string version = firstLineOf(compiler, "--version");
    if (version == settings.compilerVersion)
      return llvm::Error::success();
    return llvm::createStringError(
        build + ": was configured with " + settings.compiler + " (" + settings.compilerVersion + "), but " +
        (version.empty() ? compiler + " can't be run" : compiler + " is " + version) +
        "; install that compiler, name another one with --make CC=... or --make LLVM=..., or configure again");
  }

  llvm::Error runKbuild() {
    if (llvm::Error error = scratch.create())
      return error;
    if (llvm::Error error = writeFile(scratch / "record.mk", recordingMakefile))
      return error;
    std::string lines = scratch / "lines";
    if (std::error_code error = fs::create_directory(lines))
      return llvm::createStringError(lines + ": " + error.message());
    MakeRun make;
    make.arguments = commonArguments();
    llvm::append_range(make.arguments, settings.makeArguments);
    make.arguments.insert(make.arguments.end(), {"-k", "KBUILD_BUILTIN=y", "KBUILD_MODULES=y"});
    llvm::append_range(make.arguments, goals);
    make.environment = {"MAKEFILES=" + (scratch / "record.mk"), "BHLINT_RECORD=" + lines};
    if (request.onProgress)
      make.onTick = [&] { request.onProgress(entriesOf(lines).size()); };
    auto result = runMake(make);
    if (!result)
      return result.takeError();
    if (result->status != 0)
      outcome.warnings = result->errors(10);
    return llvm::Error::success();
  }

  llvm::Error readLines() {
    std::vector<std::string> names = entriesOf(scratch / "lines");
    llvm::sort(names);
    for (StringRef name : names) {
      auto buffer = llvm::MemoryBuffer::getFile(name);
      if (!buffer)
        return llvm::createStringError(name + ": " + buffer.getError().message());
      llvm::SmallVector<StringRef> rows;
      (*buffer)->getBuffer().split(rows, '\n', -1, /*KeepEmpty=*/false);
      for (StringRef row : rows)
        addUnit(row);
    }
    outcome.recorded = units.size();
    if (!units.empty())
      return llvm::Error::success();
    return llvm::createStringError("Kbuild compiles nothing in " + llvm::join(goals, " ") + " with the configuration of " + build +
                   (outcome.warnings.empty() ? "" : ":\n" + llvm::join(outcome.warnings, "\n")));
  }

  void addUnit(StringRef row) {
    auto [output, rest] = row.split(' ');
    auto [source, command] = rest.split(' ');
    std::string json;
    llvm::raw_string_ostream(json) << llvm::json::Value(llvm::json::fixUTF8(command));
    database.texts.push_back(llvm::MemoryBuffer::getMemBufferCopy(json));
    std::string file = absolutePath(build, source);
    units.push_back({file, build.str().str(), file, output.str(), database.texts.back()->getBuffer(),
                     RecordedUnit::Form::JsonString});
  }

  llvm::Error merge() {
    outcome.database = (build + "/compile_commands.json").str();
    if (fs::exists(outcome.database)) {
      auto old = readCompileDatabase(files, outcome.database);
      if (!old)
        return old.takeError();
      llvm::StringSet<> recorded;
      for (const RecordedUnit &unit : units)
        recorded.insert(absolutePath(build, unit.output));
      for (RecordedUnit &unit : old->units)
        if (std::string output = outputOf(unit); !isRequested(output) && !recorded.contains(output))
          units.push_back(std::move(unit));
      llvm::move(old->texts, std::back_inserter(database.texts));
    }
    llvm::sort(units, [](const RecordedUnit &a, const RecordedUnit &b) {
      return std::tie(a.path, a.output, a.command) < std::tie(b.path, b.output, b.command);
    });
    outcome.total = units.size();
    return writeCompileDatabase(outcome.database, units);
  }

  /// The object, which Kbuild puts where the source would be; of foreign entries that don't say, guessed by this.
  std::string outputOf(const RecordedUnit &unit) const {
    if (!unit.output.empty())
      return absolutePath(unit.directory, unit.output);
    llvm::SmallString<256> guess(absolutePath(build, relativeToTree(unit.path, tree)));
    path::replace_extension(guess, ".o");
    return guess.str().str();
  }

  bool isRequested(StringRef output) const {
    return llvm::any_of(goals, [&](StringRef goal) { return liesIn(output, absolutePath(build, goal)); });
  }

  std::vector<std::string> commonArguments() const {
    return {"-s", "-C", tree.str().str(), ("O=" + build).str(), "-j" + llvm::utostr(request.jobs)};
  }

  const RecordRequest &request;
  llvm::vfs::FileSystem &files;
  llvm::SmallString<128> tree, build;
  std::vector<std::string> goals;
  KbuildSettings settings;
  ScratchFolder scratch;
  CompileDatabase database; ///< keeps the texts of `units`
  std::vector<RecordedUnit> units;
  RecordOutcome outcome;
};

} // namespace

llvm::Expected<RecordOutcome> recordDatabase(const RecordRequest &request) {
  return Recording(request, *llvm::vfs::getRealFileSystem()).run();
}

} // namespace bhlint
