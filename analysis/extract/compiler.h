// One place that turns an ExtractRequest into a Clang compiler. Internal to extract/.
#pragma once

#include "analysis/extract/extract.h"

#include "clang/Basic/Diagnostic.h"
#include "clang/Frontend/CompilerInstance.h"
#include "llvm/ADT/StringSet.h"

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
  llvm::StringSet<> names;          ///< that errors are about
};

bool isMacroOption(llvm::StringRef argument);      ///< -D, -U
llvm::StringRef macroOf(llvm::StringRef argument); ///< the macro's name of such an option

/// Sets a compiler up for one command; null when the command makes no compile job (errors.first says why).
std::unique_ptr<clang::CompilerInstance> makeCompiler(const ExtractRequest &request, ErrorRecorder &errors,
                                                      llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

/// The same for options that are there already. `directory`: what relative paths in them are relative to.
std::unique_ptr<clang::CompilerInstance> makeCompiler(std::shared_ptr<clang::CompilerInvocation> invocation,
                                                      llvm::StringRef directory, ErrorRecorder &errors,
                                                      llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

/// Makes it start from the prelude. All errors are counted: they say what clashes with it.
void usePrelude(clang::CompilerInstance &compiler, const Prelude &prelude);

} // namespace bhlint
