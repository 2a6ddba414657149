// collectSites: one compile command in, its DeferralSites out. With written_text.h the only code here that sees clang/.
#pragma once

#include "analysis/extract/extract.h"
#include "analysis/migrate/sites.h"

namespace clang {
class CompilerInvocation;
}

namespace bhlint {

DeferralSites collectSites(const ExtractRequest &request, const MigrationRules &rules,
                           llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

/// The same for options that are there already; of `request`, the file, the tree and the folder count.
DeferralSites collectSites(std::shared_ptr<clang::CompilerInvocation> invocation, const ExtractRequest &request,
                           const MigrationRules &rules, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

/// Empty when the unit parses, else "file:line: message".
std::string parseErrors(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
