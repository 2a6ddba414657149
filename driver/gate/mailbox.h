// A mailbox (b4, git format-patch, a saved mail) as a row of trees: each patch applied to what the ones before have
// left, in an index and an object folder of its own. The work tree and the repository stay as they are.
#pragma once

#include "analysis/findings/finding.h"
#include "driver/gate/git.h"

#include <string>
#include <vector>

namespace bhlint {

struct MailedPatch {
  Patch patch;
  std::string tree; ///< id of the tree after it
};

/// Mails without a patch (cover letters, replies) are left out. Fails at the first patch that does not apply.
llvm::Expected<std::vector<MailedPatch>> applyMailbox(const Git &git, ScratchFolder &scratch, const std::string &file,
                                                      const std::string &base, std::vector<std::string> &notes);

} // namespace bhlint
