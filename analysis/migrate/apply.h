// applyEdits: the edits of one file made, its statements laid out as the tree's .clang-format has it, and the header
// that the new calls need included. Lines that no edit touches stay as they are.
#pragma once

#include "analysis/migrate/plan.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace bhlint {

struct FileToEdit {
  std::string path; ///< absolute: the style is looked up from there
  llvm::StringRef text;
  std::vector<TextEdit> edits; ///< of this file; the same edit may be there twice
  std::string header;          ///< to be included; empty: none
};

/// The new text. Fails when edits overlap.
llvm::Expected<std::string> applyEdits(const FileToEdit &file, llvm::vfs::FileSystem &files);

/// `text` with `#include <header>` in its place among the others; as it is when it has it, or has no place for it.
std::string withInclude(llvm::StringRef text, llvm::StringRef header);
/// That line as an edit of the file; none: the header may be there already.
std::vector<TextEdit> includeEdit(llvm::StringRef header, llvm::StringRef text, const std::string &file);

/// What `diff -u` prints; empty when they are the same. `name`: relative to the tree.
std::string unifiedDiff(llvm::StringRef name, llvm::StringRef before, llvm::StringRef after);

} // namespace bhlint
