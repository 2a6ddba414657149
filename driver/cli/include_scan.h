// What files include, read off their text: good enough to choose the headers of a prelude, which need not be exact.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace bhlint {

/// What a file includes outside of conditional sections that could hide it; an include guard is none.
struct IncludedFiles {
  std::vector<std::string> system; ///< #include <...>
  std::vector<std::string> own;    ///< #include "..."
  bool startsWithOwn = false;      ///< the first of all is one of `own`
};
IncludedFiles scanIncludes(llvm::StringRef text);

} // namespace bhlint
