// Changes: what one patch changes, as lines. Filled from a diff by driver/gate; what findings make of it is compare.h.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <map>
#include <string>
#include <vector>

namespace bhlint {

/// `oldCount` lines from `oldStart` have become `newCount` lines from `newStart`; 1-based. A count of 0: nothing there,
/// and the start is the line before.
struct Hunk {
  unsigned oldStart = 0, oldCount = 0;
  unsigned newStart = 0, newCount = 0;
  friend bool operator==(const Hunk &, const Hunk &) = default;
};

struct FileChange {
  std::string oldFile; ///< empty: the file is new
  std::vector<Hunk> hunks; ///< ascending
};

struct Changes {
  std::map<std::string, FileChange> files;        ///< by new name
  std::map<std::string, std::string> renames;     ///< old name -> new name
  std::vector<std::string> deleted;

  /// The name after the change of a file that had this one before.
  std::string newName(const std::string &oldFile) const;
  const FileChange *find(const std::string &newFile) const;
  /// Where a line of the old file is in the new one; the first line of what has replaced it when it was changed.
  unsigned newLine(const std::string &newFile, unsigned oldLine) const;
  /// Whether a line of the new file was added or changed.
  bool isChanged(const std::string &newFile, unsigned line) const;
  /// The first place of a change that lies in these lines of the new file; 0: none. What was removed counts at the line
  /// behind it.
  unsigned firstChange(const std::string &newFile, unsigned first, unsigned last) const;
};

} // namespace bhlint
