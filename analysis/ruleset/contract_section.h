// What the rows of a contract file have in common while they are compiled. Used by the compile_*.cpp only.
#pragma once

#include "analysis/ruleset/row_fields.h"

namespace bhlint {

struct ContractSection {
  const ContextGroups &groups;
  RuleSet &rules;
  std::vector<FlagUse> &flagUses;
  std::vector<RuleError> &errors;
  const std::string &file;
};

using RowCompiler = void(RecordReader &row, ContractSection &section);

/// The name of a constant that is read from the tree, required.
std::string readConstantName(RecordReader &record, llvm::StringRef key, ContractSection &section);

// compile_lock_contracts.cpp
RowCompiler compileEffect, compileSleepingLock, compileMask, compileWait, compileIrqRequest, compileLegacy, compileLockInit;
// compile_deferrals.cpp
RowCompiler compileDeferralSetup, compileDeferralField, compileDeferralStart, compileInterruptRequest;

// compile_teardown.cpp
RowCompiler compileTeardown, compileTeardownEnd, compileFree, compileManaged, compilePut, compileSharedQueue,
    compileDelay, compileTeardownBegin, compileCopy, compileRegisterRead, compileOrdering, compilePrint,
    compileAtomicRecord, compileKernelThread, compileUserBorrow;

/// One contract for each of the row's `names`, which goes into `name`, when nothing was wrong with the row.
template <class Contract>
void addForEach(RecordReader &row, const std::vector<SourceText> &names, Contract contract, std::string Contract::*name,
                std::vector<Contract> &contracts) {
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &text : names) {
    contract.*name = text.text;
    contract.provenance = provenanceAt(provenance, text);
    contracts.push_back(contract);
  }
}

/// The same for functions.
template <class Contract>
void addForEach(RecordReader &row, const std::vector<SourceText> &functions, Contract contract,
                std::vector<Contract> &contracts) {
  addForEach(row, functions, std::move(contract), &Contract::function, contracts);
}

} // namespace bhlint
