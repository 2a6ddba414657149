#include "analysis/findings/yaml_file.h"

#include "llvm/ADT/StringExtras.h"

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

} // namespace

llvm::Error yamlError(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

llvm::Error checkNesting(llvm::StringRef text, llvm::StringRef name) {
  if (const unsigned line = firstLineTooDeep(text))
    return yamlError(name + ":" + llvm::Twine(line) + ":1: error: nested too deep for such a file");
  return llvm::Error::success();
}

void keepFirstDiagnostic(const llvm::SMDiagnostic &diagnostic, void *context) {
  auto &message = *static_cast<std::string *>(context);
  if (!message.empty())
    return;
  llvm::raw_string_ostream out(message);
  diagnostic.print(/*ProgName=*/nullptr, out, /*ShowColors=*/false);
}

} // namespace bhlint
