// PreludeImage: a prelude, and the files that Clang reads it from; as bytes, too, to be used again by another process.
//
// A precompiled header names the text that it was made of, and Clang wants to see that again. So the files of one that
// comes out of the cache lie in memory, under the names with which it was built, and whoever parses with it puts them
// into the file system that Clang sees. Where bytes are kept, and whether they still hold, is prelude_store.h.
#pragma once

#include "analysis/extract/prelude.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <memory>
#include <optional>
#include <string>

namespace bhlint {

struct PreludeImage {
  std::shared_ptr<const Prelude> prelude;
  std::string pch;            ///< the precompiled header; empty: it is on disk, and its text is, too
  std::string text, textPath; ///< of a prelude in memory

  bool isInMemory() const { return !pch.empty(); }
  /// For one in memory. It must outlive `files`.
  void addFiles(llvm::vfs::InMemoryFileSystem &files) const;
};

/// Of one on disk. Nothing when its files can't be read.
std::optional<std::string> writePrelude(const Prelude &prelude);
/// In memory; null: those are not the bytes of a prelude. What writePrelude() wrote is believed.
std::shared_ptr<const PreludeImage> readPrelude(llvm::StringRef bytes);

} // namespace bhlint
