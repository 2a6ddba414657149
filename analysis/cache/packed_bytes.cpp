#include "analysis/cache/packed_bytes.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Compression.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/Error.h"

using namespace llvm;

namespace bhlint {

namespace {

enum Method : char { Stored = 's', Zstd = 'z' };
constexpr int fastest = 1;
/// Facts can't be larger (serialize.h); a size beyond that is not allocated.
constexpr std::uint64_t maxSize = 1ull << 31;

std::optional<std::string> decompress(StringRef packed) {
  if (packed.size() < sizeof(std::uint64_t) || !compression::zstd::isAvailable())
    return std::nullopt;
  std::uint64_t size = support::endian::read64le(packed.data());
  packed = packed.drop_front(sizeof size);
  if (size > maxSize)
    return std::nullopt;
  std::string bytes(size, '\0');
  std::size_t actual = size;
  if (Error error = compression::zstd::decompress(arrayRefFromStringRef(packed),
                                                  reinterpret_cast<std::uint8_t *>(bytes.data()), actual)) {
    consumeError(std::move(error));
    return std::nullopt;
  }
  return actual == size ? std::optional(std::move(bytes)) : std::nullopt;
}

} // namespace

std::string packBytes(StringRef bytes) {
  if (!compression::zstd::isAvailable())
    return std::string(1, Stored) + bytes.str();
  SmallVector<std::uint8_t, 0> compressed;
  compression::zstd::compress(arrayRefFromStringRef(bytes), compressed, fastest);
  char size[sizeof(std::uint64_t)];
  support::endian::write64le(size, bytes.size());
  std::string packed(1, Zstd);
  packed.append(size, sizeof size);
  packed += toStringRef(compressed);
  return packed;
}

std::optional<std::string> unpackBytes(StringRef packed) {
  if (packed.empty())
    return std::nullopt;
  char method = packed.front();
  packed = packed.drop_front();
  if (method == Stored)
    return packed.str();
  return method == Zstd ? decompress(packed) : std::nullopt;
}

} // namespace bhlint
