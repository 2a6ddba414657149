#include "analysis/ruleset/row_fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

std::vector<llvm::StringRef> contextNames(const ContextGroups &groups) {
  std::vector<llvm::StringRef> names;
  for (unsigned i = 0; i < contextCount; ++i)
    names.push_back(contextName(static_cast<Context>(i)));
  for (const auto &[name, contexts] : groups)
    names.push_back(name);
  return names;
}

bool isIdentifier(llvm::StringRef text) {
  return !text.empty() && !llvm::isDigit(text.front()) &&
         llvm::all_of(text, [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

void checkIdentifier(RecordReader &record, llvm::StringRef key, const RuleLocation &where, llvm::StringRef text) {
  if (!text.empty() && !isIdentifier(text))
    record.error(where, llvm::Twine("'") + key + "' names a C identifier, not " + quoted(text));
}

RuleLocation placeOf(const RecordReader &record, const SourceText &text) {
  return {record.location().file, text.line, text.column};
}

/// "6.12" -> 6012.
unsigned readVersion(RecordReader &record, llvm::StringRef key) {
  const std::string text = record.optionalText(key);
  if (text.empty())
    return 0;
  auto [majorText, minorText] = llvm::StringRef(text).split('.');
  unsigned major = 0;
  unsigned minor = 0;
  if (majorText.getAsInteger(10, major) || minorText.getAsInteger(10, minor) || major == 0 || major > 1000 ||
      minor > 999) {
    record.error(record.locationOf(key),
                 llvm::Twine("'") + key + "' is a kernel version such as 6.12, not " + quoted(text));
    return 0;
  }
  return major * 1000 + minor;
}

bool isEvidence(llvm::StringRef text) {
  auto [path, line] = text.rsplit(':');
  unsigned number = 0;
  return !path.empty() && !line.getAsInteger(10, number) && number > 0 && !path.contains(' ');
}

constexpr NamedValue<Confidence> confidences[] = {
    {"low", Confidence::Low}, {"medium", Confidence::Medium}, {"high", Confidence::High}};
constexpr NamedValue<SleepKind> sleepKinds[] = {{"sleep", SleepKind::Sleep},
                                                {"mutex", SleepKind::Mutex},
                                                {"allocation", SleepKind::Allocation},
                                                {"uaccess", SleepKind::UserAccess}};

} // namespace

std::span<const NamedValue<SleepKind>> sleepKindNames() { return sleepKinds; }

Context readContext(RecordReader &record, llvm::StringRef key) {
  const std::string name = record.text(key);
  if (std::optional<Context> context = contextFromName(name))
    return *context;
  if (!name.empty())
    record.error(record.locationOf(key),
                 llvm::Twine("unknown context ") + quoted(name) + suggestName(name, contextNames({})));
  return Context::Process;
}

std::vector<Context> readContexts(RecordReader &record, llvm::StringRef key, const ContextGroups &groups) {
  std::vector<Context> contexts;
  for (const SourceText &word : record.optionalTexts(key)) {
    if (std::optional<Context> context = contextFromName(word.text))
      contexts.push_back(*context);
    else if (auto group = groups.find(word.text); group != groups.end())
      llvm::append_range(contexts, group->second);
    else
      record.error(placeOf(record, word),
                   llvm::Twine("unknown context ") + quoted(word.text) + suggestName(word.text, contextNames(groups)));
  }
  llvm::sort(contexts);
  contexts.erase(std::unique(contexts.begin(), contexts.end()), contexts.end());
  return contexts;
}

KernelRange readKernelRange(RecordReader &record) {
  KernelRange kernels{readVersion(record, "since"), readVersion(record, "until")};
  if (kernels.until != 0 && kernels.until < kernels.since)
    record.error(record.locationOf("until"), "'until' is before 'since'");
  return kernels;
}

Provenance readProvenance(RecordReader &record) {
  Provenance provenance;
  for (const SourceText &text : record.texts("evidence")) {
    if (!isEvidence(text.text))
      record.error(placeOf(record, text),
                   llvm::Twine("evidence is path:line in the kernel tree, not ") + quoted(text.text));
    provenance.evidence.push_back(text.text);
  }
  provenance.confidence = record.oneOf<Confidence>("confidence", confidences, Confidence::High);
  provenance.kernels = readKernelRange(record);
  provenance.location = record.location();
  return provenance;
}

std::string readIdentifier(RecordReader &record, llvm::StringRef key) {
  std::string text = record.text(key);
  checkIdentifier(record, key, record.locationOf(key), text);
  return text;
}

std::string readOptionalIdentifier(RecordReader &record, llvm::StringRef key) {
  std::string text = record.optionalText(key);
  checkIdentifier(record, key, record.locationOf(key), text);
  return text;
}

std::vector<SourceText> readIdentifiers(RecordReader &record, llvm::StringRef key) {
  std::vector<SourceText> texts = record.texts(key);
  for (const SourceText &text : texts)
    checkIdentifier(record, key, placeOf(record, text), text.text);
  return texts;
}

std::vector<SourceText> readOptionalIdentifiers(RecordReader &record, llvm::StringRef key) {
  std::vector<SourceText> texts = record.optionalTexts(key);
  for (const SourceText &text : texts)
    checkIdentifier(record, key, placeOf(record, text), text.text);
  return texts;
}

Provenance provenanceAt(const Provenance &provenance, const SourceText &text) {
  Provenance result = provenance;
  result.location.line = text.line;
  result.location.column = text.column;
  return result;
}

std::vector<std::string> plainTexts(const std::vector<SourceText> &texts) {
  std::vector<std::string> result;
  for (const SourceText &text : texts)
    result.push_back(text.text);
  return result;
}

} // namespace bhlint
