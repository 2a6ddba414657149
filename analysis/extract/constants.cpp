// Constants of the tree, evaluated by a unit made for it.
#include "analysis/extract/compiler.h"
#include "analysis/extract/unit_facts.h"

#include "clang/Frontend/FrontendActions.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace bhlint {

using namespace clang;

namespace {

constexpr llvm::StringLiteral constantPrefix = "bhlint_constant_";

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
          if (variable->getName().starts_with(constantPrefix) && variable->getInit()->EvaluateAsInt(result, context))
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

/// The unit that asks, in a file system that has it.
struct QueryUnit {
  std::string path;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files;
};

QueryUnit queryUnit(llvm::StringRef directory, const std::vector<ConstantQuery> &queries,
                    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  std::string text;
  llvm::StringSet<> headers;
  for (const ConstantQuery &query : queries)
    if (headers.insert(query.header).second)
      text += "#if __has_include(<" + query.header + ">)\n#include <" + query.header + ">\n#endif\n";
  for (std::size_t i = 0; i < queries.size(); ++i)
    text += ("static const unsigned long long " + constantPrefix).str() + std::to_string(i) +
            " = (unsigned long long)(" + queries[i].name + ");\n";
  llvm::SmallString<256> path(directory);
  llvm::sys::path::append(path, "bhlint-constants.c");
  auto overlay = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(std::move(fileSystem));
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  memory->addFile(path, 0, llvm::MemoryBuffer::getMemBufferCopy(text));
  overlay->pushOverlay(memory);
  return {path.str().str(), std::move(overlay)};
}

std::vector<std::pair<std::string, std::uint64_t>> evaluate(CompilerInstance &compiler,
                                                            const std::vector<ConstantQuery> &queries) {
  compiler.getDiagnosticOpts().ErrorLimit = 0; // constants that this kernel lacks are errors, and fine
  compiler.getDiagnostics().setErrorLimit(0);
  llvm::StringMap<std::uint64_t> values;
  ConstantsAction action(values);
  compiler.ExecuteAction(action);
  std::vector<std::pair<std::string, std::uint64_t>> result;
  for (std::size_t i = 0; i < queries.size(); ++i)
    if (auto found = values.find((constantPrefix + llvm::Twine(i)).str()); found != values.end())
      result.emplace_back(queries[i].name, found->second);
  return result;
}

} // namespace

std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                 llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  QueryUnit unit = queryUnit(request.directory, queries, std::move(fileSystem));
  ExtractRequest query = request;
  query.file = unit.path;
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(query, errors, unit.files);
  if (!compiler)
    return {};
  return evaluate(*compiler, queries);
}

std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(std::shared_ptr<CompilerInvocation> invocation, llvm::StringRef directory,
                 const std::vector<ConstantQuery> &queries,
                 llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem) {
  QueryUnit unit = queryUnit(directory, queries, std::move(fileSystem));
  invocation->getFrontendOpts().Inputs = {FrontendInputFile(unit.path, Language::C)};
  ErrorRecorder errors;
  std::unique_ptr<CompilerInstance> compiler = makeCompiler(std::move(invocation), directory, errors, unit.files);
  return evaluate(*compiler, queries);
}

} // namespace bhlint
