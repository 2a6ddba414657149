// What follows a finding's own line, as every writer that has notes shows it: the witness in the order of execution,
// what was assumed, and what to use instead. Text as it is: escaping is the writer's.
#pragma once

#include "analysis/findings/finding.h"

#include <string>
#include <vector>

namespace bhlint {

struct Note {
  SourcePlace place;
  std::string text;
  friend bool operator==(const Note &, const Note &) = default;
};

std::vector<Note> notesOf(const Finding &finding);

/// The witness alone.
std::vector<Note> witnessOf(const Finding &finding);

/// "instead: a workqueue: it may sleep"; empty when there is no advice.
std::string adviceOf(const Finding &finding);

} // namespace bhlint
