// Profiles: what is different in another kind of kernel (rules/profiles/<name>.yaml), as changes to the rules that hold
// elsewhere.
//
// A profile doesn't say everything anew: which locks sleep there, which calls are harmless, and where handlers run. One
// rule takes the place of all others, so that a run tells what is wrong only there.
#pragma once

#include "analysis/ruleset/load.h"

namespace bhlint {

/// Makes `rules` those of the profile. Errors are added to what loading has found.
void applyProfile(llvm::vfs::FileSystem &files, llvm::StringRef folder, llvm::StringRef name, LoadResult &rules,
                  FileObserver observe = {});

} // namespace bhlint
