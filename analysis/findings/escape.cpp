#include "analysis/findings/escape.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ConvertUTF.h"
#include "llvm/Support/Unicode.h"

namespace bhlint {
namespace {

/// Decodes one character at the front of `text`; nothing when it is not UTF-8.
struct Decoded {
  llvm::UTF32 character = 0;
  std::size_t size = 0; ///< 0: not UTF-8
};

Decoded decodeFront(llvm::StringRef text) {
  const auto *const begin = reinterpret_cast<const llvm::UTF8 *>(text.begin());
  const unsigned size = llvm::getNumBytesForUTF8(*begin);
  if (size > text.size() || !llvm::isLegalUTF8Sequence(begin, begin + size))
    return {};
  const llvm::UTF8 *source = begin;
  llvm::UTF32 character = 0;
  if (llvm::convertUTF8Sequence(&source, begin + size, &character, llvm::strictConversion) != llvm::conversionOK)
    return {};
  return {character, size};
}

std::string escapeCharacter(llvm::UTF32 character) {
  switch (character) {
  case '\n':
    return "\\n";
  case '\t':
    return "\\t";
  case '\r':
    return "\\r";
  default:
    return "\\u{" + llvm::utohexstr(character, /*LowerCase=*/true) + "}";
  }
}

} // namespace

std::string escapeForTerminal(llvm::StringRef text) {
  std::string escaped;
  escaped.reserve(text.size());
  while (!text.empty()) {
    const Decoded front = decodeFront(text);
    if (front.size == 0) {
      escaped += "\\x" + llvm::utohexstr(static_cast<unsigned char>(text.front()), /*LowerCase=*/true, /*Width=*/2);
      text = text.drop_front();
      continue;
    }
    if (llvm::sys::unicode::isPrintable(static_cast<int>(front.character)))
      escaped += text.take_front(front.size);
    else
      escaped += escapeCharacter(front.character);
    text = text.drop_front(front.size);
  }
  return escaped;
}

} // namespace bhlint
