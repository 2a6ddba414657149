// Reading the YAML files that a project writes for bhlint (baselines, settings) with LLVM's parser: located errors, and
// no input that brings the parser down. Internal to findings/.
#pragma once

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"

#include <string>

namespace bhlint {

llvm::Error yamlError(const llvm::Twine &message);

/// The version of a file's format, of which one is known. What is wrong with it is said at its place.
struct FormatVersion {
  unsigned number = 0;
  unsigned known = 0;
  std::string problem; ///< lasts until it is told
};

/// An error when the text nests deeper than LLVM's recursive parser can take.
llvm::Error checkNesting(llvm::StringRef text, llvm::StringRef name);

/// For llvm::yaml::Input: keeps the first diagnostic, which is the cause of the others. LLVM locates a value that is
/// missing at what follows it; here it is told at its key.
class FirstDiagnostic {
public:
  explicit FirstDiagnostic(llvm::MemoryBufferRef buffer);
  /// `self`: the FirstDiagnostic.
  static void keep(const llvm::SMDiagnostic &diagnostic, void *self);
  llvm::StringRef text() const { return llvm::StringRef(first).rtrim(); } ///< empty: there was none

private:
  llvm::DenseMap<const char *, llvm::SMRange> keysWithoutValue; ///< by what follows them
  std::string first;
};

/// `text` as a T; `context` is what its traits get from IO::getContext(). `name` is the file's name for messages, which
/// have file, line, column and the offending line.
template <typename T>
llvm::Expected<T> readYaml(llvm::StringRef text, llvm::StringRef name, const char *kind, void *context = nullptr) {
  if (llvm::Error error = checkNesting(text, name))
    return error;
  const llvm::MemoryBufferRef buffer(text, name);
  FirstDiagnostic diagnostic(buffer);
  T value;
  llvm::yaml::Input input(buffer, context, FirstDiagnostic::keep, &diagnostic);
  input >> value;
  if (input.error())
    return yamlError(diagnostic.text().empty() ? name + ":1:1: error: not " + kind : llvm::Twine(diagnostic.text()));
  return value;
}

} // namespace bhlint

template <> struct llvm::yaml::ScalarTraits<bhlint::FormatVersion> {
  static void output(const bhlint::FormatVersion &version, void *, raw_ostream &out) { out << version.number; }
  static StringRef input(StringRef text, void *, bhlint::FormatVersion &version);
  static QuotingType mustQuote(StringRef) { return QuotingType::None; }
};
