#include "analysis/observe/quantity_text.h"

#include "llvm/Support/FormatVariadic.h"

namespace bhlint {

std::string durationText(std::uint64_t nanoseconds) {
  if (nanoseconds < 1000)
    return std::to_string(nanoseconds) + " ns";
  const double value = static_cast<double>(nanoseconds);
  if (nanoseconds < 1'000'000)
    return llvm::formatv("{0:F1} us", value / 1e3);
  if (nanoseconds < 1'000'000'000)
    return llvm::formatv("{0:F1} ms", value / 1e6);
  return llvm::formatv("{0:F2} s", value / 1e9);
}

std::string rateText(double perSecond) { return llvm::formatv("{0:F1}", perSecond); }

} // namespace bhlint
