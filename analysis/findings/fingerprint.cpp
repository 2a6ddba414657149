#include "analysis/findings/fingerprint.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <string>
#include <tuple>

namespace bhlint {
namespace {

/// Strangers choose the names that go in here: a fast hash would let a patch give its finding the name of one that the
/// baseline accepts.
class Hasher {
public:
  void add(llvm::StringRef part) {
    hash.update(std::to_string(part.size()) + ":"); // ("ab", "c") and ("a", "bc") must differ
    hash.update(part);
  }
  std::string hex() { return llvm::toHex(hash.final<10>(), /*LowerCase=*/true); }

private:
  llvm::BLAKE3 hash;
};

std::string fingerprintOf(const Finding &finding, unsigned rank) {
  Hasher hasher;
  for (const std::string &part :
       {finding.rule, finding.place.file, finding.function, finding.sink, finding.root.function, finding.context})
    hasher.add(part);
  // The first keeps the plain name, so that adding a second one below it renames nothing.
  if (rank != 0)
    hasher.add(std::to_string(rank));
  return hasher.hex();
}

} // namespace

void assignFingerprints(std::vector<Finding> &findings) {
  std::vector<std::size_t> byPlace(findings.size());
  std::iota(byPlace.begin(), byPlace.end(), 0);
  std::stable_sort(byPlace.begin(), byPlace.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) {
      const Finding &f = findings[i];
      return std::tie(f.place, f.root.place, f.message);
    };
    return key(a) < key(b);
  });
  std::map<std::string, unsigned> seen;
  for (const std::size_t index : byPlace) {
    const unsigned rank = seen[fingerprintOf(findings[index], 0)]++;
    findings[index].fingerprint = fingerprintOf(findings[index], rank);
  }
}

} // namespace bhlint
