// What follows a finding's own line, as every writer that has notes shows it: the witness in the order of execution,
// what was assumed, what to use instead, and the edit, if there is one. Text as it is: escaping is the writer's.
#pragma once

#include "analysis/findings/finding.h"

#include <string>
#include <vector>

namespace bhlint {

struct Note {
  SourcePlace place;
  std::string text;
  std::string function; ///< that the text tells of; of the witness only
  friend bool operator==(const Note &, const Note &) = default;
};

std::vector<Note> notesOf(const Finding &finding);

/// The witness alone.
std::vector<Note> witnessOf(const Finding &finding);

/// What to use instead, and why: "a workqueue: it may sleep"; empty when there is no advice.
std::string adviceOf(const Finding &finding);

/// What the edit does, in one line.
std::string editText(const FindingEdit &edit);

} // namespace bhlint
