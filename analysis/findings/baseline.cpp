#include "analysis/findings/baseline.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"

#include <algorithm>

namespace bhlint {
namespace {

constexpr unsigned baselineVersion = 1;

struct BaselineFile {
  unsigned version = baselineVersion;
  std::vector<BaselineEntry> findings;
};

} // namespace
} // namespace bhlint

LLVM_YAML_IS_SEQUENCE_VECTOR(bhlint::BaselineEntry)

template <> struct llvm::yaml::MappingTraits<bhlint::BaselineEntry> {
  static void mapping(IO &io, bhlint::BaselineEntry &entry) {
    io.mapRequired("fingerprint", entry.fingerprint);
    io.mapOptional("rule", entry.rule, std::string());
    io.mapOptional("file", entry.file, std::string());
    io.mapOptional("function", entry.function, std::string());
    io.mapOptional("sink", entry.sink, std::string());
    io.mapOptional("reason", entry.reason, std::string());
  }
  static std::string validate(IO &, bhlint::BaselineEntry &entry) {
    const bool isHex =
        !entry.fingerprint.empty() && llvm::all_of(entry.fingerprint, [](char c) { return llvm::isHexDigit(c); });
    return isHex ? "" : "a fingerprint is written in hexadecimal digits, as `bhlint check` prints it";
  }
};

template <> struct llvm::yaml::MappingTraits<bhlint::BaselineFile> {
  static void mapping(IO &io, bhlint::BaselineFile &file) {
    io.mapRequired("version", file.version);
    io.mapRequired("findings", file.findings);
  }
  static std::string validate(IO &, bhlint::BaselineFile &file) {
    if (file.version == bhlint::baselineVersion)
      return "";
    return "this is version " + std::to_string(file.version) + " of the format; this bhlint reads version " +
           std::to_string(bhlint::baselineVersion);
  }
};

namespace bhlint {
namespace {

/// Deeper than any baseline; below what LLVM's recursive parser can take.
constexpr unsigned maximalNesting = 64;

/// An upper bound of how deep the text nests: brackets anywhere, or the indicators and blanks that a line begins with.
/// The first line that is too deep, 0 = none.
unsigned firstLineTooDeep(llvm::StringRef text) {
  unsigned line = 0;
  unsigned brackets = 0;
  while (!text.empty()) {
    llvm::StringRef current;
    std::tie(current, text) = text.split('\n');
    ++line;
    brackets += current.count('[') + current.count('{');
    brackets -= std::min<unsigned>(brackets, current.count(']') + current.count('}'));
    const std::size_t indentation = std::min(current.find_first_not_of(" \t-?:"), current.size());
    const bool isDeep = brackets > maximalNesting || indentation > maximalNesting ||
                        current.count('[') + current.count('{') > maximalNesting;
    if (isDeep)
      return line;
  }
  return 0;
}

void collectDiagnostic(const llvm::SMDiagnostic &diagnostic, void *context) {
  auto &message = *static_cast<std::string *>(context);
  if (!message.empty()) // the first is the cause, the others mostly follow from it
    return;
  llvm::raw_string_ostream out(message);
  diagnostic.print(/*ProgName=*/nullptr, out, /*ShowColors=*/false);
}

llvm::Error badBaseline(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

} // namespace

llvm::Expected<Baseline> parseBaseline(llvm::StringRef text, llvm::StringRef name) {
  if (const unsigned line = firstLineTooDeep(text))
    return badBaseline(name + ":" + llvm::Twine(line) + ":1: error: nested too deep for a baseline");
  if (text.trim().empty())
    return badBaseline(name + ":1:1: error: the baseline is empty; a new one has `version: " +
                       llvm::Twine(baselineVersion) + "` and `findings: []`");
  std::string diagnostic;
  BaselineFile file;
  llvm::yaml::Input input(llvm::MemoryBufferRef(text, name), nullptr, collectDiagnostic, &diagnostic);
  input >> file;
  if (input.error())
    return badBaseline(diagnostic.empty() ? name.str() + ":1:1: error: not a baseline"
                                          : llvm::StringRef(diagnostic).rtrim());
  return Baseline{std::move(file.findings)};
}

void writeBaseline(const std::vector<Finding> &findings, const Baseline &previous, llvm::raw_ostream &out) {
  llvm::StringMap<std::string> reasons;
  for (const BaselineEntry &entry : previous.entries)
    reasons[entry.fingerprint] = entry.reason;
  BaselineFile file;
  for (const Finding &finding : findings)
    file.findings.push_back({finding.fingerprint, finding.rule, finding.place.file, finding.function, finding.sink,
                             reasons.lookup(finding.fingerprint)});
  // A column limit of 0 keeps long names on their line, which keeps diffs of the file small.
  llvm::yaml::Output output(out, nullptr, /*WrapColumn=*/0);
  output << file;
}

BaselineResult applyBaseline(const Baseline &baseline, std::vector<Finding> &findings) {
  llvm::StringSet<> known;
  for (const BaselineEntry &entry : baseline.entries)
    known.insert(entry.fingerprint);
  llvm::StringSet<> met;
  const std::size_t before = findings.size();
  std::erase_if(findings, [&](const Finding &finding) {
    if (!known.contains(finding.fingerprint))
      return false;
    met.insert(finding.fingerprint);
    return true;
  });
  BaselineResult result;
  result.accepted = static_cast<unsigned>(before - findings.size());
  for (const BaselineEntry &entry : baseline.entries)
    if (!met.contains(entry.fingerprint))
      result.stale.push_back(entry);
  return result;
}

} // namespace bhlint
