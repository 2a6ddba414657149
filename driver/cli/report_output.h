// What the commands that report findings have in common behind the analysis: settings, baseline, what is shown, and
// writing it in one of the formats.
#pragma once

#include "driver/cli/command.h"
#include "driver/cli/pipeline.h"

#include "analysis/findings/finding.h"
#include "analysis/findings/settings.h"

namespace bhlint {

struct ReportOptions {
  std::string format = "text";
  std::string output;
  std::string confidence; ///< empty: by the settings, else high
  std::string baseline;
  std::vector<std::string> enabled; ///< opt-in rules that are to speak
};

/// --format, -o, --confidence, --baseline, --enable. `more`: formats that the command writes itself.
void addReportOptions(CLI::App &command, ReportOptions &options, const std::vector<std::string> &more = {});

/// --edits
CLI::Option *addEditsOption(CLI::App &command, bool &hasEdits);

/// --confidence alone.
void addConfidenceOption(CLI::App &command, std::string &confidence);

// The rules as writers tell them.
std::vector<RuleText> ruleTexts(const RuleSet &rules);

/// Marks the rules of --enable as if they were on by default. False: there is no such rule; it has said so.
bool enableRules(const ReportOptions &options, std::vector<RuleText> &rules, Invocation &invocation);

/// Says what is wrong in the settings that were looked at. True: nothing.
bool areValid(const SettingsTree &settings, Invocation &invocation);

/// Removes the findings that the baseline accepts. False: it can't be read; it has said so. Entries of `unasked` rules
/// may be there although nothing matches them.
bool dropAccepted(const std::string &baseline, llvm::ArrayRef<std::string> unasked, std::vector<Finding> &findings,
                  Invocation &invocation);

/// Removes those of lower confidence than is asked for; how many they were.
std::size_t dropUncertain(const ReportOptions &options, SettingsTree &settings, std::vector<Finding> &findings);

/// "3 findings of lower confidence not shown"
void sayHidden(std::size_t hidden, Invocation &invocation);

/// Writes to the file or to standard output. `run`: sees the files that the findings are in. False: it could not, and has
/// said so.
bool writeReport(const ReportOptions &options, Report report, const Run &run, Invocation &invocation);

/// Whether there is one that is more than a note.
bool hasDefect(const Report &report);

} // namespace bhlint
