// What git's diffs say, as values. Internal to driver/gate; the input is git's own output, of strangers' files.
#pragma once

#include "analysis/findings/changes.h"

#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace bhlint {

/// One line of `git diff-tree --raw -z`, or of diff-index.
struct RawChange {
  std::string oldMode, newMode; ///< "100644"; "000000": not there
  std::string oldId, newId;     ///< of the contents; zeros: as on disk, or not there
  char status = 'M';            ///< A, D, M, R, T, ...
  std::string oldPath, newPath; ///< alike but for renames
};
std::vector<RawChange> parseRawChanges(llvm::StringRef text);

/// The hunks of `git diff-tree -p -U0`, by the file's new name.
std::map<std::string, std::vector<Hunk>> parseHunks(llvm::StringRef text);

/// Source or header in C.
bool isCFile(llvm::StringRef path);

/// What both say, without files that are not C.
Changes changesOf(const std::vector<RawChange> &raw, llvm::StringRef patch);

} // namespace bhlint
