// Files of the tree as a run sees them, overlay included; each is read once.
#pragma once

#include "driver/cli/pipeline.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MemoryBuffer.h"

#include <optional>

namespace bhlint {

class TreeSources {
public:
  explicit TreeSources(const Run &run) : run(run) {}
  /// `file` is relative to the tree. Nothing: there is none, or no tree (facts from elsewhere).
  std::optional<llvm::StringRef> read(llvm::StringRef file);

private:
  const Run &run;
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> known;
};

} // namespace bhlint
