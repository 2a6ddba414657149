// Edits for findings: each sleeping call that has a form for atomic context gets it, where the edited code has no
// finding any more, at that place or at any other.
//
//   findings -> an edit for each -> analyse with the edits -> compile, if that is asked for
//
// A finding may have several edits, best first: the call's other form, a context for its handler that may sleep, the call
// outside of the lock, another mechanism for its handler. One after which its finding is still there, or that brings another one, is taken back; then the next
// is tried, and all is looked at again. This is the one way from a finding to an edit, for every front. How units are read and analysed is
// the front's: a tree by its database (tree_units.h), or the one unit that Clang-Tidy has (driver/tidy).
#pragma once

#include "driver/fix/mutex_edit.h"
#include "driver/migrate/edited_tree.h"

#include <functional>
#include <optional>

namespace bhlint {

/// What is found in units.
struct FoundIn {
  std::vector<Finding> findings; ///< of any confidence; what comments allow is gone
  std::vector<FailedUnit> failedUnits;
};

struct CompiledUnits {
  unsigned count = 0;
  std::vector<FailedUnit> failed;
};

/// The units at hand: what an edit is written into, and what it is proven by.
struct EditableUnits {
  std::string tree;
  FixRules rules;
  /// The text of a file of the tree; nothing: it can't be read, or isn't to be edited.
  std::function<std::optional<std::string>(const std::string &file)> textOf;
  std::function<std::vector<CallEdit>(const Finding &finding)> migrations; ///< migration_edits.h; null: none
  CallFacts facts;
  WhyAtomic whyAtomic; ///< null: where functions run isn't known here
  std::function<llvm::Expected<FoundIn>(const std::vector<MigratedFile> &edited)> analyse;
  std::function<llvm::Expected<CompiledUnits>(const std::vector<MigratedFile> &edited)>
      compile; ///< null: not asked for
};

struct FindingFix {
  Finding finding; ///< with its edit, when there is one
  CallEdit edit;
  bool isOffered() const { return edit.refusal.empty(); }
};

struct FixResult {
  std::vector<FindingFix> findings; ///< those that were asked for, in their order
  std::vector<MigratedFile> files;  ///< sorted
  unsigned compiled = 0;            ///< edited units that compile
  /// What the edited tree's analysis says for the first time, of code that no edit has to do with (touched.h).
  std::vector<Finding> uncovered;
};

/// `before`: all that is found in the units; `asked`: those that are to have an edit.
llvm::Expected<FixResult> fixFindings(const EditableUnits &units, const FoundIn &before, std::vector<Finding> asked);

/// The findings that were asked for, those with an edit that have one.
std::vector<Finding> findingsOf(FixResult result);

/// The rules of edits in this folder, or the first thing that is wrong with them.
llvm::Expected<FixRules> readFixRules(const std::string &folder);

} // namespace bhlint
