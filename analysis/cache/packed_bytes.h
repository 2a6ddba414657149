// Facts are kept compressed: zstd at its fastest level leaves a quarter of them, and is undone in a third of a
// millisecond for a driver.
#pragma once

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace bhlint {

/// As they are where LLVM was built without zstd.
std::string packBytes(llvm::StringRef bytes);

/// Nothing if that isn't the result of packBytes(), or of one with a zstd that this LLVM lacks.
std::optional<std::string> unpackBytes(llvm::StringRef packed);

} // namespace bhlint
