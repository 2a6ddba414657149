#include "analysis/cache/named_files.h"

#include "analysis/cache/file_state.h"
#include "analysis/cache/sealed_file.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <unistd.h>

using namespace llvm;

namespace bhlint {

namespace {

/// No file of ours takes an hour to write.
constexpr std::int64_t abandonedAfter = 3600'000'000'000;

/// What killed processes were writing.
void deleteAbandoned(const std::string &temporaryFolder) {
  std::error_code error;
  for (sys::fs::directory_iterator it(temporaryFolder, error), end; it != end && !error; it.increment(error))
    if (FileState::of(it->path()).modified < currentTime() - abandonedAfter)
      ::unlink(it->path().c_str());
}

Error makeFolders(const std::string &folder, const std::vector<std::string> &shards) {
  if (std::error_code code = sys::fs::create_directories(folder + "/tmp"))
    return createStringError(code, "can't create " + folder + ": " + code.message());
  for (const std::string &shard : shards)
    if (std::error_code code = sys::fs::create_directory(shard))
      return createStringError(code, "can't create folders in " + folder + ": " + code.message());
  return Error::success();
}

} // namespace

Expected<std::unique_ptr<NamedFiles>> NamedFiles::open(StringRef folder, std::uint64_t maxBytes, unsigned shards) {
  if (!sys::path::is_absolute(folder))
    return createStringError("the cache folder must be an absolute path, not '" + folder + "'");
  std::unique_ptr<NamedFiles> files(new NamedFiles(folder.str(), maxBytes, shards));
  if (Error error = makeFolders(files->root, files->sizeBound.shardFolders()))
    return error;
  deleteAbandoned(folder.str() + "/tmp");
  return files;
}

std::string NamedFiles::pathOf(const Digest &name, StringRef kind) const {
  std::string hex = name.hex();
  return sizeBound.shardFolder(hex[0]) + "/" + hex.substr(1) + "." + kind.str();
}

/// The name lies in front of the bytes, which tells a file from one that was moved to its place.
std::optional<std::string> NamedFiles::read(const Digest &name, StringRef kind) {
  std::string path = pathOf(name, kind);
  SealedRead read = readSealedFile(path);
  if (read.result == SealedRead::Result::Read && StringRef(read.payload).starts_with(name.view())) {
    read.payload.erase(0, name.view().size());
    return std::move(read.payload);
  }
  if (read.result != SealedRead::Result::Absent) {
    ++broken;
    ::unlink(path.c_str());
  }
  return std::nullopt;
}

Error NamedFiles::write(const Digest &name, StringRef kind, StringRef bytes) {
  std::string path = pathOf(name, kind), payload = (name.view() + bytes).str();
  if (Error error = writeSealedFile(path, root + "/tmp", payload))
    return error;
  written += payload.size();
  sizeBound.added(name.hex()[0], payload.size());
  return Error::success();
}

} // namespace bhlint
