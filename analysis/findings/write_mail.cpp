#include "analysis/findings/defects.h"
#include "analysis/findings/escape.h"
#include "analysis/findings/story.h"
#include "analysis/findings/writers.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"

#include <map>

namespace bhlint {
namespace {

/// A header's text: RFC 2047 where it isn't ASCII. A line end would begin another header.
std::string header(llvm::StringRef text) {
  const std::string line = escapeForTerminal(text);
  return llvm::all_of(line, [](char c) { return llvm::isASCII(c); }) ? line
                                                                     : "=?utf-8?B?" + llvm::encodeBase64(line) + "?=";
}

/// An address is put into a header only when it is nothing but one.
bool isAddress(llvm::StringRef text) {
  auto [name, rest] = text.split(" <");
  return rest.ends_with(">") && rest.contains('@') && !rest.drop_back().contains('>') &&
         llvm::all_of(text, [](char c) { return llvm::isPrint(c) && !llvm::StringRef(",;:\"()\\").contains(c); });
}

void writeField(llvm::StringRef name, llvm::StringRef value, llvm::raw_ostream &out) {
  constexpr std::size_t width = 11;
  if (!value.empty())
    out << llvm::left_justify((name + ":").str(), width) << escapeForTerminal(value) << '\n';
}

std::string commitLine(const Gate &gate, unsigned patch) {
  const Patch &which = gate.patches[patch];
  const std::string number =
      "[" + std::to_string(patch + 1) + "/" + std::to_string(gate.patches.size()) + "] " + which.subject;
  return which.id.empty() ? number : which.id + " " + number;
}

struct ChainLine {
  std::string function;
  std::string remark;
};

/// A call leads to the next function, which says it all; anything else is a remark on the function that it happens in,
/// or on what sleeps in the end.
ChainLine lineOf(llvm::ArrayRef<Note> steps, const std::string &sink) {
  const Note &step = steps.front();
  const std::string &next = steps.size() > 1 ? steps[1].function : sink;
  if (step.text == step.function + "() calls " + next + "()")
    return {next, ""};
  for (const std::string &name : {step.function, sink})
    if (llvm::StringRef remark = step.text; !name.empty() && remark.consume_front(name + "() "))
      return {name, remark.str()};
  return {"", step.text};
}

/// X() <- takes &x->lock with spin_lock()
/// -> Y()
///    -> mutex_lock() <- sleeps
void writeChain(const Finding &finding, llvm::raw_ostream &out) {
  std::string current;
  unsigned depth = 0;
  const std::vector<Note> steps = witnessOf(finding);
  for (const Note &step : steps) {
    ChainLine line = lineOf(llvm::ArrayRef(steps).drop_front(&step - steps.data()), finding.sink);
    const bool isDeeper = !line.function.empty() && !current.empty() && line.function != current;
    depth += isDeeper ? 1 : 0;
    constexpr unsigned deepest = 12; // recursion must not run off the page
    const unsigned shown = std::min(depth, deepest);
    out << "   " << std::string(shown == 0 ? 0 : 3 * (shown - 1), ' ') << (shown == 0 ? "" : "-> ");
    out << (line.function.empty() ? "" : escapeForTerminal(line.function) + "()");
    if (!line.remark.empty())
      out << (line.function.empty() ? "" : " ") << "<- " << escapeForTerminal(line.remark);
    out << "   (" << escapeForTerminal(placeText({step.place.file, step.place.line, 0})) << ")\n";
    if (!line.function.empty())
      current = line.function;
  }
}

void writeFinding(const Report &report, const Finding &finding, llvm::raw_ostream &out) {
  if (report.gate && report.gate->patches.size() > 1)
    out << "commit " << escapeForTerminal(commitLine(*report.gate, finding.introduced->patch)) << "\n\n";
  out << ">> " << escapeForTerminal(placeText(finding.shownPlace())) << ": " << severityName(finding.severity) << ": "
      << escapeForTerminal(finding.message) << " [" << escapeForTerminal(finding.rule) << "]\n\n";
  writeChain(finding, out);
  out << '\n';
  if (const std::string others = otherSinksText(finding); !others.empty())
    out << "   the same call also leads to " << escapeForTerminal(others) << '\n';
  for (const std::string &assumption : finding.assumptions)
    out << "   " << confidenceName(finding.confidence) << " confidence: " << escapeForTerminal(assumption) << '\n';
  if (const std::string advice = adviceOf(finding); !advice.empty())
    out << "   instead: " << escapeForTerminal(advice) << "\n\n";
}

void writeHeaders(const Report &report, llvm::raw_ostream &out) {
  const Gate *gate = report.gate ? &*report.gate : nullptr;
  std::string subject = "bhlint: " + counted(report.findings.size() + report.notShown, "finding");
  if (gate && !report.findings.empty()) {
    const Patch &first = gate->patches[report.findings.front().introduced->patch];
    if (isAddress(first.author))
      out << "To: " << first.author << '\n';
    if (!first.subject.empty())
      subject = "Re: " + first.subject;
  }
  out << "Subject: " << header(subject)
      << "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
}

void writeTested(const Report &report, llvm::raw_ostream &out) {
  const Gate *gate = report.gate ? &*report.gate : nullptr;
  if (gate) {
    writeField("tree", gate->tree, out);
    writeField("base", gate->base, out);
    writeField("head", gate->head, out);
    std::map<unsigned, bool> guilty;
    for (const Finding &finding : report.findings)
      guilty[finding.introduced->patch] = true;
    for (const auto &[patch, isGuilty] : guilty)
      writeField("commit", commitLine(*gate, patch), out);
    writeField("config", gate->config, out);
  }
  writeField("checker", "bhlint " + report.toolVersion, out);
  if (gate)
    writeField("reproduce", gate->reproduce, out);
}

} // namespace

void writeMail(const Report &report, llvm::raw_ostream &out) {
  writeHeaders(report, out);
  if (report.findings.empty()) {
    out << "bhlint found nothing new.\n\n";
    writeTested(report, out);
    return;
  }
  out << "Hi,\n\nbhlint noticed code that may sleep where it must not:\n\n";
  writeTested(report, out);
  out << "\nIf you fix the issue in a separate patch/commit (i.e. not just a new version of\nthe same patch/commit), "
         "kindly add the following tag\n| Reported-by: bhlint\n\n";
  out << (report.gate ? "All findings (new ones prefixed by >>):\n\n" : "All findings:\n\n");
  for (const Finding &finding : report.findings)
    writeFinding(report, finding, out);
  if (report.notShown != 0)
    out << "and " << counted(report.notShown, "more finding") << " (--limit 0 shows all)\n";
}

} // namespace bhlint
