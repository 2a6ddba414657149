// The unit that Clang-Tidy has parsed, parsed again with another text of its main file: what an edit is proven by.
#pragma once

#include "analysis/extract/unit_facts.h"
#include "driver/cli/pipeline.h"

namespace bhlint {

/// The options that the unit was parsed with, for another parse.
std::shared_ptr<clang::CompilerInvocation> invocationOf(const clang::Preprocessor &preprocessor);

/// The file system that the unit was read from, with `overlay` on top, which has to outlive it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> filesOf(const clang::Preprocessor &preprocessor,
                                                        const Overlay &overlay);

/// The facts of `request`'s main file as `files` has it.
ExtractedUnit extractEdited(const clang::Preprocessor &preprocessor, const ExtractRequest &request,
                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

} // namespace bhlint
