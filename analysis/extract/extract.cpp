#include "analysis/extract/extract.h"
#include "analysis/extract/compiler.h"
#include "analysis/extract/facts_action.h"
#include "analysis/extract/prelude.h"
#include "analysis/extract/with_prelude.h"

#include "clang/Frontend/CompilerInstance.h"

namespace bhlint {

using namespace clang;

ExtractResult extractUnit(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  if (request.prelude)
    if (std::optional<ExtractResult> result = extractWithPrelude(request, *request.prelude, fileSystem))
      return std::move(*result);
  if (request.prelude && request.smallerPrelude)
    if (std::shared_ptr<const Prelude> smaller = request.smallerPrelude())
      if (std::optional<ExtractResult> result = extractWithPrelude(request, *smaller, fileSystem))
        return std::move(*result);
  ExtractResult result;
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(request, errors, std::move(fileSystem));
  if (compiler) {
    FactsAction action(request, result);
    compiler->ExecuteAction(action);
  }
  tidyInputs(result.inputs, request.directory);
  result.errors = errors.getNumErrors() + (compiler ? 0 : 1);
  result.firstError = errors.first;
  return result;
}

} // namespace bhlint
