// CompileDatabase: how each unit of a kernel tree is compiled, as plain data.
//
// Read from compile_commands.json, or from the `.*.o.cmd` files that Kbuild leaves in a built tree. The commands are kept
// as they were recorded: nothing here is safe to hand to Clang; that is sanitizeCommand() (sanitize.h). Making a
// database without building a kernel is recordDatabase() (record.h).
//
// To read one more form of database: a reader here that returns commands, and a line in readCompileDatabase().
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace llvm::vfs {
class FileSystem;
}

namespace bhlint {

/// One compilation, as recorded.
struct CompileCommand {
  std::string directory;              ///< absolute; what relative paths in `file` and `arguments` are relative to
  std::string file;                   ///< absolute, or relative to `directory`
  std::vector<std::string> arguments; ///< [0] is the compiler

  /// `file`, absolute and without "." and "..".
  std::string path() const;
  friend bool operator==(const CompileCommand &, const CompileCommand &) = default;
};

struct CompileDatabase {
  std::string source;                   ///< the file or folder that it was read from
  std::string tree;                     ///< absolute path of the source tree, see treeRoot()
  std::vector<CompileCommand> commands; ///< C units only, sorted by path(), then arguments; no duplicates
};

/// `path`: a compile_commands.json, or a folder with one, or a folder in which Kbuild built. Relative directories in the
/// database are relative to the folder that it lies in. Other languages (assembly) are left out.
llvm::Expected<CompileDatabase> readCompileDatabase(llvm::vfs::FileSystem &fileSystem, llvm::StringRef path);

/// The same from text; `name` is for messages, `folder` for relative directories.
llvm::Expected<std::vector<CompileCommand>> parseCompileCommands(llvm::StringRef json, llvm::StringRef name,
                                                                 llvm::StringRef folder);

/// The command of one `.foo.o.cmd` file, or nothing when it isn't a kernel C unit (host programs, archives, assembly).
/// `folder`: the build folder, in which Kbuild ran.
std::vector<CompileCommand> parseKbuildCommand(llvm::StringRef text, llvm::StringRef folder);

/// The words of a command line as a shell would split them. Nothing is expanded.
std::vector<std::string> splitCommandLine(llvm::StringRef line);

/// The folder that most units take Kbuild's `-include .../include/linux/kconfig.h` from, else the deepest folder that
/// all units lie in. Empty for no commands.
std::string treeRoot(llvm::ArrayRef<CompileCommand> commands);

/// `path` as shown to people: relative to `tree` when it lies in it.
std::string relativeToTree(llvm::StringRef path, llvm::StringRef tree);

/// The commands of the units named by `paths`: files or folders, relative to the tree or absolute. No paths: all. It is
/// an error when a path has no unit, because a typing error must not look like a clean result.
llvm::Expected<std::vector<CompileCommand>> selectCommands(const CompileDatabase &database,
                                                           llvm::ArrayRef<std::string> paths);

} // namespace bhlint
