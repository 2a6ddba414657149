// FactsAction: parses one unit with Clang and takes its facts. Internal to extract/.
//
// How the unit is parsed, with a prelude or without, is not decided here: extract.cpp, with_prelude.cpp.
#pragma once

#include "analysis/extract/unit_facts.h"

#include "clang/Frontend/FrontendAction.h"

#include <memory>

namespace bhlint {

class FactsAction : public clang::ASTFrontendAction {
public:
  FactsAction(const ExtractRequest &request, ExtractResult &result) : request(request), result(result) {}
  std::unique_ptr<clang::ASTConsumer> CreateASTConsumer(clang::CompilerInstance &compiler, llvm::StringRef) override;
  /// Asked when all is parsed: whether anybody will look at the facts.
  virtual bool isWanted(clang::CompilerInstance &) { return true; }

private:
  const ExtractRequest &request;
  ExtractResult &result;
  SuppressionComments comments;
};

} // namespace bhlint
