// How often a loop around a place goes round, as far as the text of its function says it.
#pragma once

#include "analysis/migrate/code_tokens.h"

namespace bhlint {

/// How often what is at `place` is done each time that its function runs, at most: the rounds of all loops around it,
/// multiplied; 1: it is in none. Nothing: no constant in the text bounds them.
std::optional<std::uint64_t> roundsOf(const CodeTokens &code, std::size_t place);

/// Whether the innermost loop around `place` may also be left for another reason than its count: a test in it, or in
/// its head.
bool isLeftEarly(const CodeTokens &code, std::size_t place);

} // namespace bhlint
