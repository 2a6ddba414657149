// The rows of rules/contracts/*.yaml. Several functions or fields with the same facts share one row; each of them
// becomes one contract, located at its own name.

#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

namespace bhlint {

namespace {

struct Section {
  const ContextGroups &groups;
  RuleSet &rules;
  std::vector<FlagUse> &flagUses;
  std::vector<RuleError> &errors;
  const std::string &file;
};

using RowCompiler = void (*)(RecordReader &row, Section &section);

/// A constant below `flag`, required.
std::string readFlag(RecordReader &record, Section &section) {
  std::string flag = readIdentifier(record, "flag");
  if (!flag.empty())
    section.flagUses.push_back({flag, record.locationOf("flag")});
  return flag;
}

constexpr NamedValue<SleepWhen> sleepWhens[] = {{"always", SleepWhen::Always},
                                                {"gfp", SleepWhen::Gfp},
                                                {"nonzero", SleepWhen::NonZero},
                                                {"zero", SleepWhen::Zero},
                                                {"never", SleepWhen::Never}};

void compileSleep(RecordReader &row, Section &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  SleepContract contract;
  contract.when = row.oneOf<SleepWhen>("when", sleepWhens, SleepWhen::Always);
  contract.kind = row.oneOf<SleepKind>("kind", sleepKindNames(), SleepKind::Sleep);
  const bool needsArgument = contract.when != SleepWhen::Always && contract.when != SleepWhen::Never;
  if (needsArgument)
    contract.argument = row.number("argument", 0, maxArgument);
  else if (row.optionalNumber("argument", 0, maxArgument))
    row.error(row.locationOf("argument"), "'argument' has no meaning with 'when: always' or 'when: never'");
  contract.forbiddenIn = readContexts(row, "forbidden_in", section.groups);
  contract.why = row.optionalText("why");
  contract.whenModuleCalls = plainTexts(readOptionalIdentifiers(row, "when_module_calls"));
  contract.isFallback = row.optionalFlag("fallback").value_or(false);
  contract.unlessModuleCalls = plainTexts(readOptionalIdentifiers(row, "unless_module_calls"));
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &function : functions) {
    contract.function = function.text;
    contract.provenance = provenanceAt(provenance, function);
    section.rules.sleeps.push_back(contract);
  }
}

AtomicEffect readEffect(RecordReader &row, Section &section) {
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

void compileEffect(RecordReader &row, Section &section) {
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
  const AtomicEffect effect = readEffect(row, section);
  const std::optional<int> lock = row.optionalNumber("lock", 0, maxArgument);
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (auto [form, names] : llvm::zip(forms, functions))
    for (const SourceText &function : names)
      section.rules.effects.push_back({function.text, form.isRelease ? reversed(effect) : effect, form.when,
                                       lock ? std::optional<unsigned>(*lock) : std::nullopt, form.isRelease,
                                       provenanceAt(provenance, function)});
}

std::vector<FlagCase> readFlagCases(RecordReader &row, Section &section) {
  std::vector<FlagCase> cases;
  for (const SourceValue &value : row.records("cases")) {
    RecordReader reader(value, "a case", section.file, section.errors);
    FlagCase item;
    item.argument = reader.number("argument", 0, maxArgument);
    item.flag = readFlag(reader, section);
    item.isSet = reader.optionalFlag("set").value_or(true);
    item.context = readContext(reader, "context");
    reader.finish();
    cases.push_back(item);
  }
  return cases;
}

void compileCallback(RecordReader &row, Section &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  CallbackContract contract;
  contract.argument = row.number("argument", 0, maxArgument);
  contract.member = readOptionalIdentifier(row, "member");
  contract.inCallerContext = row.optionalFlag("caller").value_or(false);
  if (!contract.inCallerContext)
    contract.context = readContext(row, "context");
  else if (row.has("context"))
    row.error(row.locationOf("context"), "'context' has no meaning with 'caller: true'");
  contract.cases = readFlagCases(row, section);
  contract.what = row.optionalText("what");
  contract.condition = row.optionalText("condition");
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &function : functions) {
    contract.function = function.text;
    contract.provenance = provenanceAt(provenance, function);
    section.rules.callbacks.push_back(contract);
  }
}

std::vector<FieldCase> readFieldCases(RecordReader &row, Section &section) {
  std::vector<FieldCase> cases;
  for (const SourceValue &value : row.records("cases")) {
    RecordReader reader(value, "a case", section.file, section.errors);
    FieldCase item;
    if (reader.has("function")) {
      item.function = readIdentifier(reader, "function");
      item.argument = reader.optionalNumber("argument", 0, maxArgument).value_or(0);
    } else {
      item.record = readIdentifier(reader, "record");
      item.field = readIdentifier(reader, "field");
    }
    if (reader.has("flag"))
      item.flag = readFlag(reader, section);
    item.context = readContext(reader, "context");
    reader.finish();
    cases.push_back(item);
  }
  return cases;
}

void compileOps(RecordReader &row, Section &section) {
  OpsContract contract;
  contract.record = readIdentifier(row, "record");
  const std::vector<SourceText> fields = readIdentifiers(row, "fields");
  contract.context = readContext(row, "context");
  contract.cases = readFieldCases(row, section);
  contract.what = row.optionalText("what");
  contract.condition = row.optionalText("condition");
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &field : fields) {
    contract.field = field.text;
    contract.provenance = provenanceAt(provenance, field);
    section.rules.ops.push_back(contract);
  }
}

void compileTest(RecordReader &row, Section &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  ContextTest test;
  test.trueIn = readContexts(row, "true_in", section.groups);
  test.falseIn = readContexts(row, "false_in", section.groups);
  for (Context context : test.trueIn)
    if (llvm::is_contained(test.falseIn, context))
      row.error(row.location(), llvm::Twine("'true_in' and 'false_in' both have '") + contextName(context) + "'");
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &function : functions) {
    test.name = function.text;
    test.provenance = provenanceAt(provenance, function);
    section.rules.tests.push_back(test);
  }
}

void compileQueue(RecordReader &row, Section &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  QueueContract contract;
  contract.queueArgument = row.number("queue", 0, maxArgument);
  contract.objectArgument = row.number("object", 0, maxArgument);
  const Provenance provenance = readProvenance(row);
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &function : functions) {
    contract.function = function.text;
    contract.provenance = provenanceAt(provenance, function);
    section.rules.queues.push_back(contract);
  }
}

void compileQueueKind(RecordReader &row, Section &section) {
  QueueKind kind;
  kind.global = readOptionalIdentifier(row, "global");
  kind.allocator = readOptionalIdentifier(row, "allocator");
  if (kind.global.empty() == kind.allocator.empty())
    row.error(row.location(), "a row of 'queue_kinds' names either a 'global' or an 'allocator'");
  if (!kind.allocator.empty()) {
    kind.flagsArgument = row.number("flags", 0, maxArgument);
    kind.flag = readFlag(row, section);
  }
  kind.context = readContext(row, "context");
  kind.provenance = readProvenance(row);
  row.finish();
  if (row.isValid())
    section.rules.queueKinds.push_back(kind);
}

void compileDeferred(RecordReader &row, Section &section) {
  DeferredObject object;
  object.record = readIdentifier(row, "record");
  object.field = readIdentifier(row, "field");
  object.fallback = readContext(row, "fallback");
  object.provenance = readProvenance(row);
  row.finish();
  if (row.isValid())
    section.rules.deferred.push_back(object);
}

void compileConstant(RecordReader &row, Section &section) {
  const std::vector<SourceText> names = readIdentifiers(row, "names");
  const std::string header = row.text("header");
  row.finish();
  if (!row.isValid())
    return;
  for (const SourceText &name : names)
    section.rules.constants.push_back({name.text, header, {section.file, name.line, name.column}});
}

struct SectionKind {
  llvm::StringLiteral key;
  llvm::StringLiteral row;
  RowCompiler compile;
};

constexpr SectionKind sectionKinds[] = {
    {"sleeps", "a row of 'sleeps'", compileSleep},
    {"effects", "a row of 'effects'", compileEffect},
    {"callbacks", "a row of 'callbacks'", compileCallback},
    {"ops", "a row of 'ops'", compileOps},
    {"tests", "a row of 'tests'", compileTest},
    {"queues", "a row of 'queues'", compileQueue},
    {"queue_kinds", "a row of 'queue_kinds'", compileQueueKind},
    {"deferred", "a row of 'deferred'", compileDeferred},
    {"constants", "a row of 'constants'", compileConstant},
};

void compileGroup(const SourceValue &value, const std::string &file, ContextGroups &groups,
                  std::vector<RuleError> &errors) {
  RecordReader row(value, "a row of 'context_groups'", file, errors);
  const std::string name = readIdentifier(row, "name");
  const std::vector<Context> contexts = readContexts(row, "contexts", {});
  if (contexts.empty() && row.isValid())
    row.error(row.location(), "a group of contexts is not empty");
  if (contextFromName(name))
    row.error(row.locationOf("name"), llvm::Twine("'") + name + "' is the name of a context");
  row.finish();
  if (row.isValid() && !groups.emplace(name, contexts).second)
    row.error(row.locationOf("name"), llvm::Twine("context group '") + name + "' is defined twice");
}

} // namespace

ContextGroups compileContextGroups(std::span<const RuleSource> contracts, std::vector<RuleError> &errors) {
  ContextGroups groups;
  for (const RuleSource &source : contracts) {
    // Everything else about the file is reported by compileContracts().
    std::vector<RuleError> ignored;
    RecordReader file(source.root, "a contract file", source.file, ignored);
    for (const SourceValue &value : file.records("context_groups"))
      compileGroup(value, source.file, groups, errors);
  }
  return groups;
}

void compileContracts(const RuleSource &source, const ContextGroups &groups, RuleSet &rules,
                      std::vector<FlagUse> &flagUses, std::vector<RuleError> &errors) {
  RecordReader file(source.root, "a contract file", source.file, errors);
  if (source.root.kind != SourceValue::Kind::Map)
    return;
  file.text("about");
  file.text("tree");
  file.records("context_groups");
  Section section{groups, rules, flagUses, errors, source.file};
  for (const SectionKind &kind : sectionKinds)
    for (const SourceValue &value : file.records(kind.key)) {
      RecordReader row(value, kind.row, source.file, errors);
      if (value.kind == SourceValue::Kind::Map)
        kind.compile(row, section);
    }
  if (file.has("direct_reclaim")) {
    if (!rules.directReclaim.empty())
      file.error(file.locationOf("direct_reclaim"), "'direct_reclaim' is given twice");
    rules.directReclaim = readIdentifier(file, "direct_reclaim");
    flagUses.push_back({rules.directReclaim, file.locationOf("direct_reclaim")});
  } else {
    file.optionalText("direct_reclaim");
  }
  file.finish();
}

} // namespace bhlint
