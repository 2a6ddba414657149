// Git: the repository of a tree, asked by running git itself. Nothing of the repository is executed by it: no hooks, no
// external diff, no text conversion, no file system monitor, no pager; and nothing is written to it: index and objects
// that a series needs are made in a scratch folder.
//
// No shell is involved; what goes in as a revision can't be taken for an option. What the output means is for
// series.h and its neighbours.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace bhlint {

/// A folder of its own, gone with the object.
class ScratchFolder {
public:
  static llvm::Expected<std::unique_ptr<ScratchFolder>> make();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder &) = delete;
  const std::string &path() const { return folder; }
  /// A name in it that was not given out before.
  std::string newName(llvm::StringRef suffix = "");

private:
  explicit ScratchFolder(std::string folder) : folder(std::move(folder)) {}
  std::string folder;
  unsigned count = 0;
};

class Git {
public:
  /// The repository that `tree` lies in. Fails when there is none, or no git.
  static llvm::Expected<Git> open(const std::string &tree, ScratchFolder &scratch);

  /// Standard output of `git ARGUMENTS...`, run in the tree. Fails with what git says.
  llvm::Expected<std::string> run(std::vector<std::string> arguments, llvm::StringRef input = "") const;

  /// The same of `git grep`: empty when nothing matches. These patterns of paths may have wildcards.
  llvm::Expected<std::string> grep(std::vector<std::string> arguments) const;

  /// The same in the root of the repository; with the scratch index if `index` names one.
  llvm::Expected<std::string> runAtTop(std::vector<std::string> arguments, const std::string &index) const;

  /// The commit that `revision` names.
  llvm::Expected<std::string> commit(llvm::StringRef revision) const;

  const std::string &tree() const { return treeFolder; }
  /// The tree's folder in the repository, "" or "sub/".
  const std::string &prefix() const { return treePrefix; }

private:
  llvm::Expected<std::string> runIn(const std::string &folder, std::vector<std::string> arguments,
                                    llvm::StringRef input, const std::string &index, int other = 0) const;

  std::string program;
  std::string treeFolder;
  std::string treePrefix;
  std::string top;
  std::string objects;  ///< of the repository
  std::string ownIndex; ///< in the scratch folder
  ScratchFolder *scratch = nullptr;
};

/// The parts of a text that ends each of them with '\0'.
std::vector<llvm::StringRef> splitAtZeros(llvm::StringRef text);

} // namespace bhlint
