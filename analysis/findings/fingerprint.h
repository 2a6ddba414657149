// The name of a finding that outlives edits of the source: baselines, `bhlint explain` and CI annotations refer to it.
//
// It is made of what the finding is about (rule, file, function, sink, root, context), never of lines, columns or
// wording, so moving code or rephrasing a message leaves it as it is. It is not a secret and not a checksum of the
// report.
//
// To add a part: append it in fingerprintOf(), and know that it renames every finding in every baseline.
#pragma once

#include "analysis/findings/finding.h"

#include <vector>

namespace bhlint {

/// Sets `fingerprint` of each: 20 hex digits. Findings that are about the same thing (two msleep() in one function) are
/// told apart by their rank among each other in the order of their places, whatever order they are passed in.
void assignFingerprints(std::vector<Finding> &findings);

} // namespace bhlint
