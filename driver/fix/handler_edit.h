// HandlerEdit: a handler that sleeps gets a context that may: an interrupt's handler becomes its thread, work of a queue that
// runs in a softirq goes to one with threads.
#pragma once

#include "driver/fix/call_edit.h"

namespace bhlint {

/// `root`: where the handler is registered, or its work is set up.
CallEdit editHandler(const CodeTokens &code, const SourcePlace &root, const FixRules &rules);

} // namespace bhlint
