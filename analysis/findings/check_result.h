// CheckResult: what the checkers found in some units, as it is kept for the next run.
//
// It is what comes before comments in the sources are asked and before a baseline or a confidence is chosen: that is
// cheap, and depends on more than the units. Bytes are not trusted: reading accepts any, and never reads outside them.
// There is no checksum here; whoever stores the bytes (analysis/cache) adds one.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/findings/suppress.h"

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace bhlint {

struct CheckResult {
  std::vector<Finding> findings; ///< sorted, with fingerprints, replayed
  std::vector<SourceComment> comments;
  friend bool operator==(const CheckResult &, const CheckResult &) = default;
};

std::string writeCheckResult(const CheckResult &result);

/// Nothing if that isn't the result of writeCheckResult() of this version.
std::optional<CheckResult> readCheckResult(llvm::StringRef bytes);

} // namespace bhlint
