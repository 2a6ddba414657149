// CodeTokens: the tokens of a file's text, without a preprocessor: what an edit of one call can be decided from.
#pragma once

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace bhlint {

inline bool isOneOf(llvm::StringRef text, std::initializer_list<llvm::StringRef> words) {
  return llvm::is_contained(words, text);
}

class CodeTokens {
public:
  explicit CodeTokens(llvm::StringRef code);

  std::size_t size() const { return tokens.size(); }
  llvm::StringRef text(std::size_t token) const;
  unsigned begin(std::size_t token) const { return tokens[token].first; }
  unsigned end(std::size_t token) const { return tokens[token].second; }
  bool is(std::size_t token, llvm::StringRef what) const { return token < size() && text(token) == what; }
  bool isWord(std::size_t token) const;
  bool startsLine(std::size_t token) const;
  /// Offsets of the lines that the tokens [from, to] are on, line ends included. Nothing: others are there, too.
  std::optional<std::pair<unsigned, unsigned>> linesOf(std::size_t from, std::size_t to) const;
  llvm::StringRef whole() const { return code; }
  llvm::StringRef slice(unsigned from, unsigned to) const { return llvm::StringRef(code).slice(from, to); }

  /// The token that begins at this byte.
  std::optional<std::size_t> atOffset(unsigned offset) const;
  /// The token at a 1-based line and column.
  std::optional<std::size_t> at(unsigned line, unsigned column) const;
  /// The bracket that belongs to the one at `token`; itself when there is none.
  std::size_t closing(std::size_t token) const;
  std::size_t opening(std::size_t token) const;
  /// The brackets around the body of the function that `token` is in; all tokens, where it is in none.
  std::pair<std::size_t, std::size_t> functionAround(std::size_t token) const;
  /// The '{' of the block that `token` is in, or the '(' that it stands in; `token`: there is none.
  std::size_t enclosing(std::size_t token) const;
  /// First and last+1 token of each argument of the call whose name is at `token`; nothing: it isn't a call.
  std::optional<std::vector<std::pair<std::size_t, std::size_t>>> arguments(std::size_t token) const;
  std::string source(std::size_t from, std::size_t to) const; ///< as it is written
  /// The value of a product or sum of numbers, and of names that the file defines as such.
  std::optional<std::uint64_t> constant(std::size_t from, std::size_t to, unsigned depth = 0) const;

private:
  std::optional<std::uint64_t> factor(std::size_t &at, std::size_t to, unsigned depth) const;
  std::optional<std::uint64_t> defined(llvm::StringRef name, unsigned depth) const;

  const std::string code; ///< with a zero behind it, as the lexer wants it
  std::vector<std::pair<unsigned, unsigned>> tokens;
};

} // namespace bhlint
