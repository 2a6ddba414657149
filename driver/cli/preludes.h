// Preludes for a run: which headers the units at hand share, one precompiled header per kind of command, and which
// unit uses which. Choosing is here; what a prelude is and when it is exact is analysis/extract/prelude.h.
#pragma once

#include "analysis/extract/prelude.h"

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <string>
#include <vector>

namespace bhlint {

/// A folder of its own for precompiled headers, gone with the object.
class PreludeFolder {
public:
  PreludeFolder();
  ~PreludeFolder();
  PreludeFolder(const PreludeFolder &) = delete;
  /// Empty when no folder could be made; the run then goes without preludes.
  const std::string &path() const { return folder; }

private:
  std::string folder;
};

/// Sets `prelude` of every request for which one pays. `jobs` as in RunOptions.
void choosePreludes(std::vector<ExtractRequest> &requests, llvm::StringRef folder, unsigned jobs,
                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
