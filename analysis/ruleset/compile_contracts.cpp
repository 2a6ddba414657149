// The rows of rules/contracts/*.yaml. Several functions or fields with the same facts share one row; each of them
// becomes one contract, located at its own name.

#include "analysis/ruleset/contract_section.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"

namespace bhlint {

namespace {

/// A constant below `flag`, required.
std::string readFlag(RecordReader &record, ContractSection &section) { return readConstantName(record, "flag", section); }

constexpr NamedValue<SleepWhen> sleepWhens[] = {{"always", SleepWhen::Always},
                                                {"gfp", SleepWhen::Gfp},
                                                {"nonzero", SleepWhen::NonZero},
                                                {"zero", SleepWhen::Zero},
                                                {"never", SleepWhen::Never}};

void compileSleep(RecordReader &row, ContractSection &section) {
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
  addForEach(row, functions, contract, section.rules.sleeps);
}

std::vector<FlagCase> readFlagCases(RecordReader &row, ContractSection &section) {
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

void compileCallback(RecordReader &row, ContractSection &section) {
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
  addForEach(row, functions, contract, section.rules.callbacks);
}

std::vector<FieldCase> readFieldCases(RecordReader &row, ContractSection &section) {
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

void compileOps(RecordReader &row, ContractSection &section) {
  OpsContract contract;
  contract.record = readIdentifier(row, "record");
  const std::vector<SourceText> fields = readIdentifiers(row, "fields");
  contract.context = readContext(row, "context");
  contract.cases = readFieldCases(row, section);
  contract.what = row.optionalText("what");
  contract.condition = row.optionalText("condition");
  addForEach(row, fields, contract, &OpsContract::field, section.rules.ops);
}

void compileTest(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  ContextTest test;
  test.trueIn = readContexts(row, "true_in", section.groups);
  test.falseIn = readContexts(row, "false_in", section.groups);
  for (Context context : test.trueIn)
    if (llvm::is_contained(test.falseIn, context))
      row.error(row.location(), llvm::Twine("'true_in' and 'false_in' both have '") + contextName(context) + "'");
  addForEach(row, functions, test, &ContextTest::name, section.rules.tests);
}

void compileQueue(RecordReader &row, ContractSection &section) {
  const std::vector<SourceText> functions = readIdentifiers(row, "functions");
  QueueContract contract;
  contract.queueArgument = row.number("queue", 0, maxArgument);
  contract.objectArgument = row.number("object", 0, maxArgument);
  addForEach(row, functions, contract, section.rules.queues);
}

void compileQueueKind(RecordReader &row, ContractSection &section) {
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

void compileDeferred(RecordReader &row, ContractSection &section) {
  DeferredObject object;
  object.record = readIdentifier(row, "record");
  object.field = readIdentifier(row, "field");
  object.fallback = readContext(row, "fallback");
  object.provenance = readProvenance(row);
  row.finish();
  if (row.isValid())
    section.rules.deferred.push_back(object);
}

void compileConstant(RecordReader &row, ContractSection &section) {
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
  RowCompiler *compile;
};

constexpr SectionKind sectionKinds[] = {
    {"sleeps", "a row of 'sleeps'", compileSleep},
    {"effects", "a row of 'effects'", compileEffect},
    {"sleeping_locks", "a row of 'sleeping_locks'", compileSleepingLock},
    {"masks", "a row of 'masks'", compileMask},
    {"waits", "a row of 'waits'", compileWait},
    {"teardowns", "a row of 'teardowns'", compileTeardown},
    {"teardown_ends", "a row of 'teardown_ends'", compileTeardownEnd},
    {"frees", "a row of 'frees'", compileFree},
    {"managed", "a row of 'managed'", compileManaged},
    {"puts", "a row of 'puts'", compilePut},
    {"shared_queues", "a row of 'shared_queues'", compileSharedQueue},
    {"orderings", "a row of 'orderings'", compileOrdering},
    {"atomic_records", "a row of 'atomic_records'", compileAtomicRecord},
    {"teardown_begins", "a row of 'teardown_begins'", compileTeardownBegin},
    {"copies", "a row of 'copies'", compileCopy},
    {"register_reads", "a row of 'register_reads'", compileRegisterRead},
    {"prints", "a row of 'prints'", compilePrint},
    {"kernel_threads", "a row of 'kernel_threads'", compileKernelThread},
    {"user_borrows", "a row of 'user_borrows'", compileUserBorrow},
    {"delays", "a row of 'delays'", compileDelay},
    {"irq_requests", "a row of 'irq_requests'", compileIrqRequest},
    {"legacy", "a row of 'legacy'", compileLegacy},
    {"lock_inits", "a row of 'lock_inits'", compileLockInit},
    {"callbacks", "a row of 'callbacks'", compileCallback},
    {"ops", "a row of 'ops'", compileOps},
    {"tests", "a row of 'tests'", compileTest},
    {"queues", "a row of 'queues'", compileQueue},
    {"queue_kinds", "a row of 'queue_kinds'", compileQueueKind},
    {"deferred", "a row of 'deferred'", compileDeferred},
    {"deferral_setups", "a row of 'deferral_setups'", compileDeferralSetup},
    {"deferral_fields", "a row of 'deferral_fields'", compileDeferralField},
    {"deferral_starts", "a row of 'deferral_starts'", compileDeferralStart},
    {"interrupts", "a row of 'interrupts'", compileInterruptRequest},
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
  ContractSection section{groups, rules, flagUses, errors, source.file};
  for (const SectionKind &kind : sectionKinds)
    for (const SourceValue &value : file.records(kind.key)) {
      RecordReader row(value, kind.row, source.file, errors);
      if (value.kind == SourceValue::Kind::Map)
        kind.compile(row, section);
    }
  for (auto [key, name] : {std::pair("direct_reclaim", &rules.directReclaim),
                           std::pair("one_shot", &rules.oneShotFlag),
                           std::pair("shared_line", &rules.sharedFlag), std::pair("wake_thread", &rules.wakeThread)}) {
    if (!file.has(key)) {
      file.optionalText(key);
      continue;
    }
    if (!name->empty())
      file.error(file.locationOf(key), llvm::Twine("'") + key + "' is given twice");
    *name = readIdentifier(file, key);
    flagUses.push_back({*name, file.locationOf(key)});
  }
  file.finish();
}

} // namespace bhlint
