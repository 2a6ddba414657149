// Where the rules are, for every front: the program and the Clang-Tidy plugin find them in the same way.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace bhlint {

/// The folder with the rules: `given`, else $BHLINT_RULES, else ../share/bhlint/rules from the folder that `binary`,
/// the program or plugin, lies in.
llvm::Expected<std::string> findRules(llvm::StringRef given, llvm::StringRef binary);

} // namespace bhlint
