#include "driver/tidy/tidy_unit.h"

#include "analysis/shard/shard_file.h"
#include "driver/cli/rules_folder.h"
#include "driver/cli/shards.h"

#include "clang/Basic/TargetInfo.h"
#include "clang/Lex/HeaderSearch.h"
#include "clang/Lex/HeaderSearchOptions.h"
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

/// The options that the unit was parsed with, for another parse.
std::shared_ptr<clang::CompilerInvocation> invocationOf(const clang::Preprocessor &preprocessor) {
  auto invocation = std::make_shared<clang::CompilerInvocation>();
  invocation->getLangOpts() = preprocessor.getLangOpts();
  invocation->getTargetOpts() = preprocessor.getTargetInfo().getTargetOpts();
  invocation->getHeaderSearchOpts() = preprocessor.getHeaderSearchInfo().getHeaderSearchOpts();
  invocation->getPreprocessorOpts() = preprocessor.getPreprocessorOpts();
  return invocation;
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

llvm::Expected<Run> beginTidyRun(const TidyOptions &options, const std::string &tree) {
  RunOptions asked = runOptions(options);
  llvm::Expected<std::string> rules = findRules(options.rules, pluginFile());
  if (!rules)
    return rules.takeError();
  asked.rules = *rules;
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

std::vector<std::string> idsOf(const RuleSet &rules) {
  std::vector<std::string> ids;
  for (const Rule &rule : rules.rules)
    ids.push_back(rule.id);
  return ids;
}

} // namespace

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
  llvm::Expected<Run> run = beginTidyRun(options, tree);
  if (!run) {
    base->error = llvm::toString(run.takeError());
    return *base;
  }
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
  Run &run = base.run;
  if (!base.hasConstants)
    run.constants = readConstants(run.rules, *preprocessor, request.directory);
  base.hasConstants = true;
  run.files = &preprocessor->getFileManager().getVirtualFileSystem();
  run.units = joined(base.others, unit);
  if (llvm::Error error = bhlint::analyse(run, jobs))
    result.error = llvm::toString(std::move(error));
  else
    result.judgement = suppress(judge(run, idsOf(run.rules)), run);
  run.files = nullptr;
  return result;
}

} // namespace bhlint
