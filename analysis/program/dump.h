// Stable text of the linked stages, for --print and golden tests. Sorted by file, line and name.
#pragma once

#include "analysis/program/field_calls.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

void dumpProgram(const Program &program, llvm::raw_ostream &out);
void dumpSummaries(const Summaries &summaries, llvm::raw_ostream &out);

/// What callers can tell of a function, without names of what it does it through and without places: equal for two
/// versions of a program where it behaves alike. Empty: it neither sleeps nor changes what is locked.
std::string behaviourOf(const Summaries &summaries, FunctionId function);
void dumpContexts(const Program &program, const ContextMap &contexts, llvm::raw_ostream &out);
/// Where functions that fields hold are called, and the fields in which those of RuleSet::callbacks are stored.
void dumpCallbacks(const Program &program, const std::vector<FieldCall> &calls,
                   const std::vector<StoredCallback> &stored, llvm::raw_ostream &out);

} // namespace bhlint
