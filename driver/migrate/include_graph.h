// IncludeGraph: which files of a part of the tree include which, by their text. It may say too much, since what is too
// much costs time and nothing else.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

class IncludeGraph {
public:
  explicit IncludeGraph(std::string tree) : tree(std::move(tree)) {}

  /// Sources and headers that include `header`, also by way of other headers, with a word of `words` in them. Files are
  /// relative to the tree. Looked for in the first two folders of `header`'s path.
  std::set<std::string> usersOf(const std::string &header, const std::set<std::string> &words);
  /// The text of a file; empty when it can't be read.
  llvm::StringRef textOf(const std::string &file);

private:
  /// Name of an included file, without folders -> who includes one of that name, and how it is written.
  using Includers = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;
  const Includers &scan(const std::string &folder);
  bool mayInclude(const std::string &file, llvm::StringRef included, llvm::StringRef header) const;

  const std::string tree;
  std::map<std::string, Includers> folders;
  std::set<std::string> scanned; ///< files
  std::map<std::string, std::string> texts;
};

bool hasWord(llvm::StringRef text, llvm::StringRef word);

} // namespace bhlint
