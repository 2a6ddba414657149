// A unit's facts by way of a prelude, if that is exact. Internal to extract/.
#pragma once

#include "analysis/extract/prelude.h"

#include <optional>

namespace bhlint {

/// None: the unit would not see the same code with this prelude, or does not parse with it.
std::optional<ExtractResult> extractWithPrelude(const ExtractRequest &request, const Prelude &prelude,
                                                llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

/// Makes paths absolute, sorts them and removes double ones.
void tidyInputs(std::vector<std::string> &inputs, llvm::StringRef directory);

} // namespace bhlint
