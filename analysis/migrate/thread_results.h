// What handlers return when one of them becomes the thread of the other: edits of the two functions' `return`s.
#pragma once

#include "analysis/migrate/plan.h"
#include "analysis/migrate/thread_container.h"

namespace bhlint {

/// Lines of the tokens [from, to], with an empty one that would be left over. Nothing: others are on them, or part of a comment.
std::optional<std::pair<unsigned, unsigned>> removableLines(const CodeTokens &code, std::size_t from, std::size_t to);

struct ResultEdits {
  std::vector<TextEdit> edits;
  std::string refusal; ///< empty: they hold
};

/// The interrupt's handler: where `schedules` (names of calls) stood, it says that the thread is to run. What it returns behind
/// them has to be known.
ResultEdits wakeThread(const CodeTokens &code, const std::string &file, const DefinedFunction &handler,
                       const std::vector<std::size_t> &schedules, const ThreadForm &form);

/// The old handler, which returned nothing, says that it is done.
std::vector<TextEdit> returnDone(const CodeTokens &code, const std::string &file, const DefinedFunction &thread,
                                 const ThreadForm &form);

} // namespace bhlint
