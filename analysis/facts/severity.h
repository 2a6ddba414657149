// How much a finding matters to whoever reads it; rules have one, and `.bhlint.yaml` may give another. How certain a
// finding is, is Confidence (context.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bhlint {

enum class Severity : std::uint8_t { Error, Warning, Note };

/// "error", "warning", "note"
std::string_view severityName(Severity severity);
std::optional<Severity> severityFromName(std::string_view name);

} // namespace bhlint
