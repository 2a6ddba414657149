// A trace that a command was given, as what ran in it.
#pragma once

#include "driver/cli/command.h"

#include "analysis/observe/observation.h"

#include "llvm/Support/Error.h"

#include <optional>
#include <string>

namespace bhlint {

/// --trace FILE.
void addTraceOption(CLI::App &command, std::string &path, const std::string &what);

/// The rules, which say what events mean; `folder` may be empty. What was observed points into them.
llvm::Expected<RuleSet> readTraceRules(const std::string &folder, const std::string &program);

/// `path` in messages: "-" is standard input.
std::string traceName(const std::string &path);

/// Reads as readTraceLines() does.
llvm::Expected<Observation> observeTrace(const std::string &path, std::optional<double> seconds, const RuleSet &rules);

/// Warns of what could not be used. False: nothing could, which is an error.
bool isUsable(const Observation &trace, const std::string &name, Invocation &invocation);

} // namespace bhlint
