#include "analysis/extract/macros.h"

#include "clang/Lex/Lexer.h"
#include "clang/Lex/MacroInfo.h"

#include <algorithm>

namespace bhlint {

using namespace clang;

llvm::SmallVector<MacroLevel, 4> macroStack(SourceLocation location, const Preprocessor &preprocessor) {
  const SourceManager &sources = preprocessor.getSourceManager();
  llvm::SmallVector<MacroLevel, 4> levels;
  while (location.isMacroID()) {
    if (sources.isMacroArgExpansion(location)) {
      location = sources.getImmediateSpellingLoc(location);
      continue;
    }
    llvm::StringRef name = Lexer::getImmediateMacroName(location, sources, preprocessor.getLangOpts());
    location = sources.getImmediateExpansionRange(location).getBegin();
    levels.push_back({name, location});
  }
  std::reverse(levels.begin(), levels.end());
  return levels;
}

SourceLocation writtenLocation(SourceLocation location, const SourceManager &sources) {
  while (location.isMacroID())
    location = sources.isMacroArgExpansion(location) ? sources.getImmediateSpellingLoc(location)
                                                     : sources.getImmediateExpansionRange(location).getBegin();
  return location;
}

namespace {

/// Expansions that `location` is the first (or last) token of, innermost first.
llvm::SmallVector<FileID, 4> expansionsAtEdge(SourceLocation location, bool isFirst, const Preprocessor &preprocessor) {
  const SourceManager &sources = preprocessor.getSourceManager();
  llvm::SmallVector<FileID, 4> result;
  while (location.isMacroID()) {
    if (sources.isMacroArgExpansion(location)) {
      location = sources.getImmediateSpellingLoc(location);
      continue;
    }
    SourceLocation outer;
    if (isFirst) {
      if (!sources.isAtStartOfImmediateMacroExpansion(location, &outer))
        break;
    } else {
      unsigned length =
          Lexer::MeasureTokenLength(sources.getSpellingLoc(location), sources, preprocessor.getLangOpts());
      if (!sources.isAtEndOfImmediateMacroExpansion(location.getLocWithOffset(static_cast<int>(length)), &outer))
        break;
    }
    result.push_back(sources.getFileID(location));
    location = outer;
  }
  return result;
}

} // namespace

llvm::StringRef wholeMacro(SourceRange range, const Preprocessor &preprocessor) {
  if (!range.getBegin().isMacroID() || !range.getEnd().isMacroID())
    return {};
  llvm::SmallVector<FileID, 4> ends = expansionsAtEdge(range.getEnd(), /*isFirst=*/false, preprocessor);
  llvm::StringRef result;
  for (FileID expansion : expansionsAtEdge(range.getBegin(), /*isFirst=*/true, preprocessor)) {
    if (std::find(ends.begin(), ends.end(), expansion) == ends.end())
      continue;
    const SourceManager &sources = preprocessor.getSourceManager();
    llvm::StringRef name = Lexer::getImmediateMacroName(sources.getComposedLoc(expansion, 0), sources,
                                                        preprocessor.getLangOpts());
    const IdentifierInfo *identifier = preprocessor.getIdentifierInfo(name);
    const MacroInfo *macro = identifier ? preprocessor.getMacroInfo(identifier) : nullptr;
    if (macro && macro->isFunctionLike() && macro->getNumParams() == 0)
      result = name;
  }
  return result;
}

} // namespace bhlint
