// The manifest of a key: the lists of inputs that its unit was seen to read, as numbers of an InputTable.
//
// A unit reads other files after some header has changed, or under another branch of the tree, so there can be more
// than one list; which one applies is found by trying. Here is only how they lie in a file (sealed_file.h).
#pragma once

#include "analysis/cache/input_table.h"

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <vector>

namespace bhlint {

/// Ascending, each number once.
using InputList = std::vector<InputTable::Number>;

struct InputLists {
  /// More are of little use: each costs a look at its files before the next is tried.
  static constexpr std::size_t maxLists = 6;

  Digest table;                 ///< InputTable::id() that the numbers belong to
  std::vector<InputList> lists; ///< the one that was made last comes first

  /// Puts `list` first.
  void add(InputList list);
  std::string write() const;
  static std::optional<InputLists> read(llvm::StringRef bytes);
};

} // namespace bhlint
