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

llvm::StringRef wholeMacro(SourceRange range, const Preprocessor &preprocessor) {
  const SourceManager &sources = preprocessor.getSourceManager();
  SourceLocation begin = range.getBegin(), end = range.getEnd();
  llvm::StringRef result;
  while (begin.isMacroID() && end.isMacroID()) {
    if (sources.isMacroArgExpansion(begin) && sources.isMacroArgExpansion(end)) {
      begin = sources.getImmediateSpellingLoc(begin);
      end = sources.getImmediateSpellingLoc(end);
      continue;
    }
    SourceLocation outerBegin, outerEnd;
    unsigned lastToken = Lexer::MeasureTokenLength(sources.getSpellingLoc(end), sources, preprocessor.getLangOpts());
    if (!sources.isAtStartOfImmediateMacroExpansion(begin, &outerBegin) ||
        !sources.isAtEndOfImmediateMacroExpansion(end.getLocWithOffset(static_cast<int>(lastToken)), &outerEnd))
      break;
    llvm::StringRef name = Lexer::getImmediateMacroName(begin, sources, preprocessor.getLangOpts());
    const IdentifierInfo *identifier = preprocessor.getIdentifierInfo(name);
    const MacroInfo *macro = identifier ? preprocessor.getMacroInfo(identifier) : nullptr;
    if (macro && macro->isFunctionLike() && macro->getNumParams() == 0)
      result = name;
    begin = outerBegin;
    end = outerEnd;
  }
  return result;
}

} // namespace bhlint
