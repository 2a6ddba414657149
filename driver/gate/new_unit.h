// The command of a unit that no build has seen yet: a new file of a patch. It is that of a neighbour in Kbuild, under
// the name of the module that the folder's makefile puts the file into. Makefiles are read here, never run.
#pragma once

#include "driver/kbuild/compile_database.h"

#include <optional>
#include <string>

namespace bhlint {

/// The module that `makefile` builds `object` ("foo.o") into: "bar" of `bar-y += foo.o`, "foo" of `obj-m += foo.o`;
/// empty: it does not say.
std::string moduleOf(llvm::StringRef makefile, llvm::StringRef object);

/// `command` as one that compiles `file` (absolute) into `module`.
CompileCommand retarget(CompileCommand command, const std::string &file, const std::string &module);

/// The module that a command compiles for; empty: it does not say.
std::string moduleOf(const CompileCommand &command);

} // namespace bhlint
