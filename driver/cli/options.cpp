#include "driver/cli/options.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include <CLI/CLI.hpp>

#include <cstdlib>

namespace bhlint {

namespace path = llvm::sys::path;

void addRunOptions(CLI::App &command, RunOptions &options) {
  addDatabaseOptions(command, options);
  addFactsOption(command, options);
  addExtractOptions(command, options);
}

CLI::Option *addDatabaseOptions(CLI::App &command, RunOptions &options) {
  CLI::Option *database = command
                              .add_option("-p,--database", options.database,
                                          "Folder with compile_commands.json, or the file; or a built tree")
                              ->type_name("PATH");
  command
      .add_option("--tree", options.tree,
                  "Source tree that files are named relative to (default: what the database says)")
      ->type_name("FOLDER");
  command.add_option("--overlay", options.overlay, "Files below this folder replace those of the tree")
      ->type_name("FOLDER");
  return database;
}

void addFactsOption(CLI::App &command, RunOptions &options) {
  CLI::Option *facts =
      command
          .add_option("--facts", options.facts, "Shards that `bhlint facts` wrote, or folders with some; parse nothing")
          ->type_name("FOLDER...");
  for (const char *other : {"--database", "--tree", "--overlay"})
    facts->excludes(command.get_option(other));
}

void addExtractOptions(CLI::App &command, RunOptions &options) {
  command.add_option("-j,--jobs", options.jobs, "Units analysed at a time (default: one per core)")
      ->type_name("N")
      ->check(CLI::Range(1u, 4096u));
  command.add_flag("!--no-cache", options.useCache, "Neither read nor write the cache");
  command.add_flag("!--no-result-cache", options.useResults,
                   "Take facts from the cache, and compute the findings in any case");
  command.add_option("--cache", options.cacheFolder, "Cache folder (default: bhlint in the user's cache folder)")
      ->type_name("FOLDER");
  command.add_flag("!--no-prelude", options.usePrelude, "Parse every unit's headers anew");
  command
      .add_option("--learned", options.learned,
                  "Learned contracts of functions outside PATH (default: those in the rules for this kernel version)")
      ->type_name("FILE");
  command.add_flag("!--no-learned", options.useLearned, "Take functions outside PATH as the rules' rows alone say");
  addRulesOption(command, options.rules);
}

void addUnitLimit(CLI::App &command, RunOptions &options) {
  command
      .add_option("--unit-seconds", options.limits.seconds,
                  "Parse each unit in a process of its own that ends after so much CPU time; 0: no limit")
      ->type_name("N")
      ->capture_default_str();
}

bool completeRunOptions(RunOptions &options, Invocation &invocation) {
  if (options.facts.empty() && options.database.empty()) {
    invocation.fail("--database is required (or --facts, where `bhlint facts` has extracted them)");
    return false;
  }
  if (!options.facts.empty() && !options.paths.empty()) {
    invocation.fail("with --facts there is no choice of units: " + options.paths.front() +
                    "; name the paths when the facts are made");
    return false;
  }
  llvm::Expected<std::string> rules = findRules(options.rules, invocation.program);
  if (!rules) {
    invocation.fail(rules.takeError());
    return false;
  }
  options.rules = *rules;
  if (!options.profile.empty())
    options.useLearned = false; // learned of kernels without one
  options.limits.program = invocation.program;
  if (options.cacheFolder.empty())
    options.cacheFolder = defaultCacheFolder();
  for (std::string *folder : {&options.cacheFolder, &options.tree}) {
    llvm::SmallString<256> absolute(*folder);
    if (!absolute.empty() && !llvm::sys::fs::make_absolute(absolute))
      *folder = absolute.str().str();
  }
  return true;
}

std::string defaultCacheFolder() {
  llvm::SmallString<256> folder;
  if (!path::cache_directory(folder)) // $XDG_CACHE_HOME, else ~/.cache
    return {};
  path::append(folder, "bhlint");
  return folder.str().str();
}

void addPaths(CLI::App &command, std::vector<std::string> &paths) {
  command.add_option("PATH", paths, "Files and folders of the tree (default: all units of the database)")
      ->type_name("");
}

void addRulesOption(CLI::App &command, std::string &folder) {
  command.add_option("--rules", folder, "Folder with the rules (default: $BHLINT_RULES, else beside the program)")
      ->type_name("FOLDER");
}

} // namespace bhlint
