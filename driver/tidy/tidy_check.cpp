#include "driver/tidy/tidy_check.h"

#include "analysis/findings/escape.h"
#include "analysis/findings/notes.h"

#include "clang/ASTMatchers/ASTMatchers.h"

namespace bhlint {

using namespace clang;

namespace {

/// In .clang-tidy, `bhlint-*.Facts` is for all checks, and `bhlint-x.Facts` for one.
constexpr llvm::StringLiteral allChecks = "bhlint-*";
constexpr llvm::StringLiteral rulesOption = "Rules", contractsOption = "Contracts", factsOption = "Facts",
                              confidenceOption = "Confidence";

/// The place in the unit's own sources, which Clang-Tidy filters and shows; a file that the unit did not read is read.
SourceLocation locate(const SourcePlace &place, llvm::StringRef tree, SourceManager &sources) {
  if (place.file.empty() || place.line == 0)
    return {};
  OptionalFileEntryRef file = sources.getFileManager().getOptionalFileRef(absolutePath(tree, place.file));
  if (!file)
    return {};
  FileID id = sources.translateFile(*file);
  if (id.isInvalid())
    id = sources.createFileID(*file, SourceLocation(), SrcMgr::C_User);
  return sources.translateLineCol(id, place.line, std::max(place.column, 1u));
}

/// Facts of the tree bring findings of other units along; those are for when these are looked at.
bool concerns(const Finding &finding, const TidyFindings &of, SourceManager &sources) {
  if (finding.place.file == of.mainFile)
    return true;
  OptionalFileEntryRef file = sources.getFileManager().getOptionalFileRef(absolutePath(of.tree, finding.place.file));
  if (!file || sources.translateFile(*file).isInvalid())
    return false;
  return finding.root.place.file == of.mainFile ||
         llvm::any_of(finding.chain, [&](const ChainStep &step) { return step.place.file == of.mainFile; });
}

/// Edits are of the main file.
void addFixIts(const FindingEdit &edit, const SourceManager &sources, DiagnosticBuilder &diagnostic) {
  const SourceLocation begin = sources.getLocForStartOfFile(sources.getMainFileID());
  for (const Replacement &replacement : edit.replacements) {
    const SourceLocation from = begin.getLocWithOffset(static_cast<int>(replacement.offset));
    const SourceLocation to = from.getLocWithOffset(static_cast<int>(replacement.length));
    diagnostic << FixItHint::CreateReplacement(CharSourceRange::getCharRange(from, to), replacement.text);
  }
}

std::vector<std::string> listOf(llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, ';', -1, /*KeepEmpty=*/false);
  std::vector<std::string> list;
  for (llvm::StringRef part : parts)
    list.push_back(part.trim().str());
  return list;
}

} // namespace

TidyCheck::TidyCheck(llvm::StringRef name, tidy::ClangTidyContext *context, std::string rule,
                     std::shared_ptr<TidyUnit> unit)
    : ClangTidyCheck(name, context), context(*context), rule(std::move(rule)), unit(std::move(unit)),
      facts(option(factsOption, "")), confidence(option(confidenceOption, confidenceName(Confidence::High))) {
  options.rules = option(rulesOption, "");
  options.contracts = option(contractsOption, "");
  options.facts = listOf(facts);
}

std::string TidyCheck::option(llvm::StringRef name, llvm::StringRef missing) {
  OptionsView all(allChecks, context.getOptions().CheckOptions, &context);
  return Options.get(name, all.get(name, missing)).str();
}

void TidyCheck::storeOptions(tidy::ClangTidyOptions::OptionMap &stored) {
  Options.store(stored, rulesOption, options.rules);
  Options.store(stored, contractsOption, options.contracts);
  Options.store(stored, factsOption, facts);
  Options.store(stored, confidenceOption, confidence);
}

void TidyCheck::registerMatchers(ast_matchers::MatchFinder *finder) {
  finder->addMatcher(ast_matchers::translationUnitDecl(), this);
}

void TidyCheck::check(const ast_matchers::MatchFinder::MatchResult &result) {
  std::optional<Confidence> least = confidenceFromName(confidence);
  if (!least) {
    configurationDiag("Confidence is high, medium or low, not %0") << confidence;
    return;
  }
  TidyFindings &found = unit->findings(options, *result.Context);
  // Clang-Tidy's own interface: a location in a file that the unit did not read has to be made.
  SourceManager &sources = result.Context->getSourceManager();
  if (!found.isTold) {
    found.isTold = true;
    if (!found.error.empty())
      diag("%0", DiagnosticIDs::Error) << found.error;
    for (const SuppressionWarning &warning : found.judgement.warnings)
      if (warning.place.file == found.mainFile)
        place(warning.place, found.tree, warning.message, DiagnosticIDs::Warning, {}, sources);
  }
  for (const Finding &finding : found.judgement.findings)
    if (finding.rule == rule && finding.confidence >= *least && concerns(finding, found, sources))
      report(finding, found, sources);
}

void TidyCheck::report(const Finding &finding, TidyFindings &of, SourceManager &sources) {
  const std::string &tree = of.tree;
  {
    DiagnosticBuilder warning = place(finding.place, tree, finding.message, DiagnosticIDs::Warning, {}, sources);
    // Where one edit ends several findings, it is made once: Clang-Tidy would take the second for a conflict.
    if (finding.edit && of.offered.insert(finding.edit->replacements).second)
      addFixIts(*finding.edit, sources, warning);
  }
  SourceLocation site = locate(finding.place, tree, sources);
  for (const Note &note : notesOf(finding))
    place(note.place, tree, note.text, DiagnosticIDs::Note, site, sources);
}

/// `fallback`: where to say it when the file is not there; the text then names the place.
DiagnosticBuilder TidyCheck::place(const SourcePlace &place, llvm::StringRef tree, llvm::StringRef text,
                                   DiagnosticIDs::Level level, SourceLocation fallback, SourceManager &sources) {
  SourceLocation location = locate(place, tree, sources);
  std::string said = escapeForTerminal(text);
  if (location.isInvalid() && !place.file.empty())
    said = escapeForTerminal(place.file) + ":" + std::to_string(place.line) + ": " + said;
  DiagnosticBuilder diagnostic = diag(location.isValid() ? location : fallback, "%0", level);
  diagnostic << said;
  return diagnostic;
}

} // namespace bhlint
