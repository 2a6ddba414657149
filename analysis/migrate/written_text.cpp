#include "analysis/migrate/written_text.h"

#include "clang/Lex/Lexer.h"
#include "llvm/Support/Path.h"

namespace bhlint {

using namespace clang;

std::string WrittenText::fileOf(SourceLocation location) const {
  OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(sources.getFileLoc(location)));
  if (!file)
    return {};
  llvm::StringRef real = file->getFileEntry().tryGetRealPathName();
  llvm::SmallString<256> path(real.empty() ? file->getName() : real);
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  llvm::StringRef name = path;
  if (name.consume_front(tree))
    name.consume_front("/");
  return name.str();
}

SourceLocation WrittenText::written(SourceLocation location) const {
  while (location.isMacroID())
    location = sources.getImmediateSpellingLoc(location);
  return location;
}

std::optional<SourceSpan> WrittenText::token(SourceLocation location) const { return range(location); }

std::optional<SourceSpan> WrittenText::range(SourceRange range) const {
  // What a macro's expansion is the whole of is written as its use.
  CharSourceRange whole = Lexer::makeFileCharRange(CharSourceRange::getTokenRange(range), sources, language);
  SourceLocation begin, end;
  if (whole.isValid()) {
    begin = whole.getBegin(), end = whole.getEnd();
  } else {
    begin = written(range.getBegin());
    SourceLocation last = written(range.getEnd());
    end = last.getLocWithOffset(static_cast<int>(Lexer::MeasureTokenLength(last, sources, language)));
  }
  if (begin.isInvalid() || end.isInvalid())
    return std::nullopt;
  auto [beginFile, beginOffset] = sources.getDecomposedLoc(begin);
  auto [endFile, endOffset] = sources.getDecomposedLoc(end);
  if (beginFile != endFile || endOffset < beginOffset)
    return std::nullopt;
  std::string file = fileOf(begin);
  if (file.empty()) // pasted together by a macro
    return std::nullopt;
  return SourceSpan{std::move(file), beginOffset, endOffset, sources.getLineNumber(beginFile, beginOffset),
                    sources.getColumnNumber(beginFile, beginOffset)};
}

std::string WrittenText::text(const SourceSpan &span, SourceLocation in) const {
  return sources.getBufferData(sources.getFileID(written(in))).slice(span.begin, span.end).str();
}

std::string WrittenText::text(SourceRange tokens) const {
  std::optional<SourceSpan> span = range(tokens);
  if (!span)
    return {};
  CharSourceRange whole = Lexer::makeFileCharRange(CharSourceRange::getTokenRange(tokens), sources, language);
  return text(*span, whole.isValid() ? whole.getBegin() : tokens.getBegin());
}

std::optional<CallText> WrittenText::call(SourceLocation name) const {
  const SourceLocation start = written(name);
  std::optional<SourceSpan> span = token(start);
  if (!span)
    return std::nullopt;
  const FileID file = sources.getFileID(start);
  const llvm::StringRef buffer = sources.getBufferData(file);
  Lexer lexer(sources.getLocForStartOfFile(file), language, buffer.begin(), buffer.begin() + span->end, buffer.end());
  CallText call{*span, 0, 0, {}};
  unsigned depth = 0, begin = 0, last = 0;
  for (Token token; !lexer.LexFromRawLexer(token);) {
    const unsigned at = sources.getFileOffset(token.getLocation());
    if (call.open == 0) {
      if (token.isNot(tok::l_paren))
        return std::nullopt;
      call.open = at;
      depth = 1;
      continue;
    }
    const bool ends = depth == 1 && token.isOneOf(tok::comma, tok::r_paren);
    if (ends && begin != 0)
      call.arguments.emplace_back(begin, last);
    if (ends)
      begin = 0;
    else if (begin == 0)
      begin = at;
    last = at + token.getLength();
    if (token.isOneOf(tok::l_paren, tok::l_brace, tok::l_square))
      ++depth;
    else if (token.isOneOf(tok::r_paren, tok::r_brace, tok::r_square) && --depth == 0) {
      call.close = at;
      return call;
    }
  }
  return std::nullopt;
}

unsigned WrittenText::behindSemicolon(SourceLocation location) const {
  const SourceLocation start = written(location);
  const FileID file = sources.getFileID(start);
  const llvm::StringRef buffer = sources.getBufferData(file);
  Lexer lexer(sources.getLocForStartOfFile(file), language, buffer.begin(),
              buffer.begin() + sources.getFileOffset(start), buffer.end());
  for (Token token; !lexer.LexFromRawLexer(token);)
    if (token.is(tok::semi))
      return sources.getFileOffset(token.getLocation()) + 1;
  return 0;
}

std::vector<SourceSpan> wordsIn(llvm::StringRef code, llvm::StringRef file, const std::set<std::string> &words) {
  std::vector<SourceSpan> found;
  const std::string text = code.str(); // with a zero behind it, as the lexer wants it
  LangOptions language;
  const SourceLocation start = SourceLocation::getFromRawEncoding(1);
  Lexer lexer(start, language, text.data(), text.data(), text.data() + text.size());
  unsigned line = 1, lineBegin = 0, seen = 0;
  for (Token token; !lexer.LexFromRawLexer(token);) {
    if (token.isNot(tok::raw_identifier) || !words.count(token.getRawIdentifier().str()))
      continue;
    const unsigned at = token.getLocation().getRawEncoding() - 1;
    for (; seen < at; ++seen)
      if (text[seen] == '\n')
        ++line, lineBegin = seen + 1;
    found.push_back({file.str(), at, at + token.getLength(), line, at - lineBegin + 1});
  }
  return found;
}

} // namespace bhlint
