// Reading the YAML files that a project writes for bhlint (baselines, settings) with LLVM's parser: located errors, and
// no input that brings the parser down. Internal to findings/.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLTraits.h"

#include <string>

namespace bhlint {

llvm::Error yamlError(const llvm::Twine &message);

/// An error when the text nests deeper than LLVM's recursive parser can take.
llvm::Error checkNesting(llvm::StringRef text, llvm::StringRef name);

/// For llvm::yaml::Input: keeps the first diagnostic, which is the cause of the others. `context`: std::string *.
void keepFirstDiagnostic(const llvm::SMDiagnostic &diagnostic, void *context);

/// `text` as a T; `context` is what its traits get from IO::getContext(). `name` is the file's name for messages, which
/// have file, line, column and the offending line.
template <typename T>
llvm::Expected<T> readYaml(llvm::StringRef text, llvm::StringRef name, const char *kind, void *context = nullptr) {
  if (llvm::Error error = checkNesting(text, name))
    return error;
  std::string diagnostic;
  T value;
  llvm::yaml::Input input(llvm::MemoryBufferRef(text, name), context, keepFirstDiagnostic, &diagnostic);
  input >> value;
  if (input.error())
    return yamlError(diagnostic.empty() ? name + ":1:1: error: not " + kind
                                        : llvm::Twine(llvm::StringRef(diagnostic).rtrim()));
  return value;
}

} // namespace bhlint
