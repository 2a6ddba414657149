#include "analysis/ruleset/describe.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <algorithm>

namespace bhlint {

namespace {

/// `text` with every line indented, without blank lines at the end.
void appendIndented(std::string &out, llvm::StringRef text, llvm::StringRef indent) {
  llvm::SmallVector<llvm::StringRef> lines;
  text.rtrim().split(lines, '\n');
  for (llvm::StringRef line : lines) {
    if (!line.empty())
      out += (indent + line).str();
    out += '\n';
  }
}

void appendSection(std::string &out, llvm::StringRef title, llvm::StringRef text) {
  out += ("\n" + title + ":\n").str();
  appendIndented(out, text, "  ");
}

/// "tasklet, timer", or a name for the empty list.
template <class T, class Name> std::string nameList(const std::vector<T> &items, Name name, llvm::StringRef empty) {
  std::vector<std::string> names;
  for (const T &item : items)
    names.push_back(std::string(name(item)));
  return names.empty() ? empty.str() : llvm::join(names, ", ");
}

bool concerns(const MechanismAdvice &advice, const Rule &rule) {
  return !rule.kinds.empty() && (advice.kinds.empty() || llvm::any_of(advice.kinds, [&](SleepKind kind) {
                                   return llvm::is_contained(rule.kinds, kind);
                                 }));
}

void appendAdvice(std::string &out, const Rule &rule, const RuleSet &rules) {
  std::string text;
  for (const MechanismAdvice &advice : rules.advice) {
    if (!concerns(advice, rule))
      continue;
    std::string when = nameList(advice.contexts, contextName, "anywhere");
    if (advice.isLockHeld)
      when += *advice.isLockHeld ? ", a lock held" : ", no lock held";
    text += when + ":\n  use " + advice.mechanism + "\n";
  }
  if (!text.empty())
    appendSection(out, "Instead", text);
}

} // namespace

/// "31 findings in 6.12; 28 of 31 judged are real (90%); finds 4 known bugs"; empty: not measured.
static std::string measurementOf(const Measured &measured) {
  if (measured.kernel.empty())
    return {};
  auto count = [](unsigned number, const char *noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
  };
  std::string text = count(measured.findings, "finding") + " in " + measured.kernel;
  if (!measured.tree.empty())
    text += " (" + measured.tree + ")";
  if (measured.judged != 0)
    text += "; " + std::to_string(measured.real) + " of " + std::to_string(measured.judged) + " judged are real (" +
            std::to_string(measured.precision()) + "%)";
  if (measured.cases != 0)
    text += "; finds " + count(measured.cases, "known bug");
  return text;
}

std::string listRules(const RuleSet &rules) {
  std::size_t width = 0;
  for (const Rule &rule : rules.rules)
    width = std::max(width, rule.id.size());
  std::string out;
  for (const Rule &rule : rules.rules) {
    std::string severity(severityName(rule.severity));
    if (!rule.isDefault)
      severity += " (off by default)";
    out += rule.id + std::string(width - rule.id.size() + 2, ' ') + severity + "  " + rule.title + "\n";
    if (std::string measurement = measurementOf(rule.measured); !measurement.empty())
      out += std::string(width + 2, ' ') + measurement + "\n";
  }
  return out;
}

std::string describeRule(const Rule &rule, const RuleSet &rules) {
  std::string out = rule.id + ": " + rule.title + "\n";
  out += "severity: " + std::string(severityName(rule.severity)) + (rule.isDefault ? "" : ", off by default") + "\n";
  if (!rule.kinds.empty())
    out += "reports: " + nameList(rule.kinds, sleepKindName, "") + "\n";
  if (std::string measurement = measurementOf(rule.measured); !measurement.empty())
    out += "measured: " + measurement + "\n";
  appendSection(out, "Why", rule.why);
  appendSection(out, "Bad", rule.bad);
  appendSection(out, "Good", rule.good);
  appendAdvice(out, rule, rules);
  appendSection(out, "To suppress it", rule.suppress);
  appendSection(out, "Sources", llvm::join(rule.source, "\n"));
  return out;
}

std::string summarizeRules(const RuleSet &rules) {
  auto count = [](std::size_t number, llvm::StringRef noun) { return std::to_string(number) + " " + noun.str(); };
  return count(rules.rules.size(), "rules, ") + count(rules.sleeps.size(), "sleeping functions, ") +
         count(rules.effects.size(), "lock functions, ") + count(rules.callbacks.size(), "callback arguments, ") +
         count(rules.ops.size(), "callback fields, ") + count(rules.tests.size(), "context tests, ") +
         count(rules.advice.size(), "suggestions");
}

} // namespace bhlint
