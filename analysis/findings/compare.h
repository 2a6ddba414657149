// The findings before a patch and after it: which of them are the same ones, and which line of the patch has caused
// one that is new.
//
// The same one: it is about the same thing (fingerprint.h), seen through the patch's renames of files and functions and
// its moves of code. A new one need not lie in a changed file: what a changed function does is told where it is called.
// What changed is changes.h; going through a series is driver/gate.
#pragma once

#include "analysis/findings/changes.h"
#include "analysis/findings/finding.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// A function's body, by its lines.
struct FunctionExtent {
  std::string file;
  std::string name;
  unsigned first = 0, last = 0;
};

/// The functions of a state of the tree; those of files that the series changes are enough.
class FunctionTable {
public:
  FunctionTable() = default;
  explicit FunctionTable(std::vector<FunctionExtent> functions);
  bool has(const std::string &name) const { return names.contains(name); }
  /// The one that has this place; null: none that is known.
  const FunctionExtent *at(const SourcePlace &place) const;

private:
  std::vector<FunctionExtent> functions; ///< by file, then first line
  std::set<std::string> names;
};

/// One patch, seen from the findings.
struct PatchView {
  const Changes &changes;
  const FunctionTable &before;
  const FunctionTable &after;
};

/// For each of `after` the index in `before` that it is the same as; nothing: it is new.
std::vector<std::optional<std::size_t>> matchFindings(const std::vector<Finding> &before,
                                                      const std::vector<Finding> &after, const PatchView &patch);

/// The line of the patch that causes a finding of the state behind it: of its chain the last step, starting at the
/// sink, that lies in changed lines; else the first change of a function that the chain goes through; else the first
/// change of a file of the chain; else of the patch.
SourcePlace causeOf(const Finding &finding, const PatchView &patch);

/// Whether the chain goes through lines or functions that the patch changes.
bool goesThrough(const Finding &finding, const PatchView &patch);

} // namespace bhlint
