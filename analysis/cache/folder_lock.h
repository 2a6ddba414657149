// FolderLock: one process at a time writes what processes share in a cache folder. Held by the kernel for the process,
// so a killed one leaves nothing behind. Readers need no lock.
#pragma once

#include <optional>
#include <string>

namespace bhlint {

class FolderLock {
public:
  /// Nothing when the lock can't be had within the time (somebody is stopped while holding it), or there can be no
  /// locks in that folder. The caller then does without writing.
  static std::optional<FolderLock> acquire(const std::string &path, int timeoutMilliseconds);

  FolderLock(FolderLock &&other) : descriptor(other.descriptor) { other.descriptor = -1; }
  FolderLock &operator=(FolderLock &&) = delete;
  ~FolderLock();

private:
  explicit FolderLock(int descriptor) : descriptor(descriptor) {}
  int descriptor;
};

} // namespace bhlint
