// CallerEdit: a handler whose caller has another form that may sleep: another field of the same structure, another call
// that iterates.
//
// Handlers that are registered by a call, and get a thread, are handler_edit.h.
#pragma once

#include "driver/fix/call_edit.h"

namespace bhlint {

/// The edits to try; none: its caller is not of that kind. `code`: of the file that `root` is in.
std::vector<CallEdit> editCaller(const CodeTokens &code, const Root &root, const FixRules &rules);

} // namespace bhlint
