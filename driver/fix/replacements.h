// Edits of a file as findings carry them: with lines, and columns that count characters.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/migrate/plan.h"

namespace bhlint {

/// `text`: of the file that all of the edits are in.
std::vector<Replacement> replacementsOf(const std::vector<TextEdit> &edits, llvm::StringRef text);

} // namespace bhlint
