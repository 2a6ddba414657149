// Lines of a trace: of a file, of standard input, or of a pipe that never ends, such as tracefs' trace_pipe.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <optional>

namespace bhlint {

/// Gives every line of `path` ("-": standard input) to `take`, until it ends, until `seconds` have passed, or until the
/// run is interrupted. An error names the line: one that no text has.
llvm::Error readTraceLines(llvm::StringRef path, std::optional<double> seconds,
                           llvm::function_ref<void(llvm::StringRef)> take);

} // namespace bhlint
