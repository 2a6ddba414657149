// DatabaseIndex: where in a compile_commands.json the entry of each unit lies, so that the next run that wants one folder
// of a 100 MB database reads the entries of that folder only.
//
// It is made from a database that was read whole, and belongs to the contents of that file: who keeps it (UnitCache) has
// to know that the file is still the same. Bytes are not trusted: an index that doesn't fit its file is of no use, and
// the file is read whole.
#pragma once

#include "driver/kbuild/compile_database.h"

#include <optional>

namespace bhlint {

struct DatabaseIndex {
  struct Entry {
    std::string path; ///< RecordedUnit::path
    std::uint64_t offset = 0, size = 0;
    std::string module; ///< recordedModule() of its command
    friend bool operator==(const Entry &, const Entry &) = default;
  };
  std::string source, tree;   ///< as in CompileDatabase
  std::vector<Entry> entries; ///< same order as CompileDatabase::units

  /// Nothing for a database that is not one JSON file.
  static std::optional<DatabaseIndex> of(const CompileDatabase &database);

  std::string write() const;
  static std::optional<DatabaseIndex> read(llvm::StringRef bytes);
};

/// Of the database that `index` was made from, the units that lie in one of `paths` (as for selectCommands(), relative
/// to `tree`). Nothing when the index doesn't fit the file.
std::optional<CompileDatabase> readIndexed(llvm::vfs::FileSystem &fileSystem, const DatabaseIndex &index,
                                           llvm::StringRef tree, llvm::ArrayRef<std::string> paths);

} // namespace bhlint
