// Lines and characters of source text. Findings have columns in bytes, as compilers print them; some formats and editors
// count characters.
#pragma once

#include "analysis/findings/suppress.h"

#include "llvm/ADT/StringRef.h"

#include <cstddef>

namespace bhlint {

/// `line` counts from 1; without the line's end.
llvm::StringRef lineOf(llvm::StringRef text, unsigned line);

struct Character {
  std::size_t bytes = 1;
  unsigned utf16Units = 1;
};
/// That `text`, which is not empty, begins with. What is no UTF-8 is one for each byte.
Character characterAt(llvm::StringRef text);

/// The characters of `line` before that byte, and one; both columns count from 1.
unsigned characterColumn(llvm::StringRef line, unsigned byteColumn);

/// Makes columns of what is shown (places, root, chain) count characters. Where the text can't be read, they stay as they
/// are, which is the same unless the line has other characters than ASCII.
void countCharacters(std::vector<Finding> &findings, SourceReader read);

} // namespace bhlint
