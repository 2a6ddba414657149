// Series: the patches that a gate looks at, in order, and what the tree is before and after each.
//
// A state of the tree is told as its difference from the folder on disk, because that is what is parsed: which files
// have other contents, and which are not there. Where patches come from (commits, the work tree, a mailbox) is only
// known here. Nothing is checked out; a mailbox is applied to an index of its own (git.h).
#pragma once

#include "analysis/findings/changes.h"
#include "analysis/findings/finding.h"
#include "driver/gate/git.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// What is asked for; `head`, `useWorktree` and `mailbox` exclude each other.
struct SeriesRequest {
  std::string base;
  std::string head; ///< empty: HEAD
  bool useWorktree = false;
  std::string mailbox; ///< file; its patches are applied to `base`
};

/// By path relative to the tree: the contents, or nothing where the file is not there.
using TreeDifference = std::map<std::string, std::optional<std::string>>;

struct SeriesStep {
  Patch patch;
  Changes changes;       ///< of C sources and headers; paths relative to the tree
  TreeDifference after;  ///< from what is on disk
};

struct Series {
  std::string base; ///< commit
  std::string head; ///< same; empty: the work tree or a mailbox
  TreeDifference before;
  std::vector<SeriesStep> steps;
  std::vector<std::string> notes; ///< what the reader should know of how it was read
};

llvm::Expected<Series> readSeries(const Git &git, ScratchFolder &scratch, const SeriesRequest &request);

} // namespace bhlint
