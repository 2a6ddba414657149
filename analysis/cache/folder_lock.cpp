#include "analysis/cache/folder_lock.h"

#include <cerrno>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace bhlint {

std::optional<FolderLock> FolderLock::acquire(const std::string &path, int timeoutMilliseconds) {
  int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return std::nullopt;
  FolderLock lock(descriptor);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeoutMilliseconds);
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    bool isTaken = errno == EWOULDBLOCK || errno == EINTR;
    if (!isTaken || std::chrono::steady_clock::now() >= deadline)
      return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (descriptor < 0)
    return;
  // Closing alone would leave the lock with a child that was forked in the meantime.
  ::flock(descriptor, LOCK_UN);
  ::close(descriptor);
}

} // namespace bhlint
