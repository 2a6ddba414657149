#include "analysis/findings/json_text.h"
#include "analysis/findings/story.h"
#include "analysis/findings/writers.h"

namespace bhlint {
namespace {

llvm::StringRef severityAtGitlab(Severity severity) {
  return severity == Severity::Error ? "critical" : severity == Severity::Warning ? "major" : "info";
}

void writeFinding(llvm::json::OStream &json, const Report &report, const Finding &finding) {
  const SourcePlace &place = finding.shownPlace();
  std::string description = finding.message;
  if (report.gate && finding.introduced)
    description += "; brought by " + patchOf(*report.gate, finding);
  std::string body;
  for (const std::string &line : storyOf(finding))
    body += line + "\n";
  writeString(json, "description", description);
  writeString(json, "check_name", finding.rule);
  writeString(json, "fingerprint", finding.fingerprint);
  writeString(json, "severity", severityAtGitlab(finding.severity));
  json.attributeObject("location", [&] {
    writeString(json, "path", place.file);
    json.attributeObject("lines", [&] { json.attribute("begin", std::max(place.line, 1u)); });
  });
  json.attributeObject("content", [&] { writeString(json, "body", body); });
}

} // namespace

void writeGitlab(const Report &report, llvm::raw_ostream &out) {
  llvm::json::OStream json(out, /*IndentSize=*/2);
  json.array([&] {
    for (const Finding &finding : report.findings)
      json.object([&] { writeFinding(json, report, finding); });
  });
  out << '\n';
}

} // namespace bhlint
