// The edits by which a deferred object goes, and its handler becomes the thread of the interrupt that schedules it.
//
// Which objects, and who uses them, is what the group says; everything else (who registers the interrupt's handler, what that
// returns, where interrupts are freed) is read from the text of the functions that the group's calls are in. Refused is what is written in
// another way than what is looked for: registered twice, in a loop, with flags that aren't written there; scheduled from elsewhere.
// Whether the handler may run in a thread is for the caller to look at.
#pragma once

#include "analysis/migrate/plan.h"

namespace bhlint {

/// `target.thread` is set. Adds refusals to the group where no edit can be written.
std::vector<TextEdit> threadEditsFor(MigrationGroup &group, const MigrationRules &rules, const MigrationTarget &target,
                                     FileText textOf);

} // namespace bhlint
