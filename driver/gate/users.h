// Who uses what a series changes, by the text of the tree: files that include a header, files that name a function. It
// may name more than there are, since what is too much costs time and nothing else.
#pragma once

#include "driver/gate/git.h"

#include <set>
#include <string>

namespace bhlint {

/// Files that include one of some headers, also by way of other headers. Paths are relative to the tree.
struct Includers {
  std::set<std::string> sources; ///< .c
  std::set<std::string> headers; ///< with those that were asked for
};
llvm::Expected<Includers> filesThatInclude(const Git &git, const std::set<std::string> &headers);

/// Sources that have one of these words in them.
llvm::Expected<std::set<std::string>> sourcesThatName(const Git &git, const std::set<std::string> &words);

/// The text between the quotes of an #include line; empty: none.
llvm::StringRef includedText(llvm::StringRef line);
/// The first folders of a path: what is included by a name alone is mostly near.
llvm::StringRef subsystem(llvm::StringRef file);
/// May `#include "text"` in `file` mean `header`?
bool mayMean(llvm::StringRef file, llvm::StringRef text, llvm::StringRef header);

} // namespace bhlint
