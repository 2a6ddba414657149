// Rows about how deferrals come to their end: what waits for them, when a driver's objects go, and who frees them; and
// what keeps a CPU busy. And names that mean something by themselves.
#include "analysis/ruleset/compile.h"
#include "analysis/ruleset/contract_section.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

void compileTeardown(RecordReader &row, ContractSection &section) {
  TeardownMechanism contract;
  contract.mechanism = row.text("mechanism");
  contract.use = readIdentifier(row, "use");
  contract.stops = plainTexts(readOptionalIdentifiers(row, "stops"));
  contract.harmless = plainTexts(readOptionalIdentifiers(row, "harmless"));
  contract.finals = plainTexts(readOptionalIdentifiers(row, "finals"));
  contract.wholesale = plainTexts(readOptionalIdentifiers(row, "wholesale"));
  contract.setups = plainTexts(readOptionalIdentifiers(row, "setups"));
  contract.isPointer = row.optionalFlag("pointer").value_or(false);
  contract.provenance = readProvenance(row);
  row.finish();
  if (row.isValid())
    section.rules.teardowns.push_back(std::move(contract));
}

namespace {
void compileDriverFunction(RecordReader &row, std::vector<TeardownEnd> &functions) {
  const std::vector<SourceText> records = readIdentifiers(row, "records");
  TeardownEnd function;
  function.field = readIdentifier(row, "field");
  addForEach(row, records, function, &TeardownEnd::record, functions);
}
} // namespace

void compileTeardownEnd(RecordReader &row, ContractSection &section) {
  compileDriverFunction(row, section.rules.teardownEnds);
}
void compileTeardownBegin(RecordReader &row, ContractSection &section) {
  compileDriverFunction(row, section.rules.teardownBegins);
}

void compileFree(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  FreeContract contract;
  contract.argument = row.number("argument", 0, maxArgument);
  contract.privateOf = readOptionalIdentifier(row, "private");
  addForEach(row, functions, contract, section.rules.frees);
}

namespace {
void compileNames(RecordReader &row, std::vector<FreeContract> &names) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  addForEach(row, functions, FreeContract(), names);
}
} // namespace

void compileManaged(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.managed); }
void compilePut(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.puts); }
void compileSharedQueue(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.sharedQueues); }

void compileOrdering(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.orderings); }
void compileRegisterRead(RecordReader &row, ContractSection &section) {
  compileNames(row, section.rules.registerReads);
}
void compilePrint(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.prints); }
void compileUserBorrow(RecordReader &row, ContractSection &section) { compileNames(row, section.rules.userBorrows); }

void compileAtomicRecord(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> records = readIdentifiers(row, "records");
  addForEach(row, records, FreeContract(), section.rules.atomicRecords);
}

void compileKernelThread(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  FreeContract contract;
  contract.argument = row.number("argument", 0, maxArgument);
  addForEach(row, functions, contract, section.rules.kernelThreads);
}

namespace {
void compileDuration(RecordReader &row, std::vector<DelayContract> &durations) {
  constexpr int second = 1'000'000'000;
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  DelayContract contract;
  contract.argument = row.number("argument", 0, maxArgument);
  contract.nanoseconds = row.number("nanoseconds", 1, second);
  contract.per = row.optionalNumber("per", 1, second).value_or(1);
  addForEach(row, functions, contract, durations);
}
} // namespace

void compileDelay(RecordReader &row, ContractSection &section) { compileDuration(row, section.rules.delays); }
void compileCopy(RecordReader &row, ContractSection &section) { compileDuration(row, section.rules.copies); }

/// A misspelt mechanism would never match.
void checkTeardowns(const RuleSet &rules, std::vector<RuleError> &errors) {
  for (const TeardownMechanism &row : rules.teardowns) {
    auto isIt = [&](const auto &deferral) { return deferral.mechanism == row.mechanism; };
    if (llvm::none_of(rules.deferralSetups, isIt) && llvm::none_of(rules.deferralFields, isIt))
      report(errors, row.provenance.location, "no deferral has the mechanism " + quoted(row.mechanism));
    for (const std::string &setup : row.setups)
      if (llvm::none_of(rules.deferralSetups, [&](const DeferralSetup &deferral) {
            return deferral.mechanism == row.mechanism && deferral.function == setup;
          }))
        report(errors, row.provenance.location, quoted(setup) + " sets up no " + row.mechanism);
  }
}

} // namespace bhlint
