#include "analysis/findings/write_text.h"

#include "analysis/findings/escape.h"
#include "analysis/findings/notes.h"

#include "llvm/ADT/Twine.h"

namespace bhlint {
namespace {

void writeLine(const SourcePlace &place, llvm::StringRef level, const llvm::Twine &message, llvm::raw_ostream &out) {
  if (!place.file.empty()) {
    out << escapeForTerminal(place.file) << ':';
    if (place.line != 0)
      out << place.line << ':';
    if (place.line != 0 && place.column != 0)
      out << place.column << ':';
    out << ' ';
  }
  out << level << ": " << escapeForTerminal(message.str()) << '\n';
}

void writeCount(const Report &report, llvm::raw_ostream &out) {
  const auto plural = [](std::size_t count, llvm::StringRef noun) {
    return (llvm::Twine(count) + " " + noun + (count == 1 ? "" : "s")).str();
  };
  out << plural(report.findings.size(), "finding") << " in " << plural(report.unitsAnalysed, "unit");
  if (!report.failedUnits.empty())
    out << "; " << plural(report.failedUnits.size(), "unit") << " could not be analysed";
  out << '\n';
}

} // namespace

void writeText(const Finding &finding, llvm::raw_ostream &out) {
  writeLine(finding.place, finding.confidence == Confidence::High ? "error" : "warning",
            llvm::Twine(finding.message) + " [" + finding.rule + "]", out);
  for (const Note &note : notesOf(finding))
    writeLine(note.place, "note", note.text, out);
}

void writeText(const Report &report, llvm::raw_ostream &out) {
  for (const Finding &finding : report.findings)
    writeText(finding, out);
  writeCount(report, out);
}

} // namespace bhlint
