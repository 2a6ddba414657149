// Callers: what all calls of a function say together. Whether there is one at all that can run, and which parameters
// are the same constant in every one of them.
//
// Said only of functions all of whose calls are in sight: static ones whose address goes nowhere, and, when the whole
// kernel is here (Program::isWholeKernel), external ones too. Code that is not compiled (assembly, another
// architecture, what is kept outside the tree) is not seen; this then costs a finding or its confidence, and never
// makes one.
#pragma once

#include "analysis/program/state.h"

namespace bhlint {

/// Fills in Function::isUnreached and Program::parameterConstants.
void settleCallers(Program &program);

/// The constants that a function's parameters always have, sorted by parameter.
llvm::ArrayRef<ParameterConstant> constantsOf(const Program &program, FunctionId function);

/// Makes them known at the function's entry.
void bindConstants(const Program &program, FunctionId function, State &entry);

} // namespace bhlint
