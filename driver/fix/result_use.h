// What a function does with the result of a call, as far as its text shows.
#pragma once

#include "analysis/migrate/code_tokens.h"
#include "driver/fix/fix_rules.h"

namespace bhlint {

/// A statement of its own: nothing uses what it returns.
bool standsAlone(const CodeTokens &code, std::size_t call);

/// Whether the file defines the function, and without a result.
bool definesWithoutResult(const CodeTokens &code, llvm::StringRef function);

/// Empty: the result is tested before anything else is done with it, or returned; or there is none. Else what is wrong.
std::string whyFailureIsMissed(const CodeTokens &code, std::size_t call, const FixRules &rules);

/// Whether the called function, which the file defines, hands the argument with `word` on only to calls whose failure
/// it looks at: to return it is not enough.
bool looksAtFailureItself(const CodeTokens &code, std::size_t call, std::size_t word, const FixRules &rules);

} // namespace bhlint
