// The macros by which Kbuild tells a unit its own names, on its command line.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace bhlint {

inline constexpr llvm::StringLiteral moduleNameMacro = "KBUILD_MODNAME";        ///< "bar", in quotes
inline constexpr llvm::StringLiteral innerModuleNameMacro = "__KBUILD_MODNAME"; ///< kmod_bar
inline constexpr llvm::StringLiteral moduleFileMacro = "KBUILD_MODFILE";        ///< "drivers/foo/bar", in quotes
inline constexpr llvm::StringLiteral baseNameMacro = "KBUILD_BASENAME";         ///< of the unit itself, in quotes

/// What a recorded command, not split yet, says of the module that it compiles for, with whatever quotes it has. Only
/// to tell modules apart; empty: nothing.
llvm::StringRef recordedModule(llvm::StringRef command);

} // namespace bhlint
