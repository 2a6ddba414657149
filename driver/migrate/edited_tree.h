// A tree with some files edited, that nobody has written yet: analysed through an overlay, shown as a patch, or
// written.
#pragma once

#include "analysis/findings/finding.h"
#include "driver/cli/overlay.h"
#include "driver/cli/pipeline.h"

#include <string>
#include <tuple>
#include <vector>

namespace bhlint {

struct MigratedFile {
  std::string file; ///< relative to the tree
  std::string before, after;
};

/// Stays where it is: what a run has linked points into it.
struct AnalysedTree {
  AnalysedTree() = default;
  AnalysedTree(const AnalysedTree &) = delete;
  Run run;
  std::vector<Finding> findings; ///< of any confidence; what comments allow is gone
};

/// The run's overlay with the edited files over it.
Overlay overlayWith(const PreparedRun &prepared, const std::vector<MigratedFile> &files);

/// The prepared run's units as `overlay` has them.
llvm::Error analyseEdited(const RunOptions &options, const PreparedRun &prepared, const Overlay &overlay,
                          const Warning &warn, AnalysedTree &analysed);

/// What a finding is about, whatever its line and its chain: rule, file, function, what sleeps.
using FindingSubject = std::tuple<std::string, std::string, std::string, std::string>;
FindingSubject subjectOf(const Finding &finding);

void printDiff(const std::vector<MigratedFile> &files, llvm::raw_ostream &out);
/// Each file is replaced at once.
llvm::Error writeFiles(const std::string &tree, const std::vector<MigratedFile> &files);
llvm::Error writeWhole(const std::string &path, const std::string &text);

} // namespace bhlint
