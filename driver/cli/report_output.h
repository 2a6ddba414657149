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
};

/// --format, -o, --confidence, --baseline.
void addReportOptions(CLI::App &command, ReportOptions &options);

/// The settings of the tree that the run sees.
SettingsTree settingsOf(const Run &run);
/// The rules as writers tell them.
std::vector<RuleText> ruleTexts(const RuleSet &rules);

/// Says what is wrong in the settings that were looked at. True: nothing.
bool areValid(const SettingsTree &settings, Invocation &invocation);

/// Removes the findings that the baseline accepts. False: it can't be read; it has said so.
bool dropAccepted(const std::string &baseline, std::vector<Finding> &findings, Invocation &invocation);

/// Removes those of lower confidence than is asked for; how many they were.
std::size_t dropUncertain(const ReportOptions &options, SettingsTree &settings, std::vector<Finding> &findings);

/// "3 findings of lower confidence not shown"
void sayHidden(std::size_t hidden, Invocation &invocation);

/// Writes to the file or to standard output. False: it could not, and has said so.
bool writeReport(const ReportOptions &options, const Report &report, Invocation &invocation);

/// Whether there is one that is more than a note.
bool hasDefect(const Report &report);

} // namespace bhlint
