#include "analysis/cache/digest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"

#include <cstring>

using namespace llvm;

namespace bhlint {

std::string Digest::hex() const { return toHex(view(), /*LowerCase=*/true); }

Digest Digest::read(StringRef from) {
  Digest digest;
  std::memcpy(digest.bytes.data(), from.data(), size);
  return digest;
}

Hasher &Hasher::add(StringRef bytes) {
  state.update(bytes);
  return *this;
}

Hasher &Hasher::addField(StringRef bytes) {
  char length[8];
  support::endian::write64le(length, bytes.size());
  return add(StringRef(length, sizeof length)).add(bytes);
}

Digest Hasher::finish() {
  auto result = state.final<Digest::size>();
  Digest digest;
  std::memcpy(digest.bytes.data(), result.data(), Digest::size);
  return digest;
}

CacheKey CacheKey::of(ArrayRef<std::string> parts) {
  Hasher hasher;
  for (const std::string &part : parts)
    hasher.addField(part);
  return {hasher.finish()};
}

} // namespace bhlint
