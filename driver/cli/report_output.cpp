#include "driver/cli/report_output.h"

#include "analysis/findings/baseline.h"
#include "analysis/findings/writers.h"
#include "analysis/ruleset/describe.h"

#include "llvm/Support/FileSystem.h"
#include <CLI/CLI.hpp>

#include <algorithm>

namespace bhlint {

void addReportOptions(CLI::App &command, ReportOptions &options) {
  const std::vector<std::string> formats = writerNames();
  command.add_option("--format", options.format, CLI::detail::join(formats, ", "))->check(CLI::IsMember(formats));
  command.add_option("-o,--output", options.output, "File to write to (default: standard output)")->type_name("FILE");
  command
      .add_option("--confidence", options.confidence,
                  "The least that is shown: high, medium or low (default: what .bhlint.yaml says, else high)")
      ->check(CLI::IsMember({"high", "medium", "low"}));
  command.add_option("--baseline", options.baseline, "Accepted findings, which are not shown")->type_name("FILE");
}

SettingsTree settingsOf(const Run &run) {
  std::vector<std::string> ids;
  for (const Rule &rule : run.rules.rules)
    ids.push_back(rule.id);
  auto read = [files = run.files, tree = run.tree](llvm::StringRef path) -> std::optional<std::string> {
    auto buffer = files->getBufferForFile(absolutePath(tree, path));
    return buffer ? std::optional((*buffer)->getBuffer().str()) : std::nullopt;
  };
  return {std::move(read), std::move(ids)};
}

std::vector<RuleText> ruleTexts(const RuleSet &rules) {
  std::vector<RuleText> texts;
  for (const Rule &rule : rules.rules)
    texts.push_back({rule.id, rule.title, rule.why, describeRule(rule, rules), rule.severity});
  return texts;
}

bool areValid(const SettingsTree &settings, Invocation &invocation) {
  for (const std::string &error : settings.errors)
    invocation.fail(error);
  return settings.errors.empty();
}

bool dropAccepted(const std::string &file, std::vector<Finding> &findings, Invocation &invocation) {
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

bool writeReport(const ReportOptions &options, const Report &report, Invocation &invocation) {
  const Writer &writer = *findWriter(options.format);
  if (options.output.empty()) {
    writer.write(report, invocation.out);
    invocation.out.flush(); // errors may go to the same file
    return true;
  }
  std::error_code error;
  llvm::raw_fd_ostream file(options.output, error);
  if (!error) {
    writer.write(report, file);
    file.flush();
    error = file.error();
    file.clear_error();
  }
  if (error)
    invocation.fail(options.output + ": " + error.message());
  return !error;
}

bool hasDefect(const Report &report) {
  return report.notShown != 0 || std::any_of(report.findings.begin(), report.findings.end(), [](const Finding &finding) {
           return finding.severity != Severity::Note;
         });
}

} // namespace bhlint
