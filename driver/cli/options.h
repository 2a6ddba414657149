// Options that several commands have in common: what to analyse, and with which rules.
//
// A command calls the add functions that it needs; options of one command only are in that command's file.
#pragma once

#include "driver/cli/command.h"
#include "driver/cli/pipeline.h"

namespace bhlint {

/// -p, --tree, --overlay, -j, --no-cache, --no-prelude, --rules.
void addRunOptions(CLI::App &command, RunOptions &options);

/// The positional PATH...
void addPaths(CLI::App &command, std::vector<std::string> &paths);

/// --rules FOLDER.
void addRulesOption(CLI::App &command, std::string &folder);

/// The folder with the rules: `given`, else $BHLINT_RULES, else ../share/bhlint/rules from the program's folder.
llvm::Expected<std::string> findRules(llvm::StringRef given, llvm::StringRef program);

/// $XDG_CACHE_HOME/bhlint or ~/.cache/bhlint; empty when there is no home.
std::string defaultCacheFolder();

} // namespace bhlint
