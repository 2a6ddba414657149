// MutexEdit: a spin lock that is held where a call sleeps becomes a mutex, when all that take it may sleep.
//
// All users have to be in sight: the lock is declared in the finding's file, and nothing there uses it but calls that a mutex has, too; no
// form that turns interrupts or bottom halves off is one. Where the functions run that take it is asked of the analysis.
#pragma once

#include "driver/fix/call_edit.h"

#include <functional>

namespace bhlint {

/// Why a function of the file may not sleep wherever it is called, its own locks apart; empty: it may.
using WhyAtomic = std::function<std::string(const std::string &file, const std::string &function)>;

/// `root`: where the lock is taken.
CallEdit editMutex(const CodeTokens &code, const SourcePlace &root, const FixRules &rules, const WhyAtomic &whyAtomic);

} // namespace bhlint
