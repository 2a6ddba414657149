// Measured quantities as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace bhlint {

/// "12.3 us".
std::string durationText(std::uint64_t nanoseconds);
/// "0.4", of a number per second.
std::string rateText(double perSecond);

} // namespace bhlint
