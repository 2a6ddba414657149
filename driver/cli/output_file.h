// Results on standard output, or in the file that -o names.
#pragma once

#include "driver/cli/command.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <string>

namespace bhlint {

/// -o, --output.
void addOutputOption(CLI::App &command, std::string &file);

/// False: it could not be written, and that was said.
bool writeOutput(const std::string &file, Invocation &invocation, llvm::function_ref<void(llvm::raw_ostream &)> write);

} // namespace bhlint
