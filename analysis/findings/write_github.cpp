#include "analysis/findings/escape.h"
#include "analysis/findings/story.h"
#include "analysis/findings/writers.h"

#include "llvm/ADT/StringExtras.h"

namespace bhlint {
namespace {

/// In a workflow command, % stands for itself only when it is written %25; in a property, so do : and ,.
std::string propertyText(llvm::StringRef text) {
  std::string escaped;
  for (const char c : escapeForTerminal(text)) {
    if (c == '%' || c == ':' || c == ',')
      escaped += "%" + llvm::utohexstr(static_cast<unsigned char>(c), /*LowerCase=*/false, /*Width=*/2);
    else
      escaped += c;
  }
  return escaped;
}

std::string messageText(llvm::StringRef text) {
  std::string escaped;
  for (const char c : escapeForTerminal(text))
    escaped += c == '%' ? std::string("%25") : std::string(1, c);
  return escaped;
}

constexpr llvm::StringLiteral lineEnd = "%0A";

llvm::StringRef commandOf(Severity severity) {
  return severity == Severity::Error ? "error" : severity == Severity::Warning ? "warning" : "notice";
}

void writeFinding(const Report &report, const Finding &finding, llvm::raw_ostream &out) {
  const SourcePlace &place = finding.shownPlace();
  out << "::" << commandOf(finding.severity) << " file=" << propertyText(place.file);
  if (place.line != 0)
    out << ",line=" << place.line;
  if (place.line != 0 && place.column != 0)
    out << ",col=" << place.column;
  out << ",title=" << propertyText(finding.rule) << "::" << messageText(finding.message);
  if (report.gate && finding.introduced)
    out << lineEnd << messageText("brought by " + patchOf(*report.gate, finding));
  for (const std::string &line : storyOf(finding))
    out << lineEnd << messageText(line);
  out << '\n';
}

} // namespace

void writeGithub(const Report &report, llvm::raw_ostream &out) {
  for (const Finding &finding : report.findings)
    writeFinding(report, finding, out);
  for (const FailedUnit &unit : report.failedUnits)
    out << "::warning file=" << propertyText(unit.file) << ",title=not analysed::" << messageText(unit.reason) << '\n';
  if (report.notShown != 0)
    out << "::notice title=bhlint::" << messageText(counted(report.notShown, "more new finding") + " not shown") << '\n';
}

} // namespace bhlint
