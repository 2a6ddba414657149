// bhlint lsp: findings in an editor, while one types. The protocol is driver/lsp; here is what it asks to be analysed.
#include "driver/cli/command.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/function_contexts.h"
#include "driver/cli/interrupt.h"
#include "driver/cli/options.h"
#include "driver/cli/report_output.h"
#include "driver/fix/tree_units.h"
#include "driver/lsp/server.h"

#include "llvm/Support/Path.h"
#include <CLI/CLI.hpp>

#include <memory>
#include <unistd.h>

namespace bhlint {

namespace {

namespace path = llvm::sys::path;

struct LspOptions {
  RunOptions run;
  std::string confidence; ///< empty: by the settings, else high
};

/// Those of the same folders, which mostly are one module: a chain goes through several of its files.
std::vector<std::string> unitsBeside(const CompileDatabase &database, const std::set<std::string> &open) {
  std::set<std::string> folders;
  for (const std::string &file : open)
    folders.insert(path::parent_path(file).str());
  std::vector<std::string> units;
  for (const RecordedUnit &unit : database.units)
    if (folders.count(path::parent_path(unit.path).str()))
      units.push_back(unit.path);
  return units;
}

std::string describe(const Run &run, llvm::StringRef name) {
  const Program &program = *run.program;
  std::string text;
  llvm::raw_string_ostream out(text);
  for (FunctionId id : program.named(name)) {
    if (!program.bodyOf(id))
      continue;
    out << "`" << name << "()`, " << placeText(program, program.functions[id].place) << ", runs in\n\n";
    if (run.contexts->ambient[id] == 0)
      out << "- nothing: static, not called, and its address is not taken\n";
    for (unsigned i = 0; i < contextCount; ++i) {
      if (!(run.contexts->ambient[id] & (1u << i)))
        continue;
      const auto context = static_cast<Context>(i);
      out << "- **" << contextPhrase(context) << "**\n";
      for (const std::string &step : witnessOf(run, id, context))
        out << "  - " << step << "\n";
    }
    out << "\n";
  }
  return text;
}

/// What the command analyses for an editor: the open documents' folders, or the PATHs that were given.
class EditorAnalysis {
public:
  EditorAnalysis(const LspOptions &options, CompileDatabase database, const std::string &program)
      : options(options), database(std::move(database)), program(program) {}

  llvm::Expected<lsp::Analysed> run(const std::set<std::string> &open, const lsp::Documents &changed) {
    RunOptions now = options.run;
    if (now.paths.empty())
      now.paths = unitsBeside(database, open);
    if (now.paths.empty())
      return lsp::Analysed{}; // nothing of this tree
    now.editorTexts.assign(changed.begin(), changed.end());
    std::string messages;
    llvm::raw_string_ostream err(messages);
    Invocation invocation{program, llvm::nulls(), err};
    last = findAll(now, invocation);
    if (!last)
      return llvm::createStringError(messages);
    lsp::Analysed analysed;
    Report &report = last->report;
    asked = std::move(now);
    all = {report.findings, report.failedUnits};
    SettingsTree settings = settingsOf(last->run);
    applySettings(settings, report.rules, report.findings);
    ReportOptions shown;
    shown.confidence = options.confidence;
    dropUncertain(shown, settings, report.findings);
    if (!areValid(settings, invocation))
      return llvm::createStringError(messages);
    analysed.findings = report.findings;
    analysed.failedUnits = last->report.failedUnits;
    analysed.describe = [this](llvm::StringRef function) {
      return last ? describeIn(last->run, function) : std::string();
    };
    analysed.withEdits = [this](std::vector<Finding> findings) { return withEdits(std::move(findings)); };
    return analysed;
  }

private:
  llvm::Expected<std::vector<Finding>> withEdits(std::vector<Finding> findings) const {
    llvm::Expected<FixResult> result =
        fixFindingsOf(asked, /*compiles=*/false, all, std::move(findings), [](llvm::StringRef) {}); // said before
    if (!result)
      return result.takeError();
    return findingsOf(std::move(*result));
  }

  /// Findings of an earlier run need no linking, contexts do.
  std::string describeIn(Run &run, llvm::StringRef function) const {
    if (!run.contexts)
      if (llvm::Error error = analyse(run, options.run.jobs))
        return "bhlint: " + llvm::toString(std::move(error));
    return describe(run, function);
  }

  const LspOptions &options;
  CompileDatabase database;
  const std::string &program;
  std::optional<FindingsRun> last;
  RunOptions asked; ///< for `last`
  FoundIn all;      ///< in `last`, shown or not
};

void serve(LspOptions &options, Invocation &invocation) {
  if (!options.run.facts.empty())
    return invocation.fail("--facts are of files as they were; an editor needs --database");
  if (!completeRunOptions(options.run, invocation))
    return;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files(llvm::vfs::createPhysicalFileSystem().release());
  llvm::Expected<CompileDatabase> database = readCompileDatabase(*files, options.run.database);
  if (!database)
    return invocation.fail(database.takeError());
  if (!options.run.tree.empty())
    database->tree = absolutePath("/", options.run.tree);
  const std::string tree = database->tree;
  EditorAnalysis analysis(options, std::move(*database), invocation.program);
  lsp::Analyser analyser{tree, [&](const auto &open, const auto &changed) { return analysis.run(open, changed); }};
  lsp::MessageStream stream(STDIN_FILENO, invocation.out);
  llvm::Expected<bool> isOrderly = lsp::Server(stream, analyser, BHLINT_VERSION).serve();
  if (!isOrderly)
    return invocation.fail(isOrderly.takeError());
  invocation.status = *isOrderly ? NothingFound : Found; // as the protocol has it: 1 for an exit without shutdown
}

} // namespace

void addLspCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("lsp", "Serve an editor by the Language Server Protocol, on standard input");
  auto options = std::make_shared<LspOptions>();
  addRunOptions(*command, options->run);
  addPaths(*command, options->run.paths);
  addConfidenceOption(*command, options->confidence);
  command->callback([options, &invocation] { serve(*options, invocation); });
}

} // namespace bhlint
