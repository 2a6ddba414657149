// Sealed files: written whole or not at all, and read only when they are what was written.
//
// A sealed file is a payload behind a digest of it. It is written under another name and renamed, so that readers and
// whoever is killed in between never leave or see half of one; what a crash of the machine or a bad disk makes of it is
// noticed by the digest.
#pragma once

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>

namespace bhlint {

/// Writes to a new file in `temporaryFolder` (of the same file system), then renames it to `path`, whose folder exists.
llvm::Error writeSealedFile(const std::string &path, const std::string &temporaryFolder, llvm::StringRef payload);

/// The same without the seal, for files that carry their own: the pieces, one after the other. `mode`: permissions, of
/// which the umask is taken away.
llvm::Error writeFileAtOnce(const std::string &path, const std::string &temporaryFolder,
                            llvm::ArrayRef<llvm::StringRef> pieces, unsigned mode = 0600);

struct SealedRead {
  enum class Result : std::uint8_t { Absent, Broken, Read };
  Result result = Result::Absent;
  std::string payload;
};

/// A file that was read has its modification time set to now, if that is more than an hour off: it is the time of last
/// use by which files are evicted (size_bound.h).
SealedRead readSealedFile(const std::string &path);

/// All of `bytes`, at `offset`.
llvm::Error writeAt(int descriptor, llvm::StringRef bytes, std::uint64_t offset);

/// The whole file, nothing when it can't be read.
std::optional<std::string> readFile(const std::string &path);

/// An error out of `errno`: "can't ACTION PATH: No space left on device".
llvm::Error systemError(llvm::StringRef action, llvm::StringRef path);

} // namespace bhlint
