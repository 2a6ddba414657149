// CompileDatabase: how each unit of a kernel tree is compiled, as plain data.
//
// Read from compile_commands.json, or from the `.*.o.cmd` files that Kbuild leaves in a built tree. A database of a
// whole tree has 100 MB, and most runs want one folder of it: reading it finds the units, selectCommands() splits the
// commands of those that are wanted. Commands are as they were recorded: nothing here is safe to hand to Clang, that is
// sanitizeCommand() (sanitize.h). Making a database without building a kernel is recordDatabase() (record.h).
//
// To read one more form of database: a reader in compile_database.cpp that fills `units`.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Chrono.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace llvm {
class MemoryBuffer;
namespace vfs {
class FileSystem;
}
} // namespace llvm

namespace bhlint {

/// One compilation.
struct CompileCommand {
  std::string directory;              ///< absolute; what relative paths in `file` and `arguments` are relative to
  std::string file;                   ///< absolute, or relative to `directory`
  std::vector<std::string> arguments; ///< [0] is the compiler

  /// `file`, absolute and without "." and "..".
  std::string path() const;
  friend bool operator==(const CompileCommand &, const CompileCommand &) = default;
};

/// A compilation whose command isn't split yet.
struct RecordedUnit {
  enum class Form : std::uint8_t { JsonArray, JsonString };
  std::string path; ///< absolute, without "." and ".."
  std::string directory;
  std::string file;
  std::string output;      ///< the object; tells units apart that are built twice; may be empty
  llvm::StringRef command; ///< as in JSON; lies in the database's `texts`
  Form form = Form::JsonArray;
  llvm::StringRef entry; ///< all of it, as in the JSON file that it was read from; lies in `texts`, too
  llvm::sys::TimePoint<> written = {}; ///< when the file was that it was read from
};

struct CompileDatabase {
  std::string source; ///< the file or folder that it was read from
  /// Absolute path of the source tree: the folder that Kbuild's `-include .../include/linux/kconfig.h` is taken from,
  /// else the deepest folder that all units lie in.
  std::string tree;
  std::vector<RecordedUnit> units; ///< C only; sorted by path, then command; no duplicates
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> texts;
};

/// `path`: a compile_commands.json, or a folder with one, or a folder in which Kbuild built; for a folder, also the
/// units that were recorded there (unit_record.h). Relative directories in the database are relative to the folder that
/// it lies in. Other languages (assembly) are left out.
llvm::Expected<CompileDatabase> readCompileDatabase(llvm::vfs::FileSystem &fileSystem, llvm::StringRef path);

/// The file that readCompileDatabase() would read; empty if that isn't one JSON file and nothing else.
std::string jsonDatabaseFile(llvm::vfs::FileSystem &fileSystem, llvm::StringRef path);

/// The commands of the units named by `paths`: files or folders, relative to the tree or absolute. No paths: all. It is
/// an error when a path has no unit, because a typing error must not look like a clean result.
llvm::Expected<std::vector<CompileCommand>> selectCommands(const CompileDatabase &database,
                                                           llvm::ArrayRef<std::string> paths);

/// Replaces the file at once, so that who reads it meanwhile sees the old one or the new one.
llvm::Error writeCompileDatabase(llvm::StringRef file, llvm::ArrayRef<RecordedUnit> units);
llvm::Error writeCompileDatabase(llvm::StringRef file, llvm::ArrayRef<CompileCommand> commands);

/// The unit of one `.foo.o.cmd` file; nothing when it isn't a kernel C unit (host programs, archives, assembly).
/// `folder`: the build folder, in which Kbuild ran.
std::vector<CompileCommand> parseKbuildCommand(llvm::StringRef text, llvm::StringRef folder);

/// The tree that one command belongs to, as CompileDatabase::tree says it.
std::string treeOf(const CompileCommand &command);

/// The words of a command line as a shell would split them. Nothing is expanded.
std::vector<std::string> splitCommandLine(llvm::StringRef line);

/// The words as RecordedUnit::command has them. What is not UTF-8 is replaced, since JSON can't say it.
std::string jsonArray(llvm::ArrayRef<std::string> words);

/// `path` as shown to people: relative to `tree` when it lies in it.
std::string relativeToTree(llvm::StringRef path, llvm::StringRef tree);

/// Is `path` the file or folder `folder`, or in it? Both normalised.
bool liesIn(llvm::StringRef path, llvm::StringRef folder);

/// `path` from `folder`, absolute, without "." and "..".
std::string absolutePath(llvm::StringRef folder, llvm::StringRef path);

} // namespace bhlint
