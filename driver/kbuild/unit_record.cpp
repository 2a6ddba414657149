#include "driver/kbuild/unit_record.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SHA256.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace bhlint {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using llvm::StringRef;

namespace {

constexpr StringRef recordFolder = ".bhlint/units";

/// Named by what tells the unit from others, so that the next build's record takes its place.
std::string recordName(const CompileCommand &command, StringRef output) {
  llvm::SHA256 hash;
  hash.update(command.path());
  hash.update(StringRef("\0", 1));
  hash.update(output);
  return llvm::toHex(hash.final(), /*LowerCase=*/true).substr(0, 32) + ".json";
}

std::string objectOf(const RecordedUnit &unit) {
  return unit.output.empty() ? "" : absolutePath(unit.directory, unit.output);
}

} // namespace

llvm::Error recordUnit(StringRef build, const CompileCommand &command, StringRef output) {
  llvm::SmallString<256> file(build);
  path::append(file, recordFolder);
  if (std::error_code error = fs::create_directories(file))
    return llvm::createStringError(error, file + ": " + error.message());
  path::append(file, recordName(command, output));
  std::string arguments = jsonArray(command.arguments);
  RecordedUnit unit;
  unit.path = command.path();
  unit.directory = command.directory;
  unit.file = command.file;
  unit.output = output.str();
  unit.command = arguments;
  return writeCompileDatabase(file, unit);
}

std::vector<std::string> findUnitRecords(llvm::vfs::FileSystem &fileSystem, StringRef build) {
  llvm::SmallString<256> folder(build);
  path::append(folder, recordFolder);
  std::vector<std::string> files;
  std::error_code error;
  for (llvm::vfs::directory_iterator entry = fileSystem.dir_begin(folder, error), end; entry != end && !error;
       entry.increment(error))
    if (path::extension(entry->path()) == ".json") // others are being written
      files.push_back(entry->path().str());
  llvm::sort(files);
  return files;
}

void addUnitRecords(std::vector<RecordedUnit> records, std::vector<RecordedUnit> &units) {
  llvm::StringMap<llvm::SmallVector<std::size_t, 1>> byPath;
  for (std::size_t i = 0; i < units.size(); ++i)
    byPath[units[i].path].push_back(i);
  for (RecordedUnit &record : records) {
    std::string object = objectOf(record);
    auto known = byPath.find(record.path);
    auto isSame = [&](std::size_t i) {
      std::string other = objectOf(units[i]);
      return object.empty() || other.empty() || object == other;
    };
    std::size_t same = units.size();
    if (known != byPath.end())
      if (auto *found = llvm::find_if(known->second, isSame); found != known->second.end())
        same = *found;
    if (same == units.size())
      units.push_back(std::move(record));
    else if (units[same].written <= record.written)
      units[same] = std::move(record);
  }
}

} // namespace bhlint
