// LockEdit: a sleeping call taken out of the part of a function that holds a lock: before it is taken, behind where it is
// given back, or with the lock given back around the call.
//
// It is decided from the text of one function. Nothing that decides anything may stand between: calls that aren't known
// to be harmless, ways out, labels, changes of what the call is given. What is read from the structure that the lock is in,
// or was found while it was held, isn't used without it.
#pragma once

#include "driver/fix/call_edit.h"

namespace bhlint {

/// A call to be taken out of a lock. What it calls may be the file's own; then it has to be seen that this doesn't
/// count on the lock.
struct HeldCall {
  SourcePlace place;
  std::string sink;                 ///< what sleeps: `place` calls it, or what leads there
  std::optional<SourcePlace> taken; ///< where the lock is taken, when that is known; else calls that the rules name
};

/// The edits to try, best first; or one that says why there is none.
std::vector<CallEdit> editLock(const CodeTokens &code, const HeldCall &held, const FixRules &rules);

} // namespace bhlint
