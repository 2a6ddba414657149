// Edited units compiled as the database says, with the edited files in place of the tree's. The object goes nowhere.
#pragma once

#include "driver/cli/overlay.h"
#include "driver/kbuild/compile_database.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace bhlint {

/// A scratch folder with the overlay's files, and the description by which Clang finds them.
class OverlayFolder {
public:
  static llvm::Expected<std::unique_ptr<OverlayFolder>> make(const Overlay &overlay);
  ~OverlayFolder();
  OverlayFolder(const OverlayFolder &) = delete;

  /// Runs the command's compiler, which has to be Clang. Empty: it compiles, else the first error.
  std::string compile(const CompileCommand &command) const;

private:
  explicit OverlayFolder(std::string folder) : folder(std::move(folder)) {}
  const std::string folder;
};

} // namespace bhlint
