#include "analysis/cache/file_state.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <sys/stat.h>

namespace bhlint {

namespace {

constexpr std::int64_t second = 1'000'000'000;
/// The longest tick of a Linux kernel (CONFIG_HZ=100), twice.
constexpr std::int64_t clockTick = second / 50;

std::int64_t nanoseconds(const timespec &time) { return time.tv_sec * second + time.tv_nsec; }

} // namespace

FileState FileState::of(const struct stat &status) {
  FileState state;
  state.kind = S_ISREG(status.st_mode) ? Kind::Regular : Kind::Other;
  if (state.kind == Kind::Other)
    return state;
  state.size = static_cast<std::uint64_t>(status.st_size);
  state.device = status.st_dev;
  state.inode = status.st_ino;
  state.modified = nanoseconds(status.st_mtim);
  state.changed = nanoseconds(status.st_ctim);
  return state;
}

FileState FileState::of(const std::string &path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0)
    return of(status);
  FileState state;
  state.kind = errno == ENOENT || errno == ENOTDIR ? Kind::Absent : Kind::Unreadable;
  return state;
}

bool FileState::mayHaveChangedSince(std::int64_t time) const {
  return kind == Kind::Regular && std::max(modified, changed) >= time - clockTick;
}

std::int64_t currentTime() {
  timespec now;
  ::clock_gettime(CLOCK_REALTIME, &now);
  return nanoseconds(now);
}

} // namespace bhlint
