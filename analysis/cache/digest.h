// Digest: 128 bits of BLAKE3, the name of everything in the cache, and the Hasher that makes it.
//
// BLAKE3 and not a faster checksum, since a stranger's patch must not be able to make a file that passes for another.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/BLAKE3.h"

#include <array>
#include <cstdint>
#include <string>

namespace bhlint {

struct Digest {
  static constexpr std::size_t size = 16;
  std::array<std::uint8_t, size> bytes{};

  std::string hex() const;
  llvm::StringRef view() const { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }
  /// `from` has `size` bytes.
  static Digest read(llvm::StringRef from);
  friend bool operator==(const Digest &, const Digest &) = default;
};

class Hasher {
public:
  /// Bytes as part of one stream: add("ab") is add("a").add("b").
  Hasher &add(llvm::StringRef bytes);
  /// A field of its own: no two different sequences of fields give the same stream.
  Hasher &addField(llvm::StringRef bytes);
  Hasher &add(const Digest &digest) { return add(digest.view()); }
  Digest finish();

private:
  llvm::BLAKE3 state;
};

/// Names one analysis of one unit: all that its result depends on apart from the contents of the files it reads.
struct CacheKey {
  Digest digest;

  /// In order: tool version, facts::formatVersion, each argument of the sanitised command, working directory, prelude
  /// id.
  static CacheKey of(llvm::ArrayRef<std::string> parts);
  friend bool operator==(const CacheKey &, const CacheKey &) = default;
};

} // namespace bhlint
