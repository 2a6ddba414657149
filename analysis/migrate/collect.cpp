#include "analysis/migrate/collect.h"
#include "analysis/extract/compiler.h"
#include "analysis/migrate/site_visitor.h"

#include "clang/Frontend/FrontendActions.h"
#include "clang/Lex/PPCallbacks.h"
#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using namespace clang;

namespace {

using MacroUses = std::vector<std::pair<std::string, SourceLocation>>;

class MacroWatch : public PPCallbacks {
public:
  MacroWatch(const MigrationRules &rules, MacroUses &uses, std::vector<SourceRange> &skipped)
      : rules(rules), uses(uses), skipped(skipped) {}

  void MacroExpands(const Token &name, const MacroDefinition &, SourceRange, const MacroArgs *) override {
    const IdentifierInfo *identifier = name.getIdentifierInfo();
    if (identifier && rules.macros.contains(identifier->getName()))
      uses.emplace_back(identifier->getName().str(), name.getLocation());
  }
  void SourceRangeSkipped(SourceRange range, SourceLocation) override { skipped.push_back(range); }

private:
  const MigrationRules &rules;
  MacroUses &uses;
  std::vector<SourceRange> &skipped;
};

class CollectConsumer : public ASTConsumer {
public:
  CollectConsumer(CompilerInstance &compiler, const ExtractRequest &request, const MigrationRules &rules,
                  DeferralSites &sites)
      : text(compiler.getSourceManager(), compiler.getLangOpts(), request.treeRoot), rules(rules), sites(sites) {
    compiler.getPreprocessor().addPPCallbacks(std::make_unique<MacroWatch>(rules, macros, skipped));
  }

  void HandleTranslationUnit(ASTContext &context) override {
    addFiles(context.getSourceManager());
    for (SourceRange range : skipped)
      if (std::optional<SourceSpan> span = text.range(range); span && !rules.isShared(span->file))
        sites.skipped.push_back(*span);
    SiteVisitor visitor(context, text, rules, sites);
    visitor.run();
    for (const auto &[name, location] : macros)
      visitor.addMacro(name, location);
  }

private:
  void addFiles(const SourceManager &sources) {
    for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
      const SrcMgr::SLocEntry &entry = sources.getLocalSLocEntry(i);
      if (!entry.isFile())
        continue;
      std::string file = text.fileOf(SourceLocation::getFromRawEncoding(entry.getOffset()));
      if (!file.empty() && !rules.isShared(file))
        sites.files.push_back(std::move(file));
    }
    llvm::sort(sites.files);
    sites.files.erase(std::unique(sites.files.begin(), sites.files.end()), sites.files.end());
  }

  WrittenText text;
  const MigrationRules &rules;
  DeferralSites &sites;
  MacroUses macros;
  std::vector<SourceRange> skipped;
};

class CollectAction : public ASTFrontendAction {
public:
  CollectAction(const ExtractRequest &request, const MigrationRules &rules, DeferralSites &sites)
      : request(request), rules(rules), sites(sites) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &compiler, llvm::StringRef) override {
    return std::make_unique<CollectConsumer>(compiler, request, rules, sites);
  }

private:
  const ExtractRequest &request;
  const MigrationRules &rules;
  DeferralSites &sites;
};

/// Runs the action; empty when there were no errors.
std::string runOn(llvm::function_ref<std::unique_ptr<CompilerInstance>(ErrorRecorder &)> make, FrontendAction &action) {
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = make(errors);
  if (compiler) {
    // Commands come without their warnings. What the kernel makes errors is what a wrong edit would show as.
    for (const char *group : {"incompatible-pointer-types", "int-conversion", "implicit-function-declaration"})
      compiler->getDiagnostics().setSeverityForGroup(diag::Flavor::WarningOrError, group, diag::Severity::Error);
    compiler->ExecuteAction(action);
  }
  if (compiler && errors.getNumErrors() == 0)
    return {};
  return errors.first.empty() ? "it does not parse" : errors.first;
}

template <class T> void sortUnique(std::vector<T> &items) {
  llvm::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

DeferralSites collectWith(llvm::function_ref<std::unique_ptr<CompilerInstance>(ErrorRecorder &)> make,
                          const ExtractRequest &request, const MigrationRules &rules) {
  DeferralSites sites;
  CollectAction action(request, rules, sites);
  sites.error = runOn(make, action);
  llvm::StringRef unit = request.file;
  if (unit.consume_front(request.treeRoot))
    unit.consume_front("/");
  sites.unit = unit.str();
  sortUnique(sites.links);
  sortUnique(sites.typeNames);
  sortUnique(sites.calls);
  sortUnique(sites.macros);
  sortUnique(sites.bindings);
  sortUnique(sites.troubles);
  return sites;
}

} // namespace

DeferralSites collectSites(const ExtractRequest &request, const MigrationRules &rules,
                           llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  return collectWith([&](ErrorRecorder &errors) { return makeCompiler(request, errors, files); }, request, rules);
}

DeferralSites collectSites(std::shared_ptr<CompilerInvocation> invocation, const ExtractRequest &request,
                           const MigrationRules &rules, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  invocation->getFrontendOpts().Inputs = {FrontendInputFile(request.file, Language::C)};
  return collectWith([&](ErrorRecorder &errors) { return makeCompiler(invocation, request.directory, errors, files); },
                     request, rules);
}

std::string parseErrors(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  SyntaxOnlyAction action;
  return runOn([&](ErrorRecorder &errors) { return makeCompiler(request, errors, files); }, action);
}

} // namespace bhlint
