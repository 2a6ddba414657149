// bhlint fix: sleeping calls get the form that is fit for where they run, as edits after which the finding is gone.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/options.h"
#include "driver/cli/report_output.h"
#include "driver/fix/tree_units.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct FixOptions {
  RunOptions run;
  ReportOptions shown; ///< which findings: as check shows them
  std::string format = "text";
  bool showsDiff = false;
  bool writes = false;
  bool compiles = false; ///< every edited unit with the command of the database
};

void tell(const FindingFix &fix, llvm::raw_ostream &out) {
  const SourcePlace &place = fix.finding.place;
  out << place.file << ":" << place.line << ":" << place.column << ": " << fix.finding.message << " ["
      << fix.finding.rule << "]\n";
  if (!fix.isOffered())
    out << "    no edit: " << fix.edit.refusal << "\n";
  else
    out << "    edit: " << fix.edit.what << "\n";
  if (!fix.edit.note.empty())
    out << "    note: " << fix.edit.note << "\n";
}

void writeJson(const FixResult &result, llvm::raw_ostream &out) {
  llvm::json::Array findings, files;
  for (const FindingFix &fix : result.findings) {
    const Finding &finding = fix.finding;
    llvm::json::Object entry{{"file", finding.place.file},         {"line", finding.place.line},
                             {"column", finding.place.column},     {"rule", finding.rule},
                             {"function", finding.function},       {"sink", finding.sink},
                             {"fingerprint", finding.fingerprint}, {"message", llvm::json::fixUTF8(finding.message)},
                             {"offered", fix.isOffered()}};
    auto add = [&](const char *key, const std::string &text) {
      if (!text.empty())
        entry[key] = llvm::json::fixUTF8(text);
    };
    add("edit", fix.edit.what);
    add("note", fix.edit.note);
    add("refusal", fix.edit.refusal);
    llvm::json::Array chain;
    for (const ChainStep &step : finding.chain)
      chain.push_back(
          llvm::json::Object{{"function", step.function}, {"file", step.place.file}, {"line", step.place.line}});
    entry["chain"] = std::move(chain);
    findings.push_back(std::move(entry));
  }
  for (const MigratedFile &file : result.files)
    files.push_back(file.file);
  llvm::json::Array uncovered;
  for (const Finding &finding : result.uncovered)
    uncovered.push_back(llvm::json::Object{
        {"file", finding.place.file}, {"line", finding.place.line}, {"message", llvm::json::fixUTF8(finding.message)}});
  out << llvm::formatv("{0:2}\n", llvm::json::Value(llvm::json::Object{{"findings", std::move(findings)},
                                                                       {"editedFiles", std::move(files)},
                                                                       {"uncovered", std::move(uncovered)},
                                                                       {"compiledUnits", result.compiled}}));
}

void sayTotals(const FixResult &result, std::size_t offered, bool compiles, llvm::raw_ostream &out) {
  out << offered << " of " << result.findings.size() << " findings have an edit";
  if (offered != 0)
    out << ", in " << result.files.size() << " files; edited, they are gone, and the edits bring no new one";
  if (offered != 0 && compiles)
    out << "; " << result.compiled << " edited units compile";
  out << "\n";
  for (const Finding &finding : result.uncovered)
    out << finding.place.file << ":" << finding.place.line
        << ": said then for the first time, of code that no edit has to do with: " << finding.message << "\n";
}

void fixAndTell(FixOptions options, Invocation &invocation) {
  std::optional<FindingsRun> run = findAll(options.run, invocation);
  if (!run || !completeRunOptions(options.run, invocation))
    return;
  Report &report = run->report;
  const FoundIn all{report.findings, report.failedUnits};
  SettingsTree settings = settingsOf(run->run);
  applySettings(settings, report.rules, report.findings);
  dropUncertain(options.shown, settings, report.findings);
  if (!areValid(settings, invocation))
    return;
  llvm::Expected<FixResult> result = fixFindingsOf(options.run, options.compiles, all, std::move(report.findings),
                                                   [&](llvm::StringRef message) { invocation.warn(message); });
  if (!result)
    return invocation.fail(result.takeError());
  llvm::raw_ostream &told = options.showsDiff ? invocation.err : invocation.out;
  const auto offered =
      static_cast<std::size_t>(llvm::count_if(result->findings, [](const FindingFix &fix) { return fix.isOffered(); }));
  if (options.format == "json") {
    writeJson(*result, told);
  } else {
    for (const FindingFix &fix : result->findings)
      tell(fix, told);
    sayTotals(*result, offered, options.compiles, told);
  }
  listFailures(report, invocation.err);
  if (options.showsDiff)
    printDiff(result->files, invocation.out);
  if (options.writes)
    if (llvm::Error error = writeFiles(run->run.tree, result->files))
      return invocation.fail(std::move(error));
  if (offered != result->findings.size())
    invocation.status = Found;
}

} // namespace

void addFixCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("fix", "Edits after which sleeping calls are fit for where they run");
  auto options = std::make_shared<FixOptions>();
  addDatabaseOptions(*command, options->run)->required();
  addExtractOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  addConfidenceOption(*command, options->shown.confidence);
  CLI::Option *diff = command->add_flag("--diff", options->showsDiff, "Print the edits as a patch");
  command->add_flag("--in-place", options->writes, "Edit the files of the tree")->excludes(diff);
  command->add_option("--format", options->format, "Of what is said of each finding: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--compile", options->compiles,
                    "Compile every edited unit with the database's own command; needs a database of Clang");
  command->callback([options, &invocation] { fixAndTell(*options, invocation); });
}

} // namespace bhlint
