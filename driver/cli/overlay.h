// What a run sees instead of files on disk: other contents, or nothing at all. And what it may see: a unit from a
// stranger reads nothing but the tree, the build folder and where its command looks for headers.
#pragma once

#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bhlint {

/// Absolute path -> contents that stand for it; nothing: no file is there.
using Overlay = std::vector<std::pair<std::string, std::optional<std::string>>>;

/// The files below `folder`, under the paths of the tree that they stand for.
Overlay readOverlay(llvm::StringRef tree, llvm::StringRef folder);

/// The file system that a run sees: the real one, with `overlay` on top. `overlay` must outlive it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> openFiles(const Overlay &overlay);

/// The same, without files that lie outside `folders` (absolute), whether by "..", by a link or by name, and without
/// anything that is neither a file nor a folder.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> openConfined(const Overlay &overlay, std::vector<std::string> folders);

} // namespace bhlint
