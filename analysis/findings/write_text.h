// Findings in the compiler's own form, `file:line:column: error: message [rule]`, so that editors and CI jump to them.
//
// After each finding come notes in the order of execution: what makes the root atomic, every hop of the chain, and what
// to use instead. Everything quoted from the tree is escaped (escape.h). Colours, and which findings to show, are not
// decided here but in driver/cli.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

/// With its severity; what it assumes are notes.
void writeText(const Finding &finding, llvm::raw_ostream &out);

/// A new one: at the line of the patch that causes it, with the patch.
void writeText(const Finding &finding, const Gate &gate, llvm::raw_ostream &out);

/// All findings, in a gate then what is fixed, then one line that counts them and the units. Why units failed is for driver/cli to say, in any
/// format.
void writeText(const Report &report, llvm::raw_ostream &out);

} // namespace bhlint
