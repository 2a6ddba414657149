// One defect, one finding: an atomic section makes a call, and behind that call there are many that sleep.
//
// What has to be mended is the call in the section, so one of them speaks for all. Findings are joined last, when each has
// been compared with baselines, suppressions and the base of a gate by its own fingerprint.
#pragma once

#include "analysis/findings/finding.h"

#include <vector>

namespace bhlint {

/// Joins the findings of one rule that share what makes the code atomic and the call that is made there; of a gate, also
/// the patch. The most certain one stays, then the one with the shortest chain, and names the others (`otherSinks`). Rules
/// that are not about sleeping (SinkKind::Other) have one finding for each defect already. `findings` keep their order.
void joinDefects(std::vector<Finding> &findings);

/// "msleep() (a.c:12:2), iounmap() (a.c:14:2) and 43 more"; empty: there is no other.
std::string otherSinksText(const Finding &finding);

} // namespace bhlint
