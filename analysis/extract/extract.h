// Extract: one compile command in, the facts of that translation unit out. The only analysis code that sees clang/.
//
// It decides nothing about contexts or sleeping (analysis/program does) and knows no kernel function by name. What it
// reads is a pure function of (command, prelude, file contents), so its result can be cached.
#pragma once

#include "analysis/facts/facts.h"

#include "llvm/ADT/IntrusiveRefCntPtr.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace bhlint {

struct Prelude;

/// A command that has been sanitised (driver/kbuild/sanitize.h): arguments[0] is the compiler's name, the rest can
/// neither write files nor load code.
struct ExtractRequest {
  std::string directory;                  ///< in which relative paths of the command are looked up
  std::string file;                       ///< the main file, absolute or relative to `directory`
  std::vector<std::string> arguments;     ///< without the main file
  std::string treeRoot;                   ///< absolute; facts name files relative to it
  std::shared_ptr<const Prelude> prelude; ///< null = none; not used where it would change the result
  /// Asked where `prelude` would change the result: one of fewer headers, with which less can clash. Null = none.
  std::function<std::shared_ptr<const Prelude>()> smallerPrelude;
};

struct ExtractResult {
  facts::UnitFacts facts;
  unsigned errors = 0;    ///< errors that Clang reported; facts may then be incomplete
  std::string firstError; ///< "file:line: message" of the first one
  bool usedPrelude = false;
  std::vector<std::string> inputs; ///< every file that the result depends on, absolute and sorted
};

ExtractResult extractUnit(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

/// A constant to read from the tree: the value of macro or enumerator `name` after including `header`.
struct ConstantQuery {
  std::string name;
  std::string header;
};

/// Evaluates the constants with the flags of `request` (whose main file is not read). Unknown ones are left out: what
/// a kernel version does not have, its code does not use.
std::vector<std::pair<std::string, std::uint64_t>>
extractConstants(const ExtractRequest &request, const std::vector<ConstantQuery> &queries,
                 llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> fileSystem);

} // namespace bhlint
