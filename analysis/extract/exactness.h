// ExactnessCheck: whether a unit that is parsed with a prelude sees what it would see without. Internal to extract/.
//
// It only watches; what is done about the answer is in with_prelude.cpp.
#pragma once

#include "analysis/extract/compiler.h"
#include "analysis/extract/prelude.h"

#include "clang/Lex/PPCallbacks.h"
#include "clang/Lex/Preprocessor.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <string>
#include <utility>
#include <vector>

namespace clang {
class NamedDecl;
}

namespace bhlint {

/// What of a prelude a unit must not see, since it includes none of the headers that say so.
struct Hidden {
  llvm::StringSet<> macros;
  llvm::StringSet<> names; ///< whose declarations are hidden
  llvm::StringSet<>
      included; ///< headers that the unit was seen to include, directly or not: nothing of theirs is hidden
  std::size_t size() const { return macros.size() + names.size(); }
};

/// Watches what the unit does with macros, to tell whether the prelude showed it something that it should not see: a
/// macro that is tested or used, and that only a header defines which the unit does not include; or a header that
/// looked at a macro before the unit changed it, and would have been read after.
class ExactnessCheck : public clang::PPCallbacks {
public:
  /// `hidden`: names whose declarations it takes out of sight, when the prelude is loaded and nothing parsed.
  ExactnessCheck(const Prelude &prelude, clang::CompilerInstance &compiler, const ErrorRecorder &errors,
                 llvm::StringRef directory, const Hidden &hidden);

  struct Verdict {
    bool isExact = false;
    Hidden clashing;                 ///< with this hidden, it may be
    std::vector<std::string> inputs; ///< headers that the unit includes by way of the prelude
  };
  /// To be called when all is parsed.
  Verdict finish();

  void FileChanged(clang::SourceLocation, FileChangeReason, clang::SrcMgr::CharacteristicKind, clang::FileID) override;
  void InclusionDirective(clang::SourceLocation, const clang::Token &, llvm::StringRef, bool, clang::CharSourceRange,
                          clang::OptionalFileEntryRef file, llvm::StringRef, llvm::StringRef, const clang::Module *,
                          bool, clang::SrcMgr::CharacteristicKind) override;
  void MacroDefined(const clang::Token &name, const clang::MacroDirective *directive) override;
  void MacroUndefined(const clang::Token &name, const clang::MacroDefinition &, const clang::MacroDirective *) override;
  void Ifdef(clang::SourceLocation, const clang::Token &name, const clang::MacroDefinition &macro) override {
    tested(name, macro);
  }
  void Ifndef(clang::SourceLocation, const clang::Token &name, const clang::MacroDefinition &macro) override {
    tested(name, macro);
  }
  void Defined(const clang::Token &name, const clang::MacroDefinition &macro, clang::SourceRange) override {
    tested(name, macro);
  }
  void Elifdef(clang::SourceLocation, const clang::Token &name, const clang::MacroDefinition &macro) override {
    tested(name, macro);
  }
  void Elifndef(clang::SourceLocation, const clang::Token &name, const clang::MacroDefinition &macro) override {
    tested(name, macro);
  }
  void MacroExpands(const clang::Token &name, const clang::MacroDefinition &macro, clang::SourceRange,
                    const clang::MacroArgs *) override {
    used(name, macro);
  }

private:
  void reach(llvm::StringRef header);
  void changedAt(const clang::Token &name, unsigned when);
  void tested(const clang::Token &name, const clang::MacroDefinition &macro);
  void used(const clang::Token &name, const clang::MacroDefinition &macro);
  void hideNames();
  bool canHideMacro(llvm::StringRef macro) const;
  bool canHide(const clang::NamedDecl *declaration, const llvm::StringSet<> &included) const;
  std::string absolute(llvm::StringRef header) const;
  std::string fileOf(const clang::NamedDecl *declaration) const;

  const Prelude &prelude;
  clang::CompilerInstance &compiler;
  const clang::Preprocessor &preprocessor;
  const clang::SourceManager &sources;
  const ErrorRecorder &errors;
  std::string directory;
  const Hidden &hidden;
  bool areNamesHidden = false;
  std::vector<std::string> hiddenFrom; ///< files whose declarations are out of sight
  Verdict verdict;
  std::vector<std::pair<const clang::MacroInfo *, clang::Token>> decorators;
  unsigned now = 0;                  ///< number of the next include
  llvm::StringMap<unsigned> reached; ///< header -> number of the include that led to it
  struct Change {
    llvm::StringRef header; ///< of the prelude, looked at `macro`
    llvm::StringRef macro;
    unsigned when; ///< number of the first include after the change
  };
  std::vector<Change> changedBefore;
  llvm::StringMap<llvm::StringSet<>> testedAgain; ///< header -> macros that it tested in this parse
  std::vector<llvm::StringRef> usedMacros;        ///< of the prelude
  llvm::DenseSet<const clang::IdentifierInfo *> looked;
};

} // namespace bhlint
