// sanitizeCommand: a recorded compile command, reduced to what parsing needs.
//
// Compile commands are data, possibly a stranger's: whatever loads code, reads arguments from a file, writes a file or
// runs a program must not reach Clang. So this is a list of what is let through (sanitize.cpp), not of what is stopped:
// include paths, macros, language mode, target and the options that change types or predefined macros. Everything
// else goes, known or not: warnings, code generation, sanitizers, dependency files, plugins, options of other
// compilers.
//
// It doesn't judge what the options name: a source can #include any readable file anyway.
//
// To let one more option through: a row in sanitize.cpp and one in sanitize_test.cpp.
#pragma once

#include "driver/kbuild/compile_database.h"

namespace bhlint {

/// The result's arguments are {"clang", options..., file}: no action (-c, -fsyntax-only), no output, exactly one input.
/// For a database recorded with a cross gcc, --target= is inferred from the compiler's name.
CompileCommand sanitizeCommand(const CompileCommand &command);

/// "aarch64-linux-gnu" of "/usr/bin/aarch64-linux-gnu-gcc-12"; empty when the name doesn't say.
std::string targetOfCompiler(llvm::StringRef compiler);

} // namespace bhlint
