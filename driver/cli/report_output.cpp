#include "driver/cli/report_output.h"
#include "driver/cli/output_file.h"
#include "driver/cli/tree_sources.h"

#include "analysis/findings/baseline.h"
#include "analysis/findings/source_text.h"
#include "analysis/findings/writers.h"
#include "analysis/ruleset/describe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include <CLI/CLI.hpp>

#include <algorithm>

namespace bhlint {

void addConfidenceOption(CLI::App &command, std::string &confidence) {
  command
      .add_option("--confidence", confidence,
                  "The least that is shown: high, medium or low (default: what .bhlint.yaml says, else high)")
      ->check(CLI::IsMember({"high", "medium", "low"}));
}

void addReportOptions(CLI::App &command, ReportOptions &options, const std::vector<std::string> &more) {
  std::vector<std::string> formats = writerNames();
  formats.insert(formats.end(), more.begin(), more.end());
  command.add_option("--format", options.format, CLI::detail::join(formats, ", "))->check(CLI::IsMember(formats));
  addOutputOption(command, options.output);
  addConfidenceOption(command, options.confidence);
  command.add_option("--baseline", options.baseline, "Accepted findings, which are not shown")->type_name("FILE");
  command
      .add_option("--enable", options.enabled,
                  "A rule that is off by default (`bhlint rules list`); may be given often")
      ->allow_extra_args(false) // what follows the rule is a PATH
      ->type_name("RULE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option *addEditsOption(CLI::App &command, bool &hasEdits) {
  return command.add_flag("--edits", hasEdits,
                          "Look for an edit of each finding, as `bhlint fix` does; json and sarif have it in full");
}

std::vector<RuleText> ruleTexts(const RuleSet &rules) {
  std::vector<RuleText> texts;
  for (const Rule &rule : rules.rules)
    texts.push_back({rule.id, rule.title, rule.why, describeRule(rule, rules), rule.severity, rule.isDefault});
  return texts;
}

bool enableRules(const ReportOptions &options, std::vector<RuleText> &rules, Invocation &invocation) {
  for (const std::string &id : options.enabled) {
    auto rule = std::find_if(rules.begin(), rules.end(), [&](const RuleText &text) { return text.id == id; });
    if (rule == rules.end()) {
      invocation.fail("there is no rule " + id + "; `bhlint rules list` shows all");
      return false;
    }
    rule->isDefault = true;
  }
  return true;
}

bool areValid(const SettingsTree &settings, Invocation &invocation) {
  for (const std::string &error : settings.errors)
    invocation.fail(error);
  return settings.errors.empty();
}

bool dropAccepted(const std::string &file, llvm::ArrayRef<std::string> unasked, std::vector<Finding> &findings,
                  Invocation &invocation) {
  if (file.empty())
    return true;
  auto text = llvm::MemoryBuffer::getFile(file);
  if (!text) {
    invocation.fail(file + ": " + text.getError().message());
    return false;
  }
  llvm::Expected<Baseline> baseline = parseBaseline((*text)->getBuffer(), file);
  if (!baseline) {
    invocation.fail(baseline.takeError());
    return false;
  }
  BaselineResult result = applyBaseline(*baseline, findings);
  for (const BaselineEntry &entry : result.stale)
    if (!llvm::is_contained(unasked, entry.rule))
      invocation.warn(file + ": " + entry.fingerprint + " (" + entry.rule + " in " + entry.function +
                      "()) matches no finding; remove it");
  return true;
}

std::size_t dropUncertain(const ReportOptions &options, SettingsTree &settings, std::vector<Finding> &findings) {
  const std::optional<Confidence> asked = confidenceFromName(options.confidence);
  return std::erase_if(findings, [&](const Finding &finding) { return !isShown(settings, asked, finding); });
}

void sayHidden(std::size_t hidden, Invocation &invocation) {
  if (hidden != 0)
    invocation.err << hidden << (hidden == 1 ? " finding" : " findings")
                   << " of lower confidence not shown (--confidence=low shows all)\n";
}

bool writeReport(const ReportOptions &options, Report report, const Run &run, Invocation &invocation) {
  const Writer &writer = *findWriter(options.format);
  TreeSources sources(run);
  if (writer.countsCharacters)
    countCharacters(report.findings, [&](llvm::StringRef file) { return sources.read(file); });
  return writeOutput(options.output, invocation, [&](llvm::raw_ostream &out) { writer.write(report, out); });
}

bool hasDefect(const Report &report) {
  return report.notShown != 0 || std::any_of(report.findings.begin(), report.findings.end(), [](const Finding &finding) {
           return finding.severity != Severity::Note;
         });
}

} // namespace bhlint
