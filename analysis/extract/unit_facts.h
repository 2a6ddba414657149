// factsOf: what an AST says, as facts. It does not ask where the AST comes from: extractUnit() parses for it, and
// driver/tidy brings the one that Clang-Tidy has. So this header, unlike extract.h, sees clang/.
#pragma once

#include "analysis/extract/extract.h"

#include "clang/AST/ASTContext.h"
#include "clang/Frontend/CompilerInvocation.h"
#include "clang/Lex/Preprocessor.h"

#include <string>
#include <utility>
#include <vector>

namespace bhlint {

/// Collects the comments that speak to bhlint; to be added to the preprocessor before it reads the main file.
class SuppressionComments : public clang::CommentHandler {
public:
  bool HandleComment(clang::Preprocessor &preprocessor, clang::SourceRange range) override;
  std::vector<std::pair<clang::SourceLocation, std::string>> found;
};

/// The facts of a unit that was parsed to its end. Of `request`, the folders and the -D arguments are used: the AST
/// does not tell which macros came from the command.
facts::UnitFacts factsOf(clang::ASTContext &context, const clang::Preprocessor &preprocessor,
                         const ExtractRequest &request, const SuppressionComments &comments);

/// extractConstants() with the options of a parse that was set up elsewhere; its inputs are replaced. `directory`: what
/// relative include folders are relative to.
std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(std::shared_ptr<clang::CompilerInvocation> invocation, llvm::StringRef directory,
                 const std::vector<ConstantQuery> &queries, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

} // namespace bhlint
