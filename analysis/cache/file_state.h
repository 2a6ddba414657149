// FileState: what stat() says of a file, by which one knows without reading it that its contents are still the same.
//
// POSIX and not llvm::vfs, whose Status has no change time (ctime). That is the one time which programs that copy or
// unpack files can't set, so with it a header that is replaced by one of the same size and modification time is
// noticed.
#pragma once

#include <cstdint>
#include <string>

struct stat;

namespace bhlint {

struct FileState {
  enum class Kind : std::uint8_t { Absent, Regular, Other, Unreadable };

  Kind kind = Kind::Absent;
  std::uint64_t size = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified = 0; ///< nanoseconds since 1970
  std::int64_t changed = 0;  ///< same, ctime
  friend bool operator==(const FileState &, const FileState &) = default;

  static FileState of(const std::string &path);
  static FileState of(const struct stat &status);

  /// May it have been written at `time` or later, though its state is this one? Files get the time of the last clock
  /// tick.
  bool mayHaveChangedSince(std::int64_t time) const;
};

/// Nanoseconds since 1970, by the clock that file systems use.
std::int64_t currentTime();

} // namespace bhlint
