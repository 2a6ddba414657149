// rules/observe.yaml: which events of a trace mean that a handler runs, and where.

#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

enum class Per : std::uint8_t { Cpu, Task };
constexpr NamedValue<Per> pers[] = {{"cpu", Per::Cpu}, {"task", Per::Task}};

/// More than a minute is a slip of the unit.
constexpr int mostMicroseconds = 60'000'000;

void readDue(RecordReader &row, const std::string &file, TraceSpan &span, std::vector<RuleError> &errors) {
  const SourceValue *value = row.record("due");
  if (!value)
    return;
  RecordReader due(*value, "'due'", file, errors);
  span.due = readIdentifier(due, "event");
  span.dueAt = readIdentifier(due, "at");
  span.dueNow = readIdentifier(due, "now");
  due.finish();
}

TraceSpan readSpan(RecordReader &row, const std::string &file, std::vector<RuleError> &errors) {
  TraceSpan span;
  span.mechanism = row.text("mechanism");
  span.context = readContext(row, "context");
  if (row.has("in_softirq"))
    span.inSoftirq = readContext(row, "in_softirq");
  span.sameAs = {span.context};
  if (row.has("as"))
    span.sameAs = readContexts(row, "as", {});
  span.enter = readIdentifier(row, "enter");
  span.exit = readIdentifier(row, "exit");
  span.key = row.text("key");
  span.isPerTask = row.oneOf<Per>("per", pers, Per::Cpu) == Per::Task;
  span.handler = readOptionalIdentifier(row, "handler");
  span.label = readOptionalIdentifier(row, "label");
  span.queued = readOptionalIdentifier(row, "queued");
  readDue(row, file, span, errors);
  span.longest = static_cast<std::uint64_t>(row.optionalNumber("longest_us", 1, mostMicroseconds).value_or(0)) * 1000;
  if (span.longest != 0)
    span.why = row.sentence("why");
  row.texts("evidence");
  span.location = row.location();
  row.finish();
  return span;
}

} // namespace

void compileTraceSpans(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors) {
  RecordReader file(source.root, "what traces show", source.file, errors);
  if (source.root.kind != SourceValue::Kind::Map)
    return;
  file.text("about");
  file.text("tree");
  for (const SourceValue &value : file.records("spans")) {
    RecordReader row(value, "a row of 'spans'", source.file, errors);
    TraceSpan span = readSpan(row, source.file, errors);
    if (span.handler.empty() == span.label.empty())
      row.error(row.location(), "a row of 'spans' has either 'handler' or 'label'");
    if (!llvm::is_contained(span.sameAs, span.context))
      row.error(row.locationOf("as"), "'as' names the row's own context, too");
    if (row.isValid())
      rules.traceSpans.push_back(std::move(span));
  }
  file.finish();
}

} // namespace bhlint
