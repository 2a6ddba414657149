#include "analysis/extract/exactness.h"
#include "analysis/extract/unit_builder.h"

#include "clang/Sema/Scope.h"
#include "clang/Sema/Sema.h"

namespace bhlint {

using namespace clang;

ExactnessCheck::ExactnessCheck(const Prelude &prelude, CompilerInstance &compiler, const ErrorRecorder &errors,
                               llvm::StringRef directory, const Hidden &hidden)
    : prelude(prelude), compiler(compiler), preprocessor(compiler.getPreprocessor()),
      sources(preprocessor.getSourceManager()), errors(errors), directory(directory), hidden(hidden) {
  reach(""); // what the command includes
}

void ExactnessCheck::FileChanged(SourceLocation, FileChangeReason, SrcMgr::CharacteristicKind, FileID) {
  if (!areNamesHidden && compiler.hasSema() && compiler.getSema().TUScope)
    hideNames();
}

void ExactnessCheck::InclusionDirective(SourceLocation, const Token &, llvm::StringRef, bool, CharSourceRange,
                                        OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef, const Module *,
                                        bool, SrcMgr::CharacteristicKind) {
  if (file)
    reach(file->getName());
}

void ExactnessCheck::MacroDefined(const Token &name, const MacroDirective *directive) {
  // Asked at the end, when the names in it are known.
  if (prelude.decorators.contains(name.getIdentifierInfo()->getName()))
    decorators.emplace_back(directive->getMacroInfo(), name);
  else
    changedAt(name, now);
}

void ExactnessCheck::MacroUndefined(const Token &name, const MacroDefinition &, const MacroDirective *) {
  // A decorator that is undefined is defined again before a header expands it, or the header gives it the default.
  if (!prelude.decorators.contains(name.getIdentifierInfo()->getName()))
    changedAt(name, now);
}

/// Notes the header and, of the prelude's, those that it includes, with the order in which that happened.
void ExactnessCheck::reach(llvm::StringRef header) {
  std::vector<llvm::StringRef> open{header};
  while (!open.empty()) {
    llvm::StringRef next = open.back();
    open.pop_back();
    if (!reached.try_emplace(next, now).second)
      continue;
    if (auto entry = prelude.includes.find(next); entry != prelude.includes.end())
      open.insert(open.end(), entry->second.begin(), entry->second.end());
  }
  ++now;
}

void ExactnessCheck::changedAt(const Token &name, unsigned when) {
  if (sources.isWrittenInBuiltinFile(name.getLocation()) || sources.isWrittenInCommandLineFile(name.getLocation()))
    return;
  if (auto entry = prelude.testers.find(name.getIdentifierInfo()->getName()); entry != prelude.testers.end())
    for (const std::string &header : entry->second)
      changedBefore.push_back({header, name.getIdentifierInfo()->getName(), when});
}

void ExactnessCheck::tested(const Token &name, const MacroDefinition &macro) {
  used(name, macro);
  // A header without an include guard (trace/define_trace.h) is read again, and looks at what the macro is now.
  if (OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(name.getLocation())))
    testedAgain[file->getName()].insert(name.getIdentifierInfo()->getName());
}

void ExactnessCheck::used(const Token &name, const MacroDefinition &macro) {
  // What the unit defined itself it would have defined so without the prelude, too.
  if (!macro.getMacroInfo() || !sources.isLoadedSourceLocation(macro.getMacroInfo()->getDefinitionLoc()))
    return;
  if (looked.insert(name.getIdentifierInfo()).second && prelude.definers.contains(name.getIdentifierInfo()->getName()))
    usedMacros.push_back(name.getIdentifierInfo()->getName());
}

std::string ExactnessCheck::absolute(llvm::StringRef header) const { return relativePath(header, directory, ""); }

std::string ExactnessCheck::fileOf(const NamedDecl *declaration) const {
  OptionalFileEntryRef file =
      sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(declaration->getLocation())));
  return file ? absolute(file->getName()) : std::string();
}

/// Whether the prelude says it, and nothing that the unit includes does.
bool ExactnessCheck::canHide(const NamedDecl *declaration, const llvm::StringSet<> &included) const {
  bool isOfPrelude = false;
  for (const Decl *one : declaration->redecls()) {
    if (!one->isFromASTFile())
      continue;
    std::string file = fileOf(llvm::cast<NamedDecl>(one));
    if (file.empty() || included.contains(file))
      return false;
    isOfPrelude = true;
  }
  return isOfPrelude;
}

bool ExactnessCheck::canHideMacro(llvm::StringRef macro) const {
  for (llvm::StringRef argument : prelude.macros)
    if (macroOf(argument) == macro)
      return false;
  return llvm::none_of(prelude.definers.find(macro)->second,
                       [&](const std::string &header) { return verdict.clashing.included.contains(absolute(header)); });
}

void ExactnessCheck::hideNames() {
  areNamesHidden = true;
  Sema &sema = compiler.getSema();
  for (const auto &name : hidden.names) {
    IdentifierInfo &identifier = compiler.getPreprocessor().getIdentifierTable().get(name.getKey());
    llvm::SmallVector<NamedDecl *, 4> declarations(sema.IdResolver.decls(&identifier));
    for (NamedDecl *declaration : declarations) {
      if (!canHide(declaration, hidden.included))
        continue;
      for (const Decl *one : declaration->redecls())
        hiddenFrom.push_back(fileOf(llvm::cast<NamedDecl>(one)));
      sema.IdResolver.RemoveDecl(declaration);
      sema.TUScope->RemoveDecl(declaration);
    }
  }
}

ExactnessCheck::Verdict ExactnessCheck::finish() {
  for (const auto &header : reached)
    if (!header.getKey().empty()) {
      verdict.inputs.push_back(header.getKey().str());
      verdict.clashing.included.insert(absolute(header.getKey()));
    }
  verdict.isExact = true;
  for (const auto &[macro, name] : decorators)
    if (!isFormatDecorator(*macro, preprocessor))
      changedAt(name, 0);
  for (const auto &[header, macro, when] : changedBefore)
    if (auto entry = reached.find(header);
        entry != reached.end() && entry->second >= when && !testedAgain[header].contains(macro))
      verdict.isExact = false;
  for (llvm::StringRef macro : usedMacros) {
    if (reached.contains(prelude.definers.find(macro)->second.back()))
      continue;
    verdict.isExact = false;
    if (canHideMacro(macro))
      verdict.clashing.macros.insert(macro);
  }
  // What was hidden must have been rightly so.
  auto isIncluded = [&](const std::string &file) { return verdict.clashing.included.contains(file); };
  for (const auto &macro : hidden.macros)
    if (!canHideMacro(macro.getKey()))
      verdict.isExact = false;
  if (llvm::any_of(hiddenFrom, isIncluded))
    verdict.isExact = false;
  for (const auto &name : errors.names) {
    if (name.getKey().empty())
      continue;
    IdentifierInfo &identifier = compiler.getPreprocessor().getIdentifierTable().get(name.getKey());
    for (const NamedDecl *declaration : compiler.getSema().IdResolver.decls(&identifier))
      if (canHide(declaration, verdict.clashing.included))
        verdict.clashing.names.insert(name.getKey());
  }
  return std::move(verdict);
}

} // namespace bhlint
