// A folder for one test, gone afterwards. Only for tests of this library, which is about real files: times, locks,
// renames and full disks.
#pragma once

#include "analysis/cache/input_digests.h"
#include "analysis/cache/sealed_file.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>

namespace bhlint {

class TestFolder {
public:
  TestFolder() {
    llvm::SmallString<128> made;
    if (llvm::sys::fs::createUniqueDirectory("bhlint-cache-test", made))
      std::abort();
    folder = made.str().str();
  }
  ~TestFolder() { llvm::sys::fs::remove_directories(folder); }
  TestFolder(const TestFolder &) = delete;

  std::string path(const std::string &name = "") const { return name.empty() ? folder : folder + "/" + name; }

  /// The path.
  std::string write(const std::string &name, const std::string &text) const {
    llvm::sys::fs::create_directories(llvm::sys::path::parent_path(path(name)));
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

  std::string read(const std::string &name) const { return readFile(path(name)).value_or("<no such file>"); }

  /// Every regular file below `folder`, sorted.
  static std::vector<std::string> below(const std::string &folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (llvm::sys::fs::recursive_directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
      if (llvm::sys::fs::is_regular_file(it->path()))
        out.push_back(it->path());
    std::sort(out.begin(), out.end());
    return out;
  }

private:
  std::string folder;
};

/// Bytes that can't be compressed.
inline std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string out(size, '\0');
  for (char &byte : out)
    byte = static_cast<char>(random());
  return out;
}

/// Gives the file a modification time of 2001, and keeps its contents.
inline void setModifiedLongAgo(const std::string &path) {
  timespec times[] = {{1000000000, 0}, {1000000000, 0}};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0)
    std::abort();
}

/// As if all files had been written long ago, so that a test need not wait until they are believed.
inline InputDigests::Times longAfter() {
  constexpr std::int64_t hour = 3600'000'000'000;
  return {currentTime() + hour, -hour};
}

} // namespace bhlint
