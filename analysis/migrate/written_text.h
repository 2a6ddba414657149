// WrittenText: from Clang's locations to bytes of files of the tree. Internal to migrate/.
#pragma once

#include "analysis/migrate/sites.h"

#include "clang/AST/ASTContext.h"
#include "clang/Lex/Preprocessor.h"

namespace bhlint {

class WrittenText {
public:
  WrittenText(const clang::SourceManager &sources, const clang::LangOptions &language, std::string tree)
      : sources(sources), language(language), tree(std::move(tree)) {}

  /// Of the file, relative to the tree; absolute outside of it; empty: no file.
  std::string fileOf(clang::SourceLocation location) const;
  /// Where a token is written: in a macro's argument at its use, in a macro's body there.
  clang::SourceLocation written(clang::SourceLocation location) const;
  std::optional<SourceSpan> token(clang::SourceLocation location) const;
  /// Tokens from the first to the last; nothing when they are not written in one piece.
  std::optional<SourceSpan> range(clang::SourceRange range) const;
  std::string text(const SourceSpan &span, clang::SourceLocation in) const;
  std::string text(clang::SourceRange range) const;
  /// The call whose name is written there.
  std::optional<CallText> call(clang::SourceLocation name) const;
  /// Behind the next ';'; 0: there is none.
  unsigned behindSemicolon(clang::SourceLocation location) const;

private:
  const clang::SourceManager &sources;
  const clang::LangOptions &language;
  const std::string tree;
};

/// Where one of the words stands in C code; comments, strings and parts of longer words don't count.
std::vector<SourceSpan> wordsIn(llvm::StringRef code, llvm::StringRef file, const std::set<std::string> &words);

} // namespace bhlint
