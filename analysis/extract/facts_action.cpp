#include "analysis/extract/facts_action.h"
#include "analysis/extract/unit_builder.h"

#include "clang/Frontend/CompilerInstance.h"

namespace bhlint {

using namespace clang;

namespace {

class FactsConsumer : public ASTConsumer {
public:
  FactsConsumer(CompilerInstance &compiler, FactsAction &action, const ExtractRequest &request, ExtractResult &result,
                SuppressionComments &comments)
      : compiler(compiler), action(action), request(request), result(result), comments(comments) {}

  void HandleTranslationUnit(ASTContext &context) override {
    if (!action.isWanted(compiler))
      return;
    result.facts = factsOf(context, compiler.getPreprocessor(), request, comments);
    listInputs(context.getSourceManager());
  }

private:
  /// Files that this parse has entered. Those of a prelude are not among them.
  void listInputs(const SourceManager &sources) {
    for (unsigned i = 0; i < sources.local_sloc_entry_size(); ++i) {
      const SrcMgr::SLocEntry &entry = sources.getLocalSLocEntry(i);
      if (entry.isFile())
        if (OptionalFileEntryRef file = entry.getFile().getContentCache().OrigEntry)
          result.inputs.push_back(relativePath(file->getName(), request.directory, ""));
    }
  }

  CompilerInstance &compiler;
  FactsAction &action;
  const ExtractRequest &request;
  ExtractResult &result;
  SuppressionComments &comments;
};

} // namespace

std::unique_ptr<ASTConsumer> FactsAction::CreateASTConsumer(CompilerInstance &compiler, llvm::StringRef) {
  compiler.getPreprocessor().addCommentHandler(&comments);
  return std::make_unique<FactsConsumer>(compiler, *this, request, result, comments);
}

} // namespace bhlint
