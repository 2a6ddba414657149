#include "analysis/findings/write_json.h"

#include "analysis/findings/json_text.h"

#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/JSON.h"

namespace bhlint {
namespace {

void writeStrings(llvm::json::OStream &json, llvm::StringRef key, const std::vector<std::string> &texts) {
  json.attributeArray(key, [&] {
    for (const std::string &text : texts)
      json.value(utf8(text));
  });
}

void writeRoot(llvm::json::OStream &json, const Root &root) {
  writeString(json, "function", root.function);
  writeString(json, "file", root.place.file);
  json.attribute("line", root.place.line);
  writeString(json, "why", root.why);
}

void writeStep(llvm::json::OStream &json, const ChainStep &step) {
  writeString(json, "function", step.function);
  writeString(json, "file", step.place.file);
  json.attribute("line", step.place.line);
  writeString(json, "what", step.what);
}

void writeEdit(llvm::json::OStream &json, const FindingEdit &edit) {
  writeString(json, "what", edit.what);
  if (!edit.note.empty())
    writeString(json, "note", edit.note);
  json.attributeArray("replacements", [&] {
    for (const Replacement &replacement : edit.replacements)
      json.object([&] {
        writeString(json, "file", replacement.file);
        json.attribute("offset", replacement.offset);
        json.attribute("length", replacement.length);
        json.attribute("line", replacement.line);
        json.attribute("column", replacement.column);
        json.attribute("endLine", replacement.endLine);
        json.attribute("endColumn", replacement.endColumn);
        writeString(json, "text", replacement.text);
      });
  });
}

void writeOtherSink(llvm::json::OStream &json, const OtherSink &other) {
  writeString(json, "file", other.place.file);
  json.attribute("line", other.place.line);
  json.attribute("column", other.place.column);
  writeString(json, "function", other.function);
  writeString(json, "sink", other.sink);
  writeString(json, "confidence", confidenceName(other.confidence));
  writeString(json, "fingerprint", other.fingerprint);
}

void writeFinding(llvm::json::OStream &json, const Finding &finding) {
  writeString(json, "rule", finding.rule);
  writeString(json, "file", finding.place.file);
  json.attribute("line", finding.place.line);
  json.attribute("column", finding.place.column);
  writeString(json, "function", finding.function);
  writeString(json, "sink", finding.sink);
  writeString(json, "context", finding.context);
  writeString(json, "confidence", confidenceName(finding.confidence));
  writeString(json, "severity", severityName(finding.severity));
  writeString(json, "fingerprint", finding.fingerprint);
  writeString(json, "message", finding.message);
  json.attributeObject("root", [&] { writeRoot(json, finding.root); });
  json.attributeArray("chain", [&] {
    for (const ChainStep &step : finding.chain)
      json.object([&] { writeStep(json, step); });
  });
  json.attributeObject("suggestion", [&] {
    writeString(json, "mechanism", finding.suggestion.mechanism);
    writeString(json, "why", finding.suggestion.why);
  });
  writeStrings(json, "assumptions", finding.assumptions);
  writeStrings(json, "evidence", finding.evidence);
  if (!finding.otherSinks.empty())
    json.attributeArray("otherSinks", [&] {
      for (const OtherSink &other : finding.otherSinks)
        json.object([&] { writeOtherSink(json, other); });
    });
  json.attribute("conditionalCalls", finding.conditionalCalls);
  writeString(json, "replay", replayStateName(finding.replay));
  if (finding.introduced)
    json.attributeObject("introduced", [&] {
      json.attribute("patch", finding.introduced->patch + 1);
      writeString(json, "file", finding.introduced->place.file);
      json.attribute("line", finding.introduced->place.line);
    });
  if (finding.edit)
    json.attributeObject("edit", [&] { writeEdit(json, *finding.edit); });
}

void writeFindings(llvm::json::OStream &json, llvm::StringRef key, const std::vector<Finding> &findings) {
  json.attributeArray(key, [&] {
    for (const Finding &finding : findings)
      json.object([&] { writeFinding(json, finding); });
  });
}

void writeGate(llvm::json::OStream &json, const Gate &gate) {
  writeString(json, "base", gate.base);
  writeString(json, "head", gate.head);
  json.attributeArray("patches", [&] {
    for (const Patch &patch : gate.patches)
      json.object([&] {
        writeString(json, "commit", patch.id);
        writeString(json, "subject", patch.subject);
        writeString(json, "author", patch.author);
      });
  });
  json.attribute("known", gate.known);
  json.attribute("allowed", gate.allowed);
  writeFindings(json, "fixed", gate.fixed);
  writeFindings(json, "transient", gate.transient);
}

void writeUnits(llvm::json::OStream &json, const Report &report) {
  json.attribute("analysed", report.unitsAnalysed);
  json.attributeArray("failed", [&] {
    for (const FailedUnit &unit : report.failedUnits)
      json.object([&] {
        writeString(json, "file", unit.file);
        writeString(json, "reason", unit.reason);
      });
  });
}

} // namespace

std::string_view replayStateName(ReplayState state) {
  switch (state) {
  case ReplayState::NotModelled:
    return "not-modelled";
  case ReplayState::Reproduced:
    return "reproduced";
  case ReplayState::NotReproduced:
    return "not-reproduced";
  }
  llvm_unreachable("not a ReplayState");
}

void writeJson(const Report &report, llvm::raw_ostream &out) {
  llvm::json::OStream json(out, /*IndentSize=*/2);
  json.object([&] {
    json.attributeObject("tool", [&] {
      writeString(json, "name", "bhlint");
      writeString(json, "version", report.toolVersion);
    });
    writeFindings(json, "findings", report.findings);
    if (report.gate) {
      json.attribute("notShown", report.notShown);
      json.attributeObject("gate", [&] { writeGate(json, *report.gate); });
    }
    json.attributeObject("units", [&] { writeUnits(json, report); });
  });
  out << '\n';
}

} // namespace bhlint
