#include "analysis/findings/yaml_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/YAMLParser.h"

#include <algorithm>

namespace bhlint {
namespace {

/// Deeper than any file of ours; below what LLVM's recursive parser can take.
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

/// Nodes are read in the order in which they stand.
void findKeysWithoutValue(llvm::yaml::Node &node, llvm::DenseMap<const char *, llvm::SMRange> &found) {
  if (auto *sequence = llvm::dyn_cast<llvm::yaml::SequenceNode>(&node)) {
    for (llvm::yaml::Node &item : *sequence)
      findKeysWithoutValue(item, found);
    return;
  }
  auto *mapping = llvm::dyn_cast<llvm::yaml::MappingNode>(&node);
  if (!mapping)
    return;
  for (llvm::yaml::KeyValueNode &entry : *mapping) {
    const llvm::yaml::Node *key = entry.getKey();
    llvm::yaml::Node *value = entry.getValue();
    if (!key || !value)
      return;
    if (llvm::isa<llvm::yaml::NullNode>(value))
      found[value->getSourceRange().Start.getPointer()] = key->getSourceRange();
    else
      findKeysWithoutValue(*value, found);
  }
}

} // namespace

llvm::Error yamlError(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

llvm::Error checkNesting(llvm::StringRef text, llvm::StringRef name) {
  if (const unsigned line = firstLineTooDeep(text))
    return yamlError(name + ":" + llvm::Twine(line) + ":1: error: nested too deep for such a file");
  return llvm::Error::success();
}

FirstDiagnostic::FirstDiagnostic(llvm::MemoryBufferRef buffer) {
  llvm::SourceMgr silent; // what is no YAML is told by who reads the values
  silent.setDiagHandler([](const llvm::SMDiagnostic &, void *) {});
  llvm::yaml::Stream stream(buffer, silent, /*ShowColors=*/false);
  for (llvm::yaml::Document &document : stream)
    if (llvm::yaml::Node *root = document.getRoot())
      findKeysWithoutValue(*root, keysWithoutValue);
}

void FirstDiagnostic::keep(const llvm::SMDiagnostic &diagnostic, void *self) {
  auto &kept = *static_cast<FirstDiagnostic *>(self);
  if (!kept.first.empty())
    return;
  llvm::raw_string_ostream out(kept.first);
  // What is missing has no text; with some, it is about what follows.
  const bool isAboutText =
      llvm::any_of(diagnostic.getRanges(), [](const auto &columns) { return columns.first != columns.second; });
  const auto key = kept.keysWithoutValue.find(diagnostic.getLoc().getPointer());
  if (isAboutText || key == kept.keysWithoutValue.end()) {
    diagnostic.print(/*ProgName=*/nullptr, out, /*ShowColors=*/false);
    return;
  }
  const char *begin = key->second.Start.getPointer();
  const llvm::StringRef name(begin, static_cast<std::size_t>(key->second.End.getPointer() - begin));
  diagnostic.getSourceMgr()
      ->GetMessage(key->second.Start, llvm::SourceMgr::DK_Error, "'" + name + "' has no value", key->second)
      .print(/*ProgName=*/nullptr, out, /*ShowColors=*/false);
}

} // namespace bhlint

llvm::StringRef llvm::yaml::ScalarTraits<bhlint::FormatVersion>::input(StringRef text, void *,
                                                                       bhlint::FormatVersion &version) {
  if (text.getAsInteger(10, version.number))
    version.problem = "invalid number";
  else if (version.number != version.known)
    version.problem = "this is version " + std::to_string(version.number) + " of the format; this bhlint reads version " +
                      std::to_string(version.known);
  return version.problem;
}
