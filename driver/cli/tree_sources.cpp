#include "driver/cli/tree_sources.h"

namespace bhlint {

std::optional<llvm::StringRef> TreeSources::read(llvm::StringRef file) {
  auto [entry, isNew] = known.try_emplace(file);
  if (isNew && run.files)
    if (auto buffer = run.files->getBufferForFile(absolutePath(run.tree, file)))
      entry->second = std::move(*buffer);
  return entry->second ? std::optional(entry->second->getBuffer()) : std::nullopt;
}

} // namespace bhlint
