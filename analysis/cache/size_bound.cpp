#include "analysis/cache/size_bound.h"

#include "analysis/cache/file_state.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {

namespace {

struct StoredFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t used = 0;
};

/// What is on the disk, in blocks: small files take more room than they have bytes.
constexpr std::uint64_t blockSize = 512;
constexpr std::uint64_t fileSystemBlock = 4096;

std::vector<StoredFile> filesIn(const std::string &folder) {
  std::vector<StoredFile> files;
  DIR *open = ::opendir(folder.c_str());
  if (!open)
    return files;
  while (const dirent *entry = ::readdir(open)) {
    struct stat status;
    if (::fstatat(::dirfd(open), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode))
      files.push_back(
          {entry->d_name, static_cast<std::uint64_t>(status.st_blocks) * blockSize, FileState::of(status).modified});
  }
  ::closedir(open);
  return files;
}

} // namespace

unsigned SizeBound::shardOf(char letter) const { return hexDigitValue(letter) % shardCount; }

std::string SizeBound::shardFolder(char letter) const {
  return folder + "/" + hexdigit(shardOf(letter), /*LowerCase=*/true);
}

std::vector<std::string> SizeBound::shardFolders() const {
  std::vector<std::string> folders;
  for (unsigned shard = 0; shard < shardCount; ++shard)
    folders.push_back(shardFolder(hexdigit(shard)));
  return folders;
}

void SizeBound::added(char letter, std::uint64_t bytes) {
  if (shardMax == 0)
    return;
  Shard &shard = shards[shardOf(letter)];
  std::lock_guard lock(shard.mutex);
  shard.size += (bytes + fileSystemBlock - 1) / fileSystemBlock * fileSystemBlock;
  if (shard.isMeasured && shard.size <= shardMax)
    return;
  shard.size = measureAndEvict(shardFolder(letter));
  shard.isMeasured = true;
}

/// The size afterwards. Deletes a fifth more than needed, so as not to be called for each new file.
std::uint64_t SizeBound::measureAndEvict(const std::string &shard) {
  std::vector<StoredFile> files = filesIn(shard);
  std::uint64_t size = 0;
  for (const StoredFile &file : files)
    size += file.bytes;
  if (size <= shardMax)
    return size;
  std::sort(files.begin(), files.end(), [](const StoredFile &a, const StoredFile &b) {
    return std::tie(a.used, a.name) < std::tie(b.used, b.name);
  });
  for (const StoredFile &file : files) {
    if (size <= shardMax / 5 * 4)
      break;
    ::unlink((shard + "/" + file.name).c_str());
    size -= std::min(size, file.bytes);
    ++evicted;
  }
  return size;
}

} // namespace bhlint
