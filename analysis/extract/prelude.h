// Prelude: the headers that many units include, parsed once and precompiled. Kernel units cost their headers.
//
// It has to stay exact: extractUnit() parses plainly when a unit would not see the same code with the prelude. That is
// when parsing with it fails; when the unit (or its command) changes a macro and only then includes a prelude header
// that looks at it; or when code of the unit uses a macro that only a header defines which it does not include.
#pragma once

#include "analysis/extract/extract.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace clang {
class MacroInfo;
class Preprocessor;
} // namespace clang

namespace bhlint {

/// A precompiled prelude and what is needed to tell whether it may be used. Const after building; shared by threads.
/// Its files are removed with it.
struct Prelude {
  Prelude() = default;
  ~Prelude();
  Prelude(const Prelude &) = delete;
  Prelude &operator=(const Prelude &) = delete;

  std::string pch;                 ///< path of the precompiled header
  std::vector<std::string> macros; ///< -D and -U arguments that it was built with
  /// Macro -> headers that look at it: in a condition, or by expanding one that they only give a default.
  llvm::StringMap<std::vector<std::string>> testers;
  llvm::StringMap<std::vector<std::string>> definers; ///< macro -> headers that define it, in that order
  llvm::StringSet<> defaults;                         ///< macros that a header gives a default
  llvm::StringSet<> decorators; ///< of these, the ones that only decorate a format string, see isFormatDecorator()
  llvm::StringMap<std::vector<std::string>>
      includes;                     ///< header -> headers that it includes, as opened; "": the command
  std::vector<std::string> headers; ///< as included: "linux/slab.h"
};

/// The flags of a command, split into what a prelude must agree on and what may differ unit by unit.
struct CommandShape {
  std::string base;                ///< everything but macros, include folders; equal for units that can share
  std::vector<std::string> macros; ///< "-DX=1", "-UY", sorted; without Kbuild's names of the unit itself
};
CommandShape shapeOf(const ExtractRequest &request);

/// Builds a prelude of `headers` with the flags of `request` at `pch`, on top of `request.prelude` if there is one,
/// which must be of the same flags. Headers that do not parse on their own are left out. Error: none is left, or the
/// file cannot be written.
llvm::Expected<std::shared_ptr<const Prelude>> buildPrelude(const ExtractRequest &request,
                                                            std::vector<std::string> headers, llvm::StringRef pch,
                                                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

/// Whether a macro only puts text around its one parameter, or names after it: `"usb: " fmt`, `"%s: " fmt, __func__`.
/// Facts hold neither strings nor the variadic arguments of a call, so it does not matter to them which one a header
/// function saw.
bool isFormatDecorator(const clang::MacroInfo &macro, const clang::Preprocessor &preprocessor);

/// Whether the macros of a command, as far as they differ from the prelude's, matter to its headers.
bool mayUse(const Prelude &prelude, const CommandShape &shape);

} // namespace bhlint
