#include "driver/cli/database_view.h"

#include "driver/cli/unit_cache.h"
#include "driver/kbuild/unit_macros.h"

namespace bhlint {

llvm::Expected<DatabaseView> DatabaseView::open(const RunOptions &options, UnitCache &cache) {
  DatabaseView view;
  view.path = options.database;
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files(llvm::vfs::createPhysicalFileSystem().release());
  const std::string json = jsonDatabaseFile(*files, options.database);
  if (!json.empty())
    view.index = cache.databaseIndex(json);
  if (!view.index) {
    if (llvm::Error error = view.readWhole())
      return error;
    if (!json.empty())
      if (std::optional<DatabaseIndex> made = DatabaseIndex::of(*view.whole))
        cache.putDatabaseIndex(json, *made);
  }
  view.from = view.index ? view.index->source : view.whole->source;
  view.root = !options.tree.empty() ? absolutePath("/", options.tree)
              : view.index          ? view.index->tree
                                    : view.whole->tree;
  auto add = [&](llvm::StringRef unit, llvm::StringRef module) {
    view.modules.try_emplace(relativeToTree(unit, view.root), module.str());
  };
  if (view.index)
    for (const DatabaseIndex::Entry &entry : view.index->entries)
      add(entry.path, entry.module);
  else
    for (const RecordedUnit &unit : view.whole->units)
      add(unit.path, recordedModule(unit.command));
  return view;
}

llvm::Error DatabaseView::readWhole() {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files(llvm::vfs::createPhysicalFileSystem().release());
  llvm::Expected<CompileDatabase> read = readCompileDatabase(*files, path);
  if (!read)
    return read.takeError();
  whole = std::move(*read);
  return llvm::Error::success();
}

llvm::Expected<std::vector<CompileCommand>> DatabaseView::commands(llvm::ArrayRef<std::string> paths) {
  if (!whole) {
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files(llvm::vfs::createPhysicalFileSystem().release());
    if (std::optional<CompileDatabase> part = readIndexed(*files, *index, root, paths)) {
      part->tree = root;
      return selectCommands(*part, paths);
    }
    if (llvm::Error error = readWhole())
      return error;
  }
  whole->tree = root;
  return selectCommands(*whole, paths);
}

} // namespace bhlint
