#include "driver/cli/overlay.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

namespace vfs = llvm::vfs;
namespace path = llvm::sys::path;

using FileSystemPtr = llvm::IntrusiveRefCntPtr<vfs::FileSystem>;

/// A file system with some paths missing.
class FilteredFileSystem : public vfs::ProxyFileSystem {
public:
  using ProxyFileSystem::ProxyFileSystem;

  llvm::ErrorOr<vfs::Status> status(const llvm::Twine &name) override {
    if (!isVisible(absolute(name)))
      return std::make_error_code(std::errc::no_such_file_or_directory);
    return ProxyFileSystem::status(name);
  }
  llvm::ErrorOr<std::unique_ptr<vfs::File>> openFileForRead(const llvm::Twine &name) override {
    if (std::string full = absolute(name); !isVisible(full) || !mayOpen(full))
      return std::make_error_code(std::errc::no_such_file_or_directory);
    return ProxyFileSystem::openFileForRead(name);
  }

protected:
  virtual bool isVisible(const std::string &name) = 0;
  virtual bool mayOpen(const std::string &) { return true; }

private:
  std::string absolute(const llvm::Twine &name) {
    llvm::SmallString<256> full;
    name.toVector(full);
    makeAbsolute(full);
    path::remove_dots(full, /*remove_dot_dot=*/true);
    return full.str().str();
  }
};

class HidingFileSystem : public FilteredFileSystem {
public:
  HidingFileSystem(FileSystemPtr files, llvm::StringSet<> hidden)
      : FilteredFileSystem(std::move(files)), hidden(std::move(hidden)) {}

private:
  bool isVisible(const std::string &name) override { return !hidden.contains(name); }

  llvm::StringSet<> hidden;
};

bool liesInOne(llvm::StringRef name, llvm::ArrayRef<std::string> folders) {
  return llvm::any_of(folders, [&](llvm::StringRef folder) {
    llvm::StringRef rest = name;
    return rest.consume_front(folder) && (rest.empty() || rest.front() == '/' || folder.ends_with("/"));
  });
}

class ConfinedFileSystem : public FilteredFileSystem {
public:
  ConfinedFileSystem(FileSystemPtr files, std::vector<std::string> given)
      : FilteredFileSystem(std::move(files)), folders(std::move(given)) {
    for (const std::string &folder : folders) {
      llvm::SmallString<256> real;
      if (!llvm::sys::fs::real_path(folder, real))
        realFolders.push_back(real.str().str());
    }
  }

private:
  bool isVisible(const std::string &name) override { return liesInOne(name, folders); }
  /// What opens is a file, and where links lead to is inside, too.
  bool mayOpen(const std::string &name) override {
    llvm::SmallString<256> real;
    llvm::sys::fs::file_status status;
    return !llvm::sys::fs::real_path(name, real) && liesInOne(real, realFolders) &&
           !llvm::sys::fs::status(real, status) && llvm::sys::fs::is_regular_file(status);
  }

  std::vector<std::string> folders, realFolders;
};

FileSystemPtr realFiles(const Overlay &overlay) {
  FileSystemPtr real(vfs::createPhysicalFileSystem().release());
  llvm::StringSet<> hidden;
  for (const auto &[name, text] : overlay)
    if (!text)
      hidden.insert(name);
  if (hidden.empty())
    return real;
  return llvm::makeIntrusiveRefCnt<HidingFileSystem>(std::move(real), std::move(hidden));
}

FileSystemPtr withContents(FileSystemPtr files, const Overlay &overlay) {
  auto memory = llvm::makeIntrusiveRefCnt<vfs::InMemoryFileSystem>();
  bool isNeeded = false;
  for (const auto &[name, text] : overlay)
    if (text)
      isNeeded |= memory->addFile(name, 0, llvm::MemoryBuffer::getMemBuffer(*text, name));
  if (!isNeeded)
    return files;
  auto overlaid = llvm::makeIntrusiveRefCnt<vfs::OverlayFileSystem>(std::move(files));
  overlaid->pushOverlay(memory);
  return overlaid;
}

} // namespace

Overlay readOverlay(llvm::StringRef tree, llvm::StringRef folder) {
  Overlay overlay;
  if (folder.empty())
    return overlay;
  std::error_code error;
  llvm::SmallString<256> root(folder);
  llvm::sys::fs::make_absolute(root);
  for (llvm::sys::fs::recursive_directory_iterator entry(root, error), end; entry != end && !error;
       entry.increment(error)) {
    if (entry->type() != llvm::sys::fs::file_type::regular_file)
      continue;
    auto content = llvm::MemoryBuffer::getFile(entry->path());
    if (!content)
      continue;
    llvm::SmallString<256> target(tree);
    path::append(target, llvm::StringRef(entry->path()).drop_front(root.size()));
    overlay.emplace_back(target.str().str(), (*content)->getBuffer().str());
  }
  return overlay;
}

llvm::IntrusiveRefCntPtr<vfs::FileSystem> openFiles(const Overlay &overlay) {
  return withContents(realFiles(overlay), overlay);
}

llvm::IntrusiveRefCntPtr<vfs::FileSystem> openConfined(const Overlay &overlay, std::vector<std::string> folders) {
  return withContents(llvm::makeIntrusiveRefCnt<ConfinedFileSystem>(realFiles(overlay), std::move(folders)), overlay);
}

} // namespace bhlint
