// rules/<id>.yaml and the decision table of rules/advice.yaml.

#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

constexpr NamedValue<Severity> severities[] = {
    {"error", Severity::Error}, {"warning", Severity::Warning}, {"note", Severity::Note}};

constexpr llvm::StringRef messagePlaceholders[] = {"sink", "function", "context", "lock"};
constexpr llvm::StringRef suggestionPlaceholders[] = {"sink", "function", "lock", "use"};

/// Reports a {word} that nothing fills in, and a brace that is not closed.
void checkMessage(RecordReader &rule, llvm::StringRef key, llvm::StringRef message,
                  llvm::ArrayRef<llvm::StringRef> placeholders = messagePlaceholders) {
  for (std::size_t open = message.find('{'); open != llvm::StringRef::npos; open = message.find('{', open + 1)) {
    const std::size_t close = message.find('}', open);
    const llvm::StringRef name = message.slice(open + 1, close);
    if (close == llvm::StringRef::npos)
      rule.error(rule.locationOf(key), llvm::Twine("'") + key + "' has a '{' without '}'");
    else if (!llvm::is_contained(placeholders, name))
      rule.error(rule.locationOf(key), llvm::Twine("unknown placeholder ") + quoted(name) + " in '" + key + "'" +
                                           suggestName(name, placeholders));
  }
}

std::vector<SleepKind> readKinds(RecordReader &record) {
  std::vector<SleepKind> kinds;
  for (const SourceText &word : record.optionalTexts("kinds")) {
    const auto names = sleepKindNames();
    const auto found = llvm::find_if(names, [&](const auto &candidate) { return candidate.name == word.text; });
    if (found != names.end()) {
      kinds.push_back(found->value);
      continue;
    }
    std::vector<llvm::StringRef> spellings;
    for (const auto &candidate : names)
      spellings.push_back(candidate.name);
    record.error({record.location().file, word.line, word.column},
                 llvm::Twine("unknown kind ") + quoted(word.text) + suggestName(word.text, spellings));
  }
  llvm::sort(kinds);
  return kinds;
}

Measured readMeasured(RecordReader &rule, const RuleSource &source, std::vector<RuleError> &errors) {
  constexpr int most = 1000000;
  Measured measured;
  const SourceValue *value = rule.record("measured");
  if (!value)
    return measured;
  RecordReader reader(*value, "'measured'", source.file, errors);
  measured.kernel = reader.text("kernel");
  measured.tree = reader.optionalText("tree");
  measured.findings = reader.number("findings", 0, most);
  measured.judged = reader.number("judged", 0, most);
  measured.real = reader.number("real", 0, most);
  measured.cases = static_cast<unsigned>(reader.optionalNumber("cases", 0, most).value_or(0));
  if (measured.real > measured.judged || measured.judged > measured.findings)
    reader.error(reader.location(), "of the findings some are judged, and of these some are real; not the other way round");
  reader.finish();
  return measured;
}

std::vector<RuleSuggestion> readSuggestions(RecordReader &rule, const RuleSource &source,
                                            std::vector<RuleError> &errors) {
  std::vector<RuleSuggestion> suggestions;
  for (const SourceValue &value : rule.records("suggestions")) {
    RecordReader row(value, "a row of 'suggestions'", source.file, errors);
    RuleSuggestion suggestion{row.optionalText("when"), row.sentence("use"), row.sentence("why")};
    checkMessage(row, "use", suggestion.use, suggestionPlaceholders);
    checkMessage(row, "why", suggestion.why, suggestionPlaceholders);
    if (llvm::any_of(suggestions, [&](const RuleSuggestion &other) { return other.when == suggestion.when; }))
      row.error(row.location(), "another row of 'suggestions' is for the same case");
    row.finish();
    suggestions.push_back(std::move(suggestion));
  }
  return suggestions;
}

bool isRuleId(llvm::StringRef id) {
  return !id.empty() && llvm::isLower(id.front()) && id.back() != '-' &&
         llvm::all_of(id, [](char c) { return llvm::isLower(c) || llvm::isDigit(c) || c == '-'; });
}

void checkId(RecordReader &reader, const Rule &rule) {
  if (rule.id.empty())
    return;
  const llvm::StringRef stem = llvm::sys::path::stem(rule.location.file);
  if (!isRuleId(rule.id))
    reader.error(reader.locationOf("id"), "a rule's id is made of lower-case words and dashes");
  else if (rule.id != stem)
    reader.error(reader.locationOf("id"), llvm::Twine("rule '") + rule.id + "' is in a file named '" + stem +
                                              ".yaml'; the two names are the same");
}

} // namespace

void compileRule(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors) {
  RecordReader reader(source.root, "a rule", source.file, errors);
  if (source.root.kind != SourceValue::Kind::Map)
    return;
  Rule rule;
  rule.location = {source.file, 1, 1};
  rule.id = reader.text("id");
  checkId(reader, rule);
  if (reader.has("id"))
    rule.location = reader.locationOf("id");
  rule.title = reader.sentence("title");
  rule.severity = reader.oneOf<Severity>("severity", severities);
  rule.isDefault = reader.optionalFlag("default").value_or(true);
  rule.kinds = readKinds(reader);
  rule.message = reader.sentence("message");
  checkMessage(reader, "message", rule.message);
  rule.lockedMessage = reader.optionalText("message_locked");
  checkMessage(reader, "message_locked", rule.lockedMessage);
  rule.forbiddenMessage = reader.optionalText("message_forbidden");
  checkMessage(reader, "message_forbidden", rule.forbiddenMessage);
  rule.suggestions = readSuggestions(reader, source, errors);
  rule.why = reader.text("why");
  rule.bad = reader.text("bad");
  rule.good = reader.text("good");
  rule.suppress = reader.text("suppress");
  rule.source = plainTexts(reader.texts("source"));
  rule.claims = plainTexts(reader.optionalTexts("claims"));
  rule.scenarios = plainTexts(reader.optionalTexts("scenarios"));
  rule.measured = readMeasured(reader, source, errors);
  reader.finish();
  if (reader.isValid())
    rules.rules.push_back(std::move(rule));
}

void compileAdvice(const RuleSource &source, const ContextGroups &groups, RuleSet &rules,
                   std::vector<RuleError> &errors) {
  RecordReader file(source.root, "the decision table", source.file, errors);
  if (source.root.kind != SourceValue::Kind::Map)
    return;
  file.text("about");
  bool isCatchAll = false;
  for (const SourceValue &value : file.records("advice")) {
    RecordReader row(value, "a row of 'advice'", source.file, errors);
    if (isCatchAll)
      row.error(row.location(), "this row is never reached: the one before it has no conditions");
    MechanismAdvice advice;
    advice.contexts = readContexts(row, "contexts", groups);
    advice.kinds = readKinds(row);
    advice.isLockHeld = row.optionalFlag("lock_held");
    advice.mechanism = row.sentence("use");
    advice.why = row.sentence("why");
    advice.claims = plainTexts(row.texts("claims"));
    advice.location = row.location();
    row.finish();
    isCatchAll = advice.contexts.empty() && advice.kinds.empty() && !advice.isLockHeld;
    if (row.isValid())
      rules.advice.push_back(std::move(advice));
  }
  constexpr int mostPerSecond = 100'000'000;
  rules.frequentPerSecond =
      static_cast<unsigned>(file.optionalNumber("frequent_per_second", 1, mostPerSecond).value_or(0));
  for (const SourceValue &value : file.records("deferrals")) {
    RecordReader row(value, "a row of 'deferrals'", source.file, errors);
    if (value.kind == SourceValue::Kind::Map)
      compileDeferralAdvice(row, groups, rules);
  }
  if (!isCatchAll)
    file.error(file.locationOf("advice"), "the last row of 'advice' has no conditions, so that there always is one");
  file.finish();
}

namespace {

void readConditionalCalls(RecordReader &file, const RuleSource &source, std::vector<RuleError> &errors,
                          Calibration &calibration) {
  constexpr int mostUnits = 1000000, mostCalls = 1000;
  for (const SourceValue &value : file.records("conditional_calls")) {
    RecordReader row(value, "a row of 'conditional_calls'", source.file, errors);
    ConditionalCallLimit limit;
    if (std::optional<int> units = row.optionalNumber("units", 1, mostUnits))
      limit.units = static_cast<unsigned>(*units);
    limit.most = static_cast<unsigned>(row.number("most", 0, mostCalls));
    limit.mostInShort = static_cast<unsigned>(
        row.optionalNumber("most_in_short", static_cast<int>(limit.most), mostCalls).value_or(static_cast<int>(limit.most)));
    if (!calibration.conditionalCalls.empty() && limit.units <= calibration.conditionalCalls.back().units)
      row.error(row.location(), "rows of 'conditional_calls' are for ever larger modules; the last may be for any");
    row.finish();
    calibration.conditionalCalls.push_back(limit);
  }
}

void readChainLimits(RecordReader &file, const RuleSource &source, std::vector<RuleError> &errors,
                     Calibration &calibration) {
  constexpr int mostCalls = 1000;
  for (const SourceValue &value : file.records("chain_limits")) {
    RecordReader row(value, "a row of 'chain_limits'", source.file, errors);
    ChainLimit limit;
    limit.rule = row.text("rule");
    limit.most = static_cast<unsigned>(row.number("most", 0, mostCalls));
    limit.mostOfTwo = static_cast<unsigned>(
        row.optionalNumber("most_of_two", 0, mostCalls).value_or(static_cast<int>(limit.most)));
    row.finish();
    calibration.chainLimits.push_back(limit);
  }
}

} // namespace

void compileCalibration(const RuleSource &source, RuleSet &rules, std::vector<RuleError> &errors) {
  RecordReader file(source.root, "the calibration", source.file, errors);
  if (source.root.kind != SourceValue::Kind::Map)
    return;
  file.text("about");
  Calibration calibration;
  readConditionalCalls(file, source, errors, calibration);
  readChainLimits(file, source, errors, calibration);
  auto calls = [&](const char *key) { return static_cast<unsigned>(file.number(key, 0, 1000)); };
  calibration.longestTopHalf = static_cast<unsigned>(file.optionalNumber("longest_top_half", 1, 1000000).value_or(0));
  calibration.shortCalls = calls("short_calls");
  calibration.mostForeign = calls("most_foreign");
  calibration.mostForeignInShort = calls("most_foreign_in_short");
  calibration.contextFields = plainTexts(file.texts("context_fields"));
  calibration.coreFolders = plainTexts(file.texts("core_folders"));
  calibration.earlyBoot = plainTexts(file.texts("early_boot"));
  calibration.neverReturn = plainTexts(file.texts("never_return"));
  calibration.lastReference = plainTexts(file.texts("last_reference"));
  file.finish();
  if (file.isValid())
    rules.calibration = std::move(calibration);
}

} // namespace bhlint
