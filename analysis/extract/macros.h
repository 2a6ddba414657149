// Where an expression was written: through which macros, and whether it is the whole of one.
#pragma once

#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Preprocessor.h"

namespace bhlint {

struct MacroLevel {
  llvm::StringRef name;
  clang::SourceLocation expansion; ///< where it is used; with `name` identifies one expansion
};

/// Macro expansions that `location` stands in, outermost first. What was written as a macro's argument does not stand
/// in that macro.
llvm::SmallVector<MacroLevel, 4> macroStack(clang::SourceLocation location, const clang::Preprocessor &preprocessor);

/// The place in a file that a reader would edit: the use of the outermost macro, or the spelling of a macro argument.
clang::SourceLocation writtenLocation(clang::SourceLocation location, const clang::SourceManager &sources);

/// Name of the outermost function-like macro without parameters of which `range` is the whole expansion; empty if none.
llvm::StringRef wholeMacro(clang::SourceRange range, const clang::Preprocessor &preprocessor);

} // namespace bhlint
