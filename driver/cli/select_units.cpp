#include "driver/cli/select_units.h"

#include "driver/cli/unit_cache.h"
#include "driver/kbuild/database_index.h"

namespace bhlint {

namespace {

std::string treeOf(const RunOptions &options, const std::string &recorded) {
  return options.tree.empty() ? recorded : absolutePath("/", options.tree);
}

/// Nothing when there is no index, or when anything is wrong: then the whole database is read, which says what.
std::optional<SelectedUnits> selectIndexed(const RunOptions &options, const DatabaseIndex &index,
                                           llvm::vfs::FileSystem &files) {
  SelectedUnits selected{treeOf(options, index.tree), {}};
  std::optional<CompileDatabase> database = readIndexed(files, index, selected.tree, options.paths);
  if (!database)
    return std::nullopt;
  database->tree = selected.tree;
  llvm::Expected<std::vector<CompileCommand>> commands = selectCommands(*database, options.paths);
  if (!commands) {
    llvm::consumeError(commands.takeError());
    return std::nullopt;
  }
  selected.commands = std::move(*commands);
  return selected;
}

} // namespace

llvm::Expected<SelectedUnits> selectUnits(const RunOptions &options, UnitCache &cache) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files(llvm::vfs::createPhysicalFileSystem().release());
  const std::string file = options.paths.empty() ? std::string() : jsonDatabaseFile(*files, options.database);
  if (!file.empty())
    if (std::optional<DatabaseIndex> index = cache.databaseIndex(file))
      if (std::optional<SelectedUnits> selected = selectIndexed(options, *index, *files))
        return std::move(*selected);

  llvm::Expected<CompileDatabase> database = readCompileDatabase(*files, options.database);
  if (!database)
    return database.takeError();
  if (!file.empty())
    if (std::optional<DatabaseIndex> index = DatabaseIndex::of(*database))
      cache.putDatabaseIndex(file, *index);
  database->tree = treeOf(options, database->tree);
  llvm::Expected<std::vector<CompileCommand>> commands = selectCommands(*database, options.paths);
  if (!commands)
    return commands.takeError();
  if (commands->empty())
    return llvm::createStringError("the compile database " + options.database + " has no C unit");
  return SelectedUnits{database->tree, std::move(*commands)};
}

} // namespace bhlint
