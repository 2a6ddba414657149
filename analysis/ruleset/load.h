// loadRuleSet: reads a rules folder. rules/README.md describes the files and their keys.
//
//     <folder>/<rule-id>.yaml      one rule each
//     <folder>/advice.yaml         the decision table: what to use instead
//     <folder>/observe.yaml        mechanisms as traces show them
//     <folder>/contracts/*.yaml    kernel facts: any sections in any file, split by subject for people
//
// Hidden files and other endings are left alone. Errors do not stop the loading: `rules` has all that is right,
// `errors` is sorted by place. A caller that wants no half-read rules stops when there are errors.
#pragma once

#include "analysis/ruleset/rule_set.h"
#include "analysis/ruleset/source.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace bhlint {

struct LoadResult {
  RuleSet rules;
  std::vector<RuleError> errors;
};

/// Told each file that is read, in an order that depends only on their names.
using FileObserver = llvm::function_ref<void(llvm::StringRef path, llvm::StringRef text)>;

/// The file `name` ("fixes/atomic.yaml") of the folder; nullopt: it can't be read as it is, and `errors` say why.
std::optional<RuleSource> loadRuleFile(llvm::vfs::FileSystem &files, llvm::StringRef folder, llvm::StringRef name,
                                       std::vector<RuleError> &errors);

LoadResult loadRuleSet(llvm::vfs::FileSystem &files, llvm::StringRef folder, FileObserver observe = {});

/// "rules/x.yaml:3:7: error: ..."
std::string formatRuleError(const RuleError &error);

} // namespace bhlint
