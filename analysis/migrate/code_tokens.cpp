#include "analysis/migrate/code_tokens.h"

#include "clang/Lex/Lexer.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

using llvm::StringRef;

CodeTokens::CodeTokens(StringRef text) : code(text.str()) {
  clang::LangOptions language;
  clang::Lexer lexer(clang::SourceLocation::getFromRawEncoding(1), language, code.data(), code.data(),
                     code.data() + code.size());
  for (clang::Token token; !lexer.LexFromRawLexer(token);) {
    const unsigned at = token.getLocation().getRawEncoding() - 1;
    tokens.emplace_back(at, at + token.getLength());
  }
}

StringRef CodeTokens::text(std::size_t token) const {
  return StringRef(code).slice(tokens[token].first, tokens[token].second);
}

bool CodeTokens::isWord(std::size_t token) const {
  return token < size() && (llvm::isAlpha(text(token).front()) || text(token).front() == '_');
}

bool CodeTokens::startsLine(std::size_t token) const { return begin(token) == 0 || code[begin(token) - 1] == '\n'; }

std::optional<std::size_t> CodeTokens::at(unsigned line, unsigned column) const {
  std::size_t start = 0;
  for (unsigned i = 1; i < line && start != std::string::npos; ++i)
    start = code.find('\n', start) == std::string::npos ? std::string::npos : code.find('\n', start) + 1;
  if (start == std::string::npos || column == 0)
    return std::nullopt;
  return atOffset(static_cast<unsigned>(start + column - 1));
}

std::optional<std::size_t> CodeTokens::atOffset(unsigned wanted) const {
  auto found = std::lower_bound(tokens.begin(), tokens.end(), wanted,
                                [](const auto &token, unsigned offset) { return token.first < offset; });
  if (found == tokens.end() || found->first != wanted)
    return std::nullopt;
  return static_cast<std::size_t>(found - tokens.begin());
}

static int nesting(StringRef text) {
  return text == "(" || text == "[" || text == "{" ? 1 : text == ")" || text == "]" || text == "}" ? -1 : 0;
}

std::size_t CodeTokens::closing(std::size_t token) const {
  int depth = 0;
  for (std::size_t i = token; i < size(); ++i)
    if ((depth += nesting(text(i))) == 0)
      return i;
  return token;
}

std::size_t CodeTokens::opening(std::size_t token) const {
  int depth = 0;
  for (std::size_t i = token + 1; i-- > 0;)
    if ((depth += nesting(text(i))) == 0)
      return i;
  return token;
}

std::size_t CodeTokens::enclosing(std::size_t token) const {
  int depth = 0;
  for (std::size_t i = token; i-- > 0;)
    if ((depth += nesting(text(i))) > 0)
      return i;
  return token;
}

std::pair<std::size_t, std::size_t> CodeTokens::functionAround(std::size_t token) const {
  std::size_t outermost = token;
  for (std::size_t at = token, next; (next = enclosing(at)) != at; at = next) {
    outermost = next;
    if (is(next, "{") && startsLine(next))
      break;
  }
  return is(outermost, "{") ? std::pair(outermost, closing(outermost)) : std::pair(std::size_t(0), std::max<std::size_t>(size(), 1) - 1);
}

std::optional<std::pair<unsigned, unsigned>> CodeTokens::linesOf(std::size_t from, std::size_t to) const {
  const std::size_t line = code.rfind('\n', begin(from)), behind = code.find('\n', end(to));
  const auto first = static_cast<unsigned>(line == std::string::npos ? 0 : line + 1);
  if (behind == std::string::npos || (from > 0 && end(from - 1) > first) || (to + 1 < size() && begin(to + 1) < behind))
    return std::nullopt;
  return std::pair(first, static_cast<unsigned>(behind + 1));
}

std::optional<std::vector<std::pair<std::size_t, std::size_t>>> CodeTokens::arguments(std::size_t token) const {
  if (!isWord(token) || !is(token + 1, "("))
    return std::nullopt;
  const std::size_t close = closing(token + 1);
  if (close == token + 1)
    return std::nullopt;
  std::vector<std::pair<std::size_t, std::size_t>> found;
  std::size_t from = token + 2;
  for (std::size_t i = from; i <= close; ++i) {
    if (i == close || is(i, ",")) {
      if (i != from || is(i, ","))
        found.emplace_back(from, i);
      from = i + 1;
    } else if (nesting(text(i)) > 0)
      i = closing(i);
  }
  return found;
}

std::string CodeTokens::source(std::size_t from, std::size_t to) const {
  return from < to ? code.substr(begin(from), end(to - 1) - begin(from)) : std::string();
}

std::optional<std::uint64_t> CodeTokens::defined(StringRef name, unsigned depth) const {
  constexpr unsigned deepest = 4; // definitions that name each other
  for (std::size_t i = 0; depth < deepest && i + 2 < size(); ++i) {
    if (!is(i, "#") || !is(i + 1, "define") || text(i + 2) != name)
      continue;
    if (is(i + 3, "(") && begin(i + 3) == end(i + 2))
      return std::nullopt; // it takes arguments
    std::size_t to = i + 3;
    const std::size_t line = code.find('\n', begin(i));
    while (to < size() && begin(to) < line)
      ++to;
    return constant(i + 3, to, depth + 1);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> CodeTokens::factor(std::size_t &at, std::size_t to, unsigned depth) const {
  if (at >= to)
    return std::nullopt;
  if (is(at, "(")) {
    const std::size_t close = closing(at), from = at + 1;
    at = close + 1;
    return close < to ? constant(from, close, depth) : std::nullopt;
  }
  const StringRef word = text(at++);
  if (isWord(at - 1))
    return defined(word, depth);
  std::uint64_t value = 0;
  if (word.rtrim("uUlL").getAsInteger(0, value))
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> CodeTokens::constant(std::size_t from, std::size_t to, unsigned depth) const {
  constexpr std::uint64_t most = 1u << 31; // beyond, it is nothing that an edit would be made for
  std::uint64_t sum = 0;
  for (std::size_t i = from;; ++i) {
    std::optional<std::uint64_t> product = factor(i, to, depth);
    while (product && i < to && is(i, "*")) {
      std::optional<std::uint64_t> next = factor(++i, to, depth);
      product = next && *next <= most && *product <= most ? std::optional(*product * *next) : std::nullopt;
    }
    if (!product || *product > most)
      return std::nullopt;
    sum += *product;
    if (i >= to)
      return sum;
    if (!is(i, "+"))
      return std::nullopt;
  }
}

} // namespace bhlint
