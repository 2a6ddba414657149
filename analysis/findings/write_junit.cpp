#include "analysis/findings/escape.h"
#include "analysis/findings/story.h"
#include "analysis/findings/writers.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

namespace bhlint {
namespace {

/// Control characters can't be written in XML 1.0 at all, so they are escaped first as for a terminal.
std::string xml(llvm::StringRef text) {
  std::string escaped;
  llvm::raw_string_ostream out(escaped);
  llvm::printHTMLEscaped(escapeForTerminal(text), out);
  return escaped;
}

void openCase(llvm::StringRef group, llvm::StringRef name, llvm::raw_ostream &out) {
  out << "    <testcase classname=\"" << xml(group) << "\" name=\"" << xml(name) << "\"";
}

void writeFinding(const Report &report, const Finding &finding, llvm::raw_ostream &out) {
  const SourcePlace &place = finding.shownPlace();
  openCase(place.file, finding.rule + ": " + finding.function + "() calls " + finding.sink + "() [" +
                           finding.fingerprint + "]", out);
  out << " file=\"" << xml(place.file) << "\" line=\"" << place.line << "\">\n      <failure type=\""
      << severityName(finding.severity) << "\" message=\"" << xml(finding.message) << "\">\n";
  if (report.gate && finding.introduced)
    out << xml(placeText(place) + ": brought by " + patchOf(*report.gate, finding)) << '\n';
  for (const std::string &line : storyOf(finding))
    out << xml(line) << '\n';
  out << "</failure>\n    </testcase>\n";
}

void writeFailedUnit(const FailedUnit &unit, llvm::raw_ostream &out) {
  openCase(unit.file, "is analysed", out);
  out << ">\n      <error type=\"not analysed\" message=\"" << xml(unit.reason) << "\"/>\n    </testcase>\n";
}

/// The names of the cases that pass.
std::vector<std::string> passed(const Report &report) {
  if (!report.gate)
    return report.findings.empty() ? std::vector<std::string>{"no findings"} : std::vector<std::string>{};
  std::set<unsigned> guilty;
  for (const Finding &finding : report.findings)
    if (finding.introduced)
      guilty.insert(finding.introduced->patch);
  std::vector<std::string> names;
  for (unsigned i = 0; i < report.gate->patches.size(); ++i)
    if (!guilty.contains(i) && report.notShown == 0)
      names.push_back(std::to_string(i + 1) + "/" + std::to_string(report.gate->patches.size()) + " " +
                      report.gate->patches[i].subject);
  return names;
}

} // namespace

void writeJunit(const Report &report, llvm::raw_ostream &out) {
  const std::vector<std::string> clean = passed(report);
  const std::size_t tests = report.findings.size() + report.failedUnits.size() + clean.size();
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"bhlint\" tests=\"" << tests
      << "\" failures=\"" << report.findings.size() << "\" errors=\"" << report.failedUnits.size() << "\">\n";
  for (const Finding &finding : report.findings)
    writeFinding(report, finding, out);
  for (const FailedUnit &unit : report.failedUnits)
    writeFailedUnit(unit, out);
  for (const std::string &name : clean) {
    openCase(report.gate ? "patch" : "bhlint", name, out);
    out << "/>\n";
  }
  out << "  </testsuite>\n</testsuites>\n";
}

} // namespace bhlint
