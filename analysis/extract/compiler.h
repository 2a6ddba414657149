// One place that turns an ExtractRequest into a Clang compiler. Internal to extract/.
#pragma once

#include "analysis/extract/extract.h"

#include "clang/Basic/Diagnostic.h"
#include "clang/Frontend/CompilerInstance.h"

#include <memory>
#include <set>
#include <string>

namespace bhlint {

/// Counts errors and keeps the first; prints nothing.
class ErrorRecorder : public clang::DiagnosticConsumer {
public:
  void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic &info) override;
  std::string first;
  std::set<unsigned> mainFileLines; ///< lines of the main file that lead to errors, through #includes; 0 = none
};

/// Sets a compiler up for one command; null when the command makes no compile job (errors.first says why).
std::unique_ptr<clang::CompilerInstance> makeCompiler(const ExtractRequest &request, ErrorRecorder &errors,
                                                      llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

} // namespace bhlint
