// The model's data files, compiled in so that the program needs no installation to know the kernel.
#pragma once

#include "llvm/ADT/StringRef.h"

namespace bhlint::model {

llvm::StringRef functionsYaml();
llvm::StringRef operationsYaml();
llvm::StringRef contextsYaml();
llvm::StringRef claimsYaml();
llvm::StringRef tracesYaml();
llvm::StringRef migrationsYaml();
llvm::StringRef kernelMatrixTsv();
llvm::StringRef kernelContextsTsv();
llvm::StringRef kernelTracesTxt();

} // namespace bhlint::model
