// Who uses what a series changes, by the text of the tree: files that include a header, files that name a function. It
// may name more than there are, since what is too much costs time and nothing else.
#pragma once

#include "driver/gate/git.h"

#include <set>
#include <string>

namespace bhlint {

/// Sources (.c) that include one of the headers, also by way of other headers. Paths are relative to the tree.
llvm::Expected<std::set<std::string>> sourcesThatInclude(const Git &git, const std::set<std::string> &headers);

/// Sources that have one of these words in them.
llvm::Expected<std::set<std::string>> sourcesThatName(const Git &git, const std::set<std::string> &words);

} // namespace bhlint
