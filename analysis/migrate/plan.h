// MigrationPlan: the sites of all units joined into groups of objects that change together, and for each group its
// edits, or why it can't have any.
//
// A group is refused as a whole: an object that is half converted does not compile, or worse. What it is converted to
// is the caller's decision (the target); contexts are not looked at here.
#pragma once

#include "analysis/migrate/sites.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>

namespace bhlint {

/// Replaces bytes of a file.
struct TextEdit {
  SourceSpan span;
  std::string text;
  unsigned statementEnd = 0;   ///< the call that the edit begins ends there, and is laid out anew; 0: none
  friend auto operator<=>(const TextEdit &, const TextEdit &) = default;
};

struct Refusal {
  SourceSpan place;
  std::string reason;
  friend auto operator<=>(const Refusal &, const Refusal &) = default;
};

struct MigrationGroup {
  std::vector<DeferralNode> objects;  ///< what holds a record, or points to one; sorted by place
  std::vector<DeferralNode> nodes;    ///< everything that is linked with them
  std::vector<std::string> handlers;  ///< names of functions
  std::set<std::string> files;        ///< with sites
  std::vector<CallSite> calls;
  std::vector<CallSite> macros;
  std::vector<TypeNameSite> typeNames;
  std::vector<DataBinding> bindings;
  std::vector<DataHandler> dataHandlers;
  std::vector<Refusal> refusals; ///< sorted; none: it can be converted
  std::vector<std::string> notes; ///< what an automatic edit can't know
  bool hasRole(const MigrationRules &rules, DeferralRole role) const;
};

/// The text of a file of the tree, empty when it can't be read.
using FileText = llvm::function_ref<llvm::StringRef(const std::string &file)>;

/// Groups sorted by the place of their first object.
std::vector<MigrationGroup> groupSites(const std::vector<DeferralSites> &units, const MigrationRules &rules,
                                       FileText textOf);

/// The call that replaces those with `role` in this group: enabling queues where scheduling does.
ReplacingCall replacingCall(const MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                            DeferralRole role);

/// The edits of one group without refusals; adds refusals where no edit can be written.
std::vector<TextEdit> editsFor(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                               FileText textOf);

} // namespace bhlint
