#include "driver/cli/include_folders.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <set>

namespace bhlint {

namespace path = llvm::sys::path;

namespace {

std::string absolute(llvm::StringRef directory, llvm::StringRef name) {
  llvm::SmallString<256> folder(name);
  llvm::sys::fs::make_absolute(directory, folder);
  path::remove_dots(folder, /*remove_dot_dot=*/true);
  return folder.str().str();
}

/// Looks for the first folder on the way to a file that is not there, each folder once.
class AbsentPlaces {
public:
  explicit AbsentPlaces(InputDigests &digests) : digests(digests) {}

  void add(llvm::StringRef folder, llvm::StringRef name) {
    llvm::SmallString<256> at(folder);
    for (llvm::StringRef part : llvm::make_range(path::begin(name), path::end(name))) {
      path::append(at, part);
      if (absent.contains(at.str().str()))
        return;
      if (present.contains(at))
        continue;
      if (digests.exists(digests.file(at))) {
        present.insert(at);
        continue;
      }
      absent.insert(at.str().str());
      return;
    }
  }

  std::set<std::string> absent;

private:
  InputDigests &digests;
  llvm::StringSet<> present;
};

} // namespace

std::vector<std::string> includeFolders(const ExtractRequest &request) {
  std::vector<std::string> folders;
  for (std::size_t i = 1; i < request.arguments.size(); ++i) {
    llvm::StringRef argument = request.arguments[i];
    const llvm::StringRef before = request.arguments[i - 1];
    if ((argument.consume_front("-I") || before == "-I" || before.starts_with("-i")) && !argument.empty())
      folders.push_back(absolute(request.directory, argument));
  }
  return folders;
}

std::vector<std::string> absentBefore(const ExtractRequest &request, const std::vector<std::string> &inputs,
                                      InputDigests &digests) {
  std::vector<std::string> folders{absolute(request.directory, path::parent_path(request.file))};
  for (std::string &folder : includeFolders(request))
    folders.push_back(std::move(folder));
  AbsentPlaces places(digests);
  for (const std::string &input : inputs)
    for (std::size_t found = 1; found < folders.size(); ++found) {
      llvm::StringRef name = input;
      if (!name.consume_front(folders[found]) || !name.consume_front("/"))
        continue;
      for (std::size_t earlier = 0; earlier < found; ++earlier)
        if (folders[earlier] != folders[found])
          places.add(folders[earlier], name);
    }
  return {places.absent.begin(), places.absent.end()};
}

} // namespace bhlint
