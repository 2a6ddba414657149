// Whose reference a call drops. A put sleeps when it is the last one; who is atomic has mostly found the object by way of
// somebody that holds another.
#pragma once

#include "analysis/program/program.h"

namespace bhlint {

/// Whether the call gets what a field holds, and the function sets that field anew after it, or took it over before:
/// `put(o->f); o->f = new;`. The reference is then the holder's own, and nothing says that there are others. Errs by taking
/// stores for it that happen on other paths.
bool givesUpReference(const Body &body, std::uint32_t call);

} // namespace bhlint
