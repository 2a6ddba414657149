// Strings of the analysed tree in JSON, which is UTF-8 by definition, and file names in it. Internal to the writers.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <string_view>

namespace bhlint {

/// What is not UTF-8 becomes replacement characters, since JSON has no other way.
inline std::string utf8(std::string_view text) {
  const llvm::StringRef ref(text.data(), text.size());
  return llvm::json::isUTF8(ref) ? ref.str() : llvm::json::fixUTF8(ref);
}

inline void writeString(llvm::json::OStream &json, llvm::StringRef key, std::string_view text) {
  json.attribute(key, utf8(text));
}

} // namespace bhlint
