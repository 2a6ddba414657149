#include "analysis/extract/extract.h"
#include "analysis/extract/compiler.h"
#include "analysis/extract/facts_action.h"
#include "analysis/extract/prelude.h"
#include "analysis/extract/with_prelude.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace bhlint {

using namespace clang;

namespace {

/// Evaluates `static const unsigned long long <prefix><n> = (X);` declarations of the query unit.
class ConstantsAction : public ASTFrontendAction {
public:
  explicit ConstantsAction(llvm::StringMap<std::uint64_t> &values) : values(values) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &, llvm::StringRef) override {
    struct Consumer : ASTConsumer {
      explicit Consumer(llvm::StringMap<std::uint64_t> &values) : values(values) {}
      void HandleTranslationUnit(ASTContext &context) override {
        for (const Decl *declaration : context.getTranslationUnitDecl()->noload_decls()) {
          const auto *variable = llvm::dyn_cast<VarDecl>(declaration);
          if (!variable || !variable->getInit() || variable->isInvalidDecl() || !variable->getDeclName() ||
              variable->getInit()->containsErrors())
            continue;
          Expr::EvalResult result;
          if (variable->getName().starts_with("bhlint_constant_") &&
              variable->getInit()->EvaluateAsInt(result, context))
            values[variable->getName()] = result.Val.getInt().getExtValue();
        }
      }
      llvm::StringMap<std::uint64_t> &values;
    };
    return std::make_unique<Consumer>(values);
  }

private:
  llvm::StringMap<std::uint64_t> &values;
};

} // namespace

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

std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                 llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  std::string text;
  llvm::StringSet<> headers;
  for (const ConstantQuery &query : queries)
    if (headers.insert(query.header).second)
      text += "#if __has_include(<" + query.header + ">)\n#include <" + query.header + ">\n#endif\n";
  for (std::size_t i = 0; i < queries.size(); ++i)
    text += "static const unsigned long long bhlint_constant_" + std::to_string(i) + " = (unsigned long long)(" +
            queries[i].name + ");\n";
  llvm::SmallString<256> path(request.directory);
  llvm::sys::path::append(path, "bhlint-constants.c");
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(fileSystem);
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  overlay->pushOverlay(memory);

  ExtractRequest query = request;
  query.file = path.str().str();
  ErrorRecorder errors;
  llvm::StringMap<std::uint64_t> values;
  if (std::unique_ptr<CompilerInstance> compiler = makeCompiler(query, errors, overlay)) {
    compiler->getDiagnosticOpts().ErrorLimit = 0; // constants that this kernel lacks are errors, and fine
    compiler->getDiagnostics().setErrorLimit(0);
    ConstantsAction action(values);
    compiler->ExecuteAction(action);
  }
  std::vector<std::pair<std::string, std::uint64_t>> result;
  for (std::size_t i = 0; i < queries.size(); ++i)
    if (auto found = values.find("bhlint_constant_" + std::to_string(i)); found != values.end())
      result.emplace_back(queries[i].name, found->second);
  return result;
}

} // namespace bhlint
