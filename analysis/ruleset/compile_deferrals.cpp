// Rows about deferrals: who sets one up, who starts it, and the decision table for them.
#include "analysis/ruleset/contract_section.h"

namespace bhlint {

std::string readConstantName(RecordReader &record, llvm::StringRef key, ContractSection &section) {
  std::string name = readIdentifier(record, key);
  if (!name.empty())
    section.flagUses.push_back({name, record.locationOf(key)});
  return name;
}

void compileDeferralSetup(RecordReader &row, ContractSection &section) {
  DeferralSetup setup;
  setup.mechanism = row.text("mechanism");
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  setup.objectArgument = row.number("object", 0, maxArgument);
  setup.handlerArgument = row.number("handler", 0, maxArgument);
  addForEach(row, functions, setup, section.rules.deferralSetups);
}

void compileDeferralField(RecordReader &row, ContractSection &section) {
  DeferralField field;
  field.mechanism = row.text("mechanism");
  field.record = readIdentifier(row, "record");
  field.field = readIdentifier(row, "field");
  field.within = readOptionalIdentifier(row, "within");
  field.provenance = readProvenance(row);
  row.finish();
  if (row.isValid())
    section.rules.deferralFields.push_back(field);
}

void compileDeferralStart(RecordReader &row, ContractSection &section) {
  DeferralStart start;
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  start.objectArgument = row.number("object", 0, maxArgument);
  addForEach(row, functions, start, section.rules.deferralStarts);
}

void compileInterruptRequest(RecordReader &row, ContractSection &section) {
  InterruptRequest request;
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  request.handlerArgument = row.number("handler", 0, maxArgument);
  if (row.has("thread")) {
    request.threadArgument = row.number("thread", 0, maxArgument);
    request.wake = readConstantName(row, "wake", section);
  }
  addForEach(row, functions, request, section.rules.interrupts);
}

void compileDeferralAdvice(RecordReader &row, const ContextGroups &groups, RuleSet &rules) {
  DeferralAdvice advice;
  advice.mechanisms = plainTexts(row.optionalTexts("mechanisms"));
  advice.sleeps = row.optionalFlag("sleeps");
  advice.allocates = row.optionalFlag("allocates");
  advice.loops = row.optionalFlag("loops");
  advice.restarts = row.optionalFlag("restarts");
  advice.onlyStarts = row.optionalFlag("only_starts");
  advice.ownInterrupt = row.optionalFlag("own_interrupt");
  advice.frequent = row.optionalFlag("frequent");
  advice.runsIn = readContexts(row, "runs_in", groups);
  advice.startedIn = readContexts(row, "started_in", groups);
  advice.use = row.sentence("use");
  advice.isChange = row.optionalFlag("change").value_or(true);
  advice.why = row.sentence("why");
  advice.claims = plainTexts(row.optionalTexts("claims"));
  advice.kernels = readKernelRange(row);
  advice.location = row.location();
  row.finish();
  if (advice.frequent && rules.frequentPerSecond == 0)
    row.error(advice.location, "'frequent' needs a 'frequent_per_second' above the rows");
  if (row.isValid())
    rules.deferralAdvice.push_back(std::move(advice));
}

/// A misspelt mechanism would never match.
void checkDeferralAdvice(const RuleSet &rules, std::vector<RuleError> &errors) {
  std::vector<llvm::StringRef> names;
  for (const DeferralSetup &setup : rules.deferralSetups)
    names.push_back(setup.mechanism);
  for (const DeferralField &field : rules.deferralFields)
    names.push_back(field.mechanism);
  for (const InterruptRequest &request : rules.interrupts)
    if (request.threadArgument) {
      names.push_back(threadMechanism);
      break;
    }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const DeferralAdvice &advice : rules.deferralAdvice)
    for (const std::string &mechanism : advice.mechanisms)
      if (!std::binary_search(names.begin(), names.end(), llvm::StringRef(mechanism)))
        report(errors, advice.location,
               "no deferral has the mechanism " + quoted(mechanism) + suggestName(mechanism, names));
}

} // namespace bhlint
