// UnitFacts to bytes and back: what the cache holds and what is carried between machines.
//
// The format is FlatBuffers (facts.fbs). Bytes are not trusted: `deserialize` accepts any and never reads outside them,
// and what it returns has passed `validate`. There is no checksum here, so a flipped bit that leaves every index in
// range reads as other facts; whoever stores the bytes (analysis/cache) adds one.
//
// To add a fact: see facts.h and facts.fbs.
#pragma once

#include "analysis/facts/facts.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace bhlint::facts {

/// The same facts give the same bytes, on every machine. Facts beyond 2 GiB are not supported (asserted): one unit of
/// the kernel takes a few hundred KiB.
std::string serialize(const UnitFacts &unit);

/// Fails with one sentence that says what is wrong with the bytes (not facts at all, another version, an index out of
/// range).
llvm::Expected<UnitFacts> deserialize(llvm::StringRef bytes);

} // namespace bhlint::facts
