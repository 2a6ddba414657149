#include "driver/tidy/tidy_unit.h"

#include "analysis/migrate/collect.h"
#include "analysis/shard/shard_file.h"
#include "driver/cli/rules_folder.h"
#include "driver/cli/shards.h"
#include "driver/migrate/migration.h"
#include "driver/tidy/edited_unit.h"

#include "clang/Lex/PreprocessorOptions.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <dlfcn.h>

namespace bhlint {

namespace {

constexpr unsigned jobs = 1; // run-clang-tidy starts one Clang-Tidy for each core
constexpr llvm::StringLiteral noContracts = "none";

/// The command as far as the preprocessor knows it.
CompileCommand commandOf(const clang::Preprocessor &preprocessor) {
  clang::FileManager &files = preprocessor.getFileManager();
  const clang::SourceManager &sources = preprocessor.getSourceManager();
  CompileCommand command;
  command.directory = files.getVirtualFileSystem().getCurrentWorkingDirectory().get();
  if (clang::OptionalFileEntryRef main = sources.getFileEntryRefForID(sources.getMainFileID()))
    command.file = main->getName().str();
  const clang::PreprocessorOptions &options = preprocessor.getPreprocessorOpts();
  for (const std::string &header : options.Includes)
    command.arguments.insert(command.arguments.end(), {"-include", header});
  for (const auto &[macro, isUndefined] : options.Macros)
    command.arguments.push_back((isUndefined ? "-U" : "-D") + macro);
  return command;
}

TreeConstants readConstants(const RuleSet &rules, const clang::Preprocessor &preprocessor, llvm::StringRef directory) {
  std::vector<ConstantQuery> queries;
  for (const TreeConstant &constant : rules.constants)
    queries.push_back({constant.name, constant.header});
  return extractConstants(invocationOf(preprocessor), directory, queries,
                          &preprocessor.getFileManager().getVirtualFileSystem());
}

RunOptions runOptions(const TidyOptions &options) {
  RunOptions result;
  result.useLearned = options.contracts != noContracts;
  if (result.useLearned)
    result.learned = options.contracts;
  result.facts = options.facts;
  result.jobs = jobs;
  return result;
}

llvm::Expected<Run> beginTidyRun(const TidyOptions &options, const std::string &rules, const std::string &tree) {
  RunOptions asked = runOptions(options);
  asked.rules = rules;
  // Warnings of missing shards are for who joins them; here they are only what else is known.
  return options.facts.empty() ? beginRun(asked, tree) : readShards(asked, nullptr, [](llvm::StringRef) {});
}

/// The other units with ours in its place, which may be new.
std::vector<ExtractedUnit> joined(const std::vector<ExtractedUnit> &others, const ExtractedUnit &unit) {
  std::vector<ExtractedUnit> units;
  for (const ExtractedUnit &other : others)
    if (other.file != unit.file)
      units.push_back(other);
  auto place = llvm::partition_point(units, [&](const ExtractedUnit &other) { return other.file < unit.file; });
  units.insert(place, unit);
  return units;
}

} // namespace

static llvm::Expected<Judgement> judge(TidySession::Base &base, const ExtractedUnit &unit,
                                       llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  Run &run = base.run;
  run.files = std::move(files);
  run.units = joined(base.others, unit);
  llvm::Error error = analyse(run, jobs);
  Judgement judgement = error ? Judgement() : suppress(judge(run), run);
  run.files = nullptr;
  if (error)
    return error;
  return judgement;
}

std::string pluginFile() {
  static const char anchor = 0;
  Dl_info info;
  llvm::SmallString<256> file; // as it was given to -load, which may be a link or relative
  if (dladdr(&anchor, &info) == 0 || llvm::sys::fs::real_path(info.dli_fname, file))
    return {};
  return file.str().str();
}

TidySession::Base &TidySession::baseFor(const TidyOptions &options, const std::string &tree) {
  std::unique_ptr<Base> &base = bases[{options, tree}];
  if (base)
    return *base;
  base = std::make_unique<Base>();
  auto fail = [&](llvm::Error error) -> Base & {
    base->error = llvm::toString(std::move(error));
    return *base;
  };
  llvm::Expected<std::string> rules = findRules(options.rules, pluginFile());
  if (!rules)
    return fail(rules.takeError());
  llvm::Expected<FixRules> fixes = readFixRules(*rules);
  if (!fixes)
    return fail(fixes.takeError());
  llvm::Expected<Run> run = beginTidyRun(options, *rules, tree);
  if (!run)
    return fail(run.takeError());
  llvm::Expected<MigrationRules> migrations = readMigrationRules(*rules);
  if (!migrations)
    return fail(migrations.takeError());
  base->fixes = std::move(*fixes);
  base->migrations = std::move(*migrations);
  base->run = std::move(*run);
  base->hasConstants = !options.facts.empty();
  // Facts name files relative to the tree, wherever it was when they were made.
  base->run.tree = tree;
  base->others = std::move(base->run.units);
  return *base;
}

void TidyUnit::watch(clang::Preprocessor &current) {
  if (preprocessor)
    return;
  preprocessor = &current;
  current.addCommentHandler(&comments);
}

void TidyUnit::extract(clang::ASTContext &context) {
  if (!unit.packed.empty())
    return;
  CompileCommand command = commandOf(*preprocessor);
  request.directory = command.directory;
  request.file = command.file;
  request.arguments = command.arguments;
  request.treeRoot = treeOf(command);
  unit.file = relativeToTree(command.path(), request.treeRoot);
  unit.packed = packFacts(factsOf(context, *preprocessor, request, comments));
}

TidyFindings &TidyUnit::findings(const TidyOptions &options, clang::ASTContext &context) {
  auto found = results.find(options);
  if (found == results.end())
    found = results.emplace(options, analyse(options, context)).first;
  return found->second;
}

TidyFindings TidyUnit::analyse(const TidyOptions &options, clang::ASTContext &context) {
  extract(context);
  TidyFindings result;
  result.mainFile = unit.file;
  result.tree = request.treeRoot;
  TidySession::Base &base = session->baseFor(options, request.treeRoot);
  result.error = base.error;
  if (!result.error.empty())
    return result;
  if (!base.hasConstants)
    base.run.constants = readConstants(base.run.rules, *preprocessor, request.directory);
  base.hasConstants = true;
  if (llvm::Error error = findEdited(base, result))
    result.error = llvm::toString(std::move(error));
  return result;
}

/// What the unit's file has to itself. Before anything is analysed with edits: base.run is of the unit as it is.
std::vector<LocalMigration> TidyUnit::migrate(const TidySession::Base &base, const std::vector<Finding> &findings) {
  const clang::SourceManager &sources = preprocessor->getSourceManager();
  const llvm::StringRef text = sources.getBufferData(sources.getMainFileID());
  const DeferralSites sites =
      collectSites(invocationOf(*preprocessor), request, base.migrations, filesOf(*preprocessor, {}));
  return migrateLocally(sites, base.migrations, base.run, findings, [&](const std::string &file) {
    return file == unit.file ? text : llvm::StringRef();
  });
}

llvm::Error TidyUnit::findEdited(TidySession::Base &base, TidyFindings &found) {
  llvm::Expected<Judgement> judged = judge(base, unit, filesOf(*preprocessor, {}));
  if (!judged)
    return judged.takeError();
  found.judgement = std::move(*judged);
  EditableUnits units;
  units.tree = found.tree;
  units.rules = base.fixes;
  // What other units see of a header isn't known here.
  units.textOf = [&](const std::string &file) -> std::optional<std::string> {
    const clang::SourceManager &sources = preprocessor->getSourceManager();
    return file == unit.file ? std::optional(sources.getBufferData(sources.getMainFileID()).str()) : std::nullopt;
  };
  std::optional<std::vector<LocalMigration>> migrations;
  units.migrations = [&](const Finding &finding) -> std::vector<CallEdit> {
    if (finding.root.place.file != unit.file || !mayMigrate(finding, base.migrations))
      return {};
    if (!migrations)
      migrations = migrate(base, found.judgement.findings);
    return editsByMigration(finding, *migrations, base.migrations);
  };
  units.analyse = [&](const std::vector<MigratedFile> &edited) { return analyseEdited(base, edited); };
  llvm::Expected<FixResult> fixed = fixFindings(units, {found.judgement.findings, {}}, found.judgement.findings);
  if (!fixed)
    return fixed.takeError();
  found.judgement.findings = findingsOf(std::move(*fixed));
  return llvm::Error::success();
}

/// What is found with the unit's edited text, and whether that parses.
llvm::Expected<FoundIn> TidyUnit::analyseEdited(TidySession::Base &base, const std::vector<MigratedFile> &edited) {
  Overlay overlay;
  for (const MigratedFile &file : edited)
    overlay.emplace_back(absolutePath(request.treeRoot, file.file), file.after);
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files = filesOf(*preprocessor, overlay);
  ExtractedUnit changed = extractEdited(*preprocessor, request, files);
  changed.file = unit.file;
  llvm::Expected<Judgement> judged = judge(base, changed, files);
  if (!judged)
    return judged.takeError();
  FoundIn found{std::move(judged->findings), {}};
  if (!changed.error.empty())
    found.failedUnits.push_back({changed.file, changed.error});
  return found;
}

} // namespace bhlint
