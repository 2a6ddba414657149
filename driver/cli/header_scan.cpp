#include "driver/cli/header_scan.h"

#include "driver/kbuild/compile_database.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

namespace bhlint {

UnitHeaders HeaderScan::headersOf(const ExtractRequest &request, const std::string &unit) {
  std::vector<std::string> folders, open{unit};
  for (std::size_t i = 0; i < request.arguments.size(); ++i) {
    llvm::StringRef argument = request.arguments[i];
    if (argument == "-I" && i + 1 < request.arguments.size())
      folders.push_back(request.arguments[++i]);
    else if (argument.consume_front("-I"))
      folders.push_back(argument.str());
  }
  UnitHeaders result;
  llvm::StringSet<> seen;
  constexpr std::size_t mostFiles = 400;
  while (!open.empty() && seen.size() < mostFiles) {
    std::string path = std::move(open.back());
    open.pop_back();
    if (!seen.insert(path).second)
      continue;
    std::shared_ptr<const IncludedFiles> headers = read(path);
    if (!headers)
      continue;
    result.system.insert(result.system.end(), headers->system.begin(), headers->system.end());
    const bool isLeading = path == unit && headers->startsWithOwn && llvm::sys::path::is_absolute(request.file);
    for (const std::string &name : headers->own)
      if (std::string found = locate(name, path, folders, request.directory); !found.empty()) {
        if (isLeading && !llvm::StringRef(name).contains(".."))
          result.leading.push_back(found);
        open.push_back(std::move(found));
      }
  }
  return result;
}

std::shared_ptr<const IncludedFiles> HeaderScan::read(const std::string &path) {
  {
    std::lock_guard lock(mutex);
    if (auto known = scanned.find(path); known != scanned.end())
      return known->second;
  }
  std::shared_ptr<const IncludedFiles> headers;
  if (auto buffer = files->getBufferForFile(path))
    headers = std::make_shared<const IncludedFiles>(scanIncludes((*buffer)->getBuffer()));
  std::lock_guard lock(mutex);
  scanned[path] = headers;
  return headers;
}

std::string HeaderScan::locate(const std::string &name, llvm::StringRef includer, llvm::ArrayRef<std::string> folders,
                               llvm::StringRef directory) {
  auto isThere = [&](llvm::StringRef folder) {
    const std::string path = absolutePath(absolutePath(directory, folder), name);
    return read(path) ? path : std::string();
  };
  if (std::string beside = isThere(llvm::sys::path::parent_path(includer)); !beside.empty())
    return beside;
  for (const std::string &folder : folders)
    if (std::string found = isThere(folder); !found.empty())
      return found;
  return {};
}

} // namespace bhlint
