// Text from the analysed tree, made safe to show in a terminal, a log or a mail.
//
// File names, identifiers and quoted source may come from a stranger's patch. A newline in one would forge a line of
// the report, an escape sequence would reach the terminal, a bidirectional override would reorder what the reader sees.
// JSON needs none of this: its writer has its own escapes.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <string>

namespace bhlint {

/// Printable characters are kept; all others become \n, \t, \\, \x1b (a byte that is not UTF-8) or \u{202e}.
std::string escapeForTerminal(llvm::StringRef text);

} // namespace bhlint
