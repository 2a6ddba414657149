// KbuildSettings: what `make` must be told so that a configured build folder stays as it is configured.
//
// Kbuild runs the configuration again, and may change .config, as soon as the compiler or the architecture that make is
// told differ from those that the folder was configured with. They are read from what Kbuild wrote down.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace llvm::vfs {
class FileSystem;
}

namespace bhlint {

struct KbuildSettings {
  std::vector<std::string> makeArguments; ///< "ARCH=x86", "LLVM=-19", "CROSS_COMPILE=..."; as few as needed
  std::string tree;                       ///< for which the folder was configured; empty: unknown
  std::string compiler;                   ///< "clang-19"; empty: unknown
  std::string compilerVersion;            ///< first line of its --version then; empty: unknown
};

/// `build`: a folder with a .config; an error that says what to do when there is none.
llvm::Expected<KbuildSettings> readKbuildSettings(llvm::vfs::FileSystem &fileSystem, llvm::StringRef build);

/// The compiler that Kbuild takes with these arguments of make; empty when they don't say ("cc" by default).
std::string compilerOf(llvm::ArrayRef<std::string> makeArguments);

} // namespace bhlint
