// The order of findings, and which of two findings for the same thing is kept.
//
// Reports are compared byte for byte, so everything that prints findings calls sortFindings() first. What counts as the
// same finding *across edits of the source* is not decided here but in fingerprint.h.
#pragma once

#include "analysis/findings/finding.h"

#include <vector>

namespace bhlint {

/// By place, rule, then everything else that is printed: two runs that find the same print the same bytes.
void sortFindings(std::vector<Finding> &findings);

/// Keeps one finding for each (rule, place, function, sink): the one with the highest confidence, then with the
/// shortest chain, so that the reader gets the explanation that is easiest to check. The result is sorted.
void removeDuplicates(std::vector<Finding> &findings);

} // namespace bhlint
