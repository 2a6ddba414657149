// Which nodes belong to what was asked for: those of the units at hand, and all that values flow to or from.
#pragma once

#include "analysis/migrate/sites.h"

namespace bhlint {

/// Keys of nodes that files of `asked` use or declare, and of the nodes that are linked with them in any of `units`.
std::set<std::string> keysLinkedWith(const std::set<std::string> &asked, const std::vector<DeferralSites> &units);

} // namespace bhlint
