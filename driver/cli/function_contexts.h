// Where a function can run, told for people.
#pragma once

#include "driver/cli/pipeline.h"

#include <string>
#include <vector>

namespace bhlint {

/// "drivers/foo/bar.c:12:3"
std::string placeText(const Program &program, const Place &place);

/// "place: what", from the root down to the function, as it was first reached in that context.
std::vector<std::string> witnessOf(const Run &run, FunctionId id, Context context);

} // namespace bhlint
