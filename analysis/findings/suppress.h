// Comments that accept one finding where it stands:
//
//     /* bhlint: allow(bh-mutex-in-atomic) probe() runs before the tasklet can be scheduled */
//     mutex_lock(&p->lock);
//
// Behind code the comment speaks for its own line, otherwise for the next line that has code. Several rules may be
// named, separated by commas. The reason is not optional: an acceptance nobody can check is worth a warning. Accepting
// a whole tree's findings at once is baseline.h.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace bhlint {

/// A comment with `bhlint:` in it, as written (facts::Suppression, with its strings looked up).
struct SourceComment {
  SourcePlace place; ///< where the comment begins
  std::string text;
  friend auto operator<=>(const SourceComment &, const SourceComment &) = default;
};

struct SuppressionWarning {
  SourcePlace place;
  std::string message;
  friend auto operator<=>(const SuppressionWarning &, const SuppressionWarning &) = default;
};

struct SuppressionResult {
  unsigned suppressed = 0;                  ///< findings that were removed
  std::vector<SuppressionWarning> warnings; ///< sorted by place: no reason, unknown rule, not understood
};

/// Text of a file of the tree, nothing when it cannot be read: then a comment speaks for its own and the next line.
using SourceReader = llvm::function_ref<std::optional<llvm::StringRef>(llvm::StringRef file)>;

/// Removes the findings that comments allow. A comment that gives a warning allows nothing, except for the rules in it
/// that are known when it has a reason. `comments` may hold duplicates (a header is read by many units).
SuppressionResult applySuppressions(std::vector<SourceComment> comments, llvm::ArrayRef<std::string> knownRules,
                                    SourceReader readSource, std::vector<Finding> &findings);

} // namespace bhlint
