#include "driver/tidy/edited_unit.h"

#include "analysis/extract/compiler.h"
#include "analysis/extract/facts_action.h"
#include "analysis/shard/shard_file.h"

#include "clang/Basic/TargetInfo.h"
#include "clang/Lex/HeaderSearch.h"
#include "clang/Lex/HeaderSearchOptions.h"
#include "clang/Lex/PreprocessorOptions.h"

namespace bhlint {

std::shared_ptr<clang::CompilerInvocation> invocationOf(const clang::Preprocessor &preprocessor) {
  auto invocation = std::make_shared<clang::CompilerInvocation>();
  invocation->getLangOpts() = preprocessor.getLangOpts();
  invocation->getTargetOpts() = preprocessor.getTargetInfo().getTargetOpts();
  invocation->getHeaderSearchOpts() = preprocessor.getHeaderSearchInfo().getHeaderSearchOpts();
  invocation->getPreprocessorOpts() = preprocessor.getPreprocessorOpts();
  return invocation;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> filesOf(const clang::Preprocessor &preprocessor,
                                                        const Overlay &overlay) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto &[name, text] : overlay)
    memory->addFile(name, 0, llvm::MemoryBuffer::getMemBuffer(*text, name));
  auto files =
      llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(&preprocessor.getFileManager().getVirtualFileSystem());
  files->pushOverlay(memory);
  return files;
}

ExtractedUnit extractEdited(const clang::Preprocessor &preprocessor, const ExtractRequest &request,
                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  std::shared_ptr<clang::CompilerInvocation> invocation = invocationOf(preprocessor);
  invocation->getFrontendOpts().Inputs = {clang::FrontendInputFile(request.file, clang::Language::C)};
  ErrorRecorder errors;
  std::unique_ptr<clang::CompilerInstance> compiler =
      makeCompiler(std::move(invocation), request.directory, errors, std::move(files));
  ExtractResult result;
  FactsAction action(request, result);
  compiler->ExecuteAction(action);
  ExtractedUnit unit;
  unit.packed = packFacts(result.facts);
  if (errors.getNumErrors() != 0)
    unit.error = errors.first.empty() ? "it has errors" : errors.first;
  return unit;
}

} // namespace bhlint
