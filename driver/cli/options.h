// Options that several commands have in common: what to analyse, and with which rules.
//
// A command calls the add functions that it needs; options of one command only are in that command's file.
#pragma once

#include "driver/cli/command.h"
#include "driver/cli/pipeline.h"
#include "driver/cli/rules_folder.h"

namespace bhlint {

/// All that a command needs to come to facts: the three below.
void addRunOptions(CLI::App &command, RunOptions &options);

/// -p, --tree, --overlay. Returns -p.
CLI::Option *addDatabaseOptions(CLI::App &command, RunOptions &options);

/// -j, --cache, --no-cache, --no-result-cache, --no-prelude, --learned, --no-learned, --rules.
void addExtractOptions(CLI::App &command, RunOptions &options);

/// --unit-seconds.
void addUnitLimit(CLI::App &command, RunOptions &options);

/// --facts, which stands for a database. To be called after addDatabaseOptions().
void addFactsOption(CLI::App &command, RunOptions &options);

/// Fills in the defaults. False: what was given doesn't go together, or there are no rules; it has said so.
bool completeRunOptions(RunOptions &options, Invocation &invocation);

/// The positional PATH...
void addPaths(CLI::App &command, std::vector<std::string> &paths);

/// --rules FOLDER.
void addRulesOption(CLI::App &command, std::string &folder);

/// $XDG_CACHE_HOME/bhlint or ~/.cache/bhlint; empty when there is no home.
std::string defaultCacheFolder();

} // namespace bhlint
