#include "analysis/findings/write_text.h"

#include "analysis/findings/escape.h"

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

/// The root, then the chain; where the chain begins with the root's own words (a lock is taken), they are said once.
void writeWitness(const Finding &finding, llvm::raw_ostream &out) {
  const Root &root = finding.root;
  if (!root.why.empty())
    writeLine(root.place, "note", root.why, out);
  for (const ChainStep &step : finding.chain)
    if (&step != &finding.chain.front() || step.place != root.place || step.what != root.why)
      writeLine(step.place, "note", step.what, out);
}

void writeSuggestion(const Finding &finding, llvm::raw_ostream &out) {
  const Suggestion &suggestion = finding.suggestion;
  if (suggestion.mechanism.empty())
    return;
  // The place to change is mostly where the root was registered, not where it sleeps.
  const SourcePlace &place = finding.root.place.file.empty() ? finding.place : finding.root.place;
  const std::string reason = suggestion.why.empty() ? "" : ": " + suggestion.why;
  writeLine(place, "note", "instead: " + suggestion.mechanism + reason, out);
}

void writeTrust(const Finding &finding, llvm::raw_ostream &out) {
  for (const std::string &assumption : finding.assumptions)
    writeLine(finding.place, "note",
              llvm::Twine(std::string(confidenceName(finding.confidence))) + " confidence: " + assumption, out);
  if (finding.replay == ReplayState::NotReproduced)
    writeLine(finding.place, "note", "the runtime model did not reproduce it", out);
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
  writeWitness(finding, out);
  writeTrust(finding, out);
  writeSuggestion(finding, out);
}

void writeText(const Report &report, llvm::raw_ostream &out) {
  for (const Finding &finding : report.findings)
    writeText(finding, out);
  writeCount(report, out);
}

} // namespace bhlint
