// Stable text of the linked stages, for --print and golden tests. Sorted by file, line and name.
#pragma once

#include "analysis/program/contexts.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

void dumpProgram(const Program &program, llvm::raw_ostream &out);
void dumpSummaries(const Summaries &summaries, llvm::raw_ostream &out);
void dumpContexts(const Program &program, const ContextMap &contexts, llvm::raw_ostream &out);

} // namespace bhlint
