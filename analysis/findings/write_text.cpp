#include "analysis/findings/write_text.h"

#include "analysis/findings/escape.h"
#include "analysis/findings/story.h"

#include "llvm/ADT/Twine.h"

namespace bhlint {
namespace {

void writeLine(const SourcePlace &place, llvm::StringRef level, const llvm::Twine &message, llvm::raw_ostream &out) {
  if (!place.file.empty())
    out << escapeForTerminal(placeText(place)) << ": ";
  out << level << ": " << escapeForTerminal(message.str()) << '\n';
}

void writeHead(const Finding &finding, llvm::raw_ostream &out) {
  writeLine(finding.shownPlace(), severityName(finding.severity),
            llvm::Twine(finding.message) + " [" + finding.rule + "]", out);
}

void writeNotes(const Finding &finding, llvm::raw_ostream &out) {
  for (const Note &note : notesOf(finding))
    writeLine(note.place, "note", note.text, out);
}

void writeUnits(const Report &report, llvm::raw_ostream &out) {
  out << counted(report.unitsAnalysed, "unit");
  if (!report.failedUnits.empty())
    out << "; " << counted(report.failedUnits.size(), "unit") << " could not be analysed";
  out << '\n';
}

/// What nobody has to mend, but is good to know: a line each.
void writeOld(const std::vector<Finding> &findings, llvm::StringRef what, llvm::raw_ostream &out) {
  for (const Finding &finding : findings)
    out << what << ": " << escapeForTerminal(placeText(finding.place) + ": " + finding.message) << " ["
        << escapeForTerminal(finding.rule) << "]\n";
}

void writeGate(const Report &report, const Gate &gate, llvm::raw_ostream &out) {
  for (const Finding &finding : report.findings)
    writeText(finding, gate, out);
  if (report.notShown != 0)
    out << "and " << report.notShown << " more (--limit 0 shows all)\n";
  writeOld(gate.fixed, "fixed", out);
  writeOld(gate.transient, "brought and mended within the series", out);
  const std::size_t count = gate.patches.size();
  out << counted(report.findings.size() + report.notShown, "new finding") << " in " << count
      << (count == 1 ? " patch" : " patches") << "; " << gate.fixed.size() << " fixed, " << gate.known << " known";
  if (gate.allowed != 0)
    out << ", " << gate.allowed << " allowed by comments";
  out << "; ";
  writeUnits(report, out);
}

} // namespace

void writeText(const Finding &finding, llvm::raw_ostream &out) {
  writeHead(finding, out);
  writeNotes(finding, out);
}

void writeText(const Finding &finding, const Gate &gate, llvm::raw_ostream &out) {
  writeHead(finding, out);
  writeLine(finding.shownPlace(), "note", "brought by " + patchOf(gate, finding), out);
  if (finding.shownPlace() != finding.place)
    writeLine(finding.place, "note", finding.sink + "() is called here", out);
  writeNotes(finding, out);
}

void writeText(const Report &report, llvm::raw_ostream &out) {
  if (report.gate)
    return writeGate(report, *report.gate, out);
  for (const Finding &finding : report.findings)
    writeText(finding, out);
  out << counted(report.findings.size(), "finding") << " in ";
  writeUnits(report, out);
}

} // namespace bhlint
