// A finding in words, as lines of plain text: what the writers have in common that have room for some sentences.
// Nothing here is escaped; each writer does that in its own way.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/findings/notes.h"

#include <string>
#include <vector>

namespace bhlint {

/// "drivers/foo/bar.c:210:2", as much of it as is known.
std::string placeText(const SourcePlace &place);

/// "patch 3 of 5, "foo: take the lock" (1a2b3c4d5e6f)". To be called with the gate's own findings only.
std::string patchOf(const Gate &gate, const Finding &finding);

/// The notes as lines "file:line: what".
std::vector<std::string> storyOf(const Finding &finding);

/// "3 findings", "1 unit".
std::string counted(std::size_t count, const std::string &noun);

} // namespace bhlint
