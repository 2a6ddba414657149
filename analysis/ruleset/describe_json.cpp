// `bhlint rules list | show --format json`.
#include "analysis/ruleset/describe.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace bhlint {

namespace {

using Json = llvm::json::OStream;

void writeText(Json &json, llvm::StringRef key, llvm::StringRef text) {
  json.attribute(key, llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text));
}

void writeList(Json &json, llvm::StringRef key, const std::vector<std::string> &texts) {
  json.attributeArray(key, [&] {
    for (const std::string &text : texts)
      json.value(llvm::json::isUTF8(text) ? text : llvm::json::fixUTF8(text));
  });
}

void writeMeasured(Json &json, const Measured &measured) {
  if (measured.kernel.empty())
    return;
  json.attributeObject("measured", [&] {
    writeText(json, "kernel", measured.kernel);
    if (!measured.tree.empty())
      writeText(json, "tree", measured.tree);
    json.attribute("findings", measured.findings);
    json.attribute("judged", measured.judged);
    json.attribute("real", measured.real);
    if (measured.judged != 0)
      json.attribute("precision", measured.precision());
    json.attribute("cases", measured.cases);
  });
}

void writeBrief(Json &json, const Rule &rule) {
  writeText(json, "id", rule.id);
  writeText(json, "title", rule.title);
  writeText(json, "severity", severityName(rule.severity));
  json.attribute("default", rule.isDefault);
  json.attributeArray("kinds", [&] {
    for (SleepKind kind : rule.kinds)
      json.value(llvm::StringRef(sleepKindName(kind)));
  });
  writeMeasured(json, rule.measured);
}

std::string written(llvm::function_ref<void(Json &)> write) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Json json(out, /*IndentSize=*/2);
  json.object([&] { write(json); });
  out << "\n";
  return text;
}

} // namespace

std::string listRulesAsJson(const RuleSet &rules) {
  return written([&](Json &json) {
    json.attributeArray("rules", [&] {
      for (const Rule &rule : rules.rules)
        json.object([&] { writeBrief(json, rule); });
    });
  });
}

std::string describeRuleAsJson(const Rule &rule) {
  return written([&](Json &json) {
    writeBrief(json, rule);
    writeText(json, "message", rule.message);
    writeText(json, "why", rule.why);
    writeText(json, "bad", rule.bad);
    writeText(json, "good", rule.good);
    writeText(json, "suppress", rule.suppress);
    writeList(json, "source", rule.source);
    writeList(json, "claims", rule.claims);
    writeList(json, "scenarios", rule.scenarios);
  });
}

} // namespace bhlint
