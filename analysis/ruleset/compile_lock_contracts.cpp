// Rows about locks, about who waits for whom, and about how interrupts are requested.

#include "analysis/ruleset/contract_section.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

namespace bhlint {

namespace {

AtomicEffect readEffect(RecordReader &row, ContractSection &section) {
  const SourceValue *value = row.record("effect");
  if (!value) {
    if (!row.has("effect"))
      row.error(row.location(), "key 'effect' is missing in a row of 'effects'");
    return {};
  }
  RecordReader reader(*value, "'effect'", section.file, section.errors);
  AtomicEffect effect;
  effect.preempt = reader.optionalNumber("preempt", 0, 4).value_or(0);
  effect.bottomHalf = reader.optionalNumber("bottom_half", 0, 4).value_or(0);
  effect.irq = reader.optionalNumber("irq", 0, 4).value_or(0);
  effect.rcu = reader.optionalNumber("rcu", 0, 4).value_or(0);
  effect.pageFault = reader.optionalNumber("page_fault", 0, 4).value_or(0);
  reader.finish();
  if (reader.isValid() && effect == AtomicEffect())
    row.error(reader.location(), "'effect' changes nothing");
  return effect;
}

AtomicEffect reversed(AtomicEffect effect) {
  effect.preempt = -effect.preempt;
  effect.bottomHalf = -effect.bottomHalf;
  effect.irq = -effect.irq;
  effect.rcu = -effect.rcu;
  effect.pageFault = -effect.pageFault;
  return effect;
}

/// Rows of `effects`, and of those sections that are like it.
void compileEffectForms(RecordReader &row, ContractSection &section, bool hasEffect, std::vector<EffectContract> &rows) {
  struct Form {
    llvm::StringLiteral key;
    EffectWhen when;
    bool isRelease;
  };
  constexpr Form forms[] = {{"acquire", EffectWhen::Always, false},
                            {"acquire_if_nonzero", EffectWhen::ResultNonZero, false},
                            {"acquire_if_zero", EffectWhen::ResultZero, false},
                            {"release", EffectWhen::Always, true}};
  std::vector<std::vector<SourceText>> functions;
  for (const Form &form : forms)
    functions.push_back(readOptionalIdentifiers(row, form.key));
  if (llvm::all_of(functions, [](const auto &list) { return list.empty(); }))
    row.error(row.location(), "a row of 'effects' names functions under 'acquire', 'acquire_if_nonzero', "
                              "'acquire_if_zero' or 'release'");
  const AtomicEffect effect = hasEffect ? readEffect(row, section) : AtomicEffect();
  const std::optional<int> lock = row.optionalNumber("lock", 0, maxArgument);
  EffectContract contract;
  contract.lockArgument = lock ? std::optional<unsigned>(*lock) : std::nullopt;
  contract.isShared = row.optionalFlag("shared").value_or(false);
  contract.lockName = row.optionalText("lock_name");
  const bool isEnabling = row.optionalFlag("enabling").value_or(false);
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (auto [form, names] : llvm::zip(forms, functions))
    for (const SourceText &function : names) {
      contract.function = function.text;
      contract.effect = form.isRelease ? reversed(effect) : effect;
      contract.when = form.when;
      contract.isRelease = form.isRelease;
      contract.isEnabling = form.isRelease && isEnabling;
      contract.provenance = provenanceAt(provenance, function);
      rows.push_back(contract);
    }
}

} // namespace

void compileEffect(RecordReader &row, ContractSection &section) {
  compileEffectForms(row, section, /*hasEffect=*/true, section.rules.effects);
}

void compileSleepingLock(RecordReader &row, ContractSection &section) {
  compileEffectForms(row, section, /*hasEffect=*/false, section.rules.sleepingLocks);
}

void compileMask(RecordReader &row, ContractSection &section) {
  compileEffectForms(row, section, /*hasEffect=*/true, section.rules.masks);
}

void compileWait(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  WaitContract contract;
  contract.argument = row.number("argument", 0, maxArgument);
  contract.record = readOptionalIdentifier(row, "record");
  if (!contract.record.empty())
    contract.field = readIdentifier(row, "field");
  contract.inside = plainTexts(readOptionalIdentifiers(row, "inside"));
  contract.registrars = plainTexts(readOptionalIdentifiers(row, "registrars"));
  if (!contract.registrars.empty())
    contract.registeredArgument = row.number("object", 0, maxArgument);
  else if (contract.record.empty())
    row.error(row.location(), "a row of 'waits' says by 'record' and 'field', or by 'registrars', which handler it waits for");
  contract.isSelfAllowed = row.optionalFlag("self_allowed").value_or(false);
  contract.what = row.text("what");
  addForEach(row, functions, contract, section.rules.waits);
}

void compileIrqRequest(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  IrqRequest request;
  request.handler = row.number("handler", 0, maxArgument);
  if (std::optional<int> thread = row.optionalNumber("thread", 0, maxArgument))
    request.thread = *thread;
  request.flags = row.number("flags", 0, maxArgument);
  request.free = readOptionalIdentifier(row, "free");
  request.isManaged = row.optionalFlag("managed").value_or(false);
  addForEach(row, functions, request, section.rules.irqRequests);
}

void compileLegacy(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  LegacyCall call;
  call.use = row.sentence("use");
  call.why = row.sentence("why");
  call.onlyIn = plainTexts(row.optionalTexts("only_in"));
  call.notIn = plainTexts(row.optionalTexts("not_in"));
  addForEach(row, functions, call, section.rules.legacy);
}

void compileLockInit(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  readProvenance(row);
  row.finish();
  for (const SourceText &function : functions)
    section.rules.lockInits.push_back(function.text);
}

} // namespace bhlint
