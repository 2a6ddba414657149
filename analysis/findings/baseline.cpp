#include "analysis/findings/baseline.h"

#include "analysis/findings/yaml_file.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <algorithm>

namespace bhlint {
namespace {

constexpr unsigned baselineVersion = 1;

struct BaselineFile {
  FormatVersion version{baselineVersion, baselineVersion, {}};
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
};

namespace bhlint {

llvm::Expected<Baseline> parseBaseline(llvm::StringRef text, llvm::StringRef name) {
  if (text.trim().empty())
    return yamlError(name + ":1:1: error: the baseline is empty; a new one has `version: " +
                     llvm::Twine(baselineVersion) + "` and `findings: []`");
  llvm::Expected<BaselineFile> file = readYaml<BaselineFile>(text, name, "a baseline");
  if (!file)
    return file.takeError();
  return Baseline{std::move(file->findings)};
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
