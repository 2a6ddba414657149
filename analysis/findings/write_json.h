// Findings as JSON for other programs. The form is published and versioned: docs/findings.schema.json.
//
// To add a field: write it here, describe it in the schema (which allows no other field), and say so in CHANGELOG.md.
// Fields are only added; a change of meaning is a new name.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

/// One object, keys in the order of the schema, two spaces of indentation, ends with a newline. Text that is not UTF-8
/// is written with replacement characters, since JSON has no other way.
void writeJson(const Report &report, llvm::raw_ostream &out);

/// "not-modelled", "reproduced", "not-reproduced"
std::string_view replayStateName(ReplayState state);

} // namespace bhlint
