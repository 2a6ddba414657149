#include "analysis/cache/sealed_file.h"

#include "analysis/cache/digest.h"
#include "analysis/cache/file_state.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {

namespace {

constexpr StringLiteral magic = "BHSEAL01";
constexpr std::size_t headerSize = magic.size() + Digest::size;
constexpr std::int64_t touchAfter = 3600'000'000'000;

Digest sealOf(StringRef payload) { return Hasher().add(payload).finish(); }

/// Unlike any other process's and thread's, also of other machines that share the folder.
std::string temporaryName() {
  static std::atomic<unsigned> counter{0};
  return utostr(::getpid()) + "." + utostr(counter++) + "." +
         utohexstr(static_cast<std::uint64_t>(currentTime()), true);
}

/// What is left of the file from `start` on, read into `out`. False on an error.
bool readAll(int descriptor, std::string &out, std::size_t expectedSize) {
  out.resize(expectedSize + 1); // so that the end is met without growing
  std::size_t done = 0;
  while (true) {
    if (done == out.size())
      out.resize(done + (1 << 16));
    ssize_t count = ::read(descriptor, out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      out.resize(done);
      return count == 0;
    }
    done += static_cast<std::size_t>(count);
  }
}

void markUsed(int descriptor, const FileState &state) {
  std::int64_t age = currentTime() - state.modified;
  if (age > touchAfter || age < -touchAfter)
    ::futimens(descriptor, nullptr);
}

} // namespace

Error systemError(StringRef action, StringRef path) {
  std::error_code code(errno, std::generic_category());
  return createStringError(code, "can't " + action + " " + path + ": " + code.message());
}

Error writeAt(int descriptor, StringRef bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    ssize_t count = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR)
      continue;
    if (count == 0)
      errno = ENOSPC;
    if (count <= 0)
      return systemError("write", "a file of the cache");
    bytes = bytes.drop_front(static_cast<std::size_t>(count));
    offset += static_cast<std::uint64_t>(count);
  }
  return Error::success();
}

Error writeFileAtOnce(const std::string &path, const std::string &temporaryFolder, ArrayRef<StringRef> pieces,
                      unsigned mode) {
  std::string temporary = temporaryFolder + "/" + temporaryName();
  int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0)
    return systemError("create", temporary);
  Error error = Error::success();
  std::uint64_t offset = 0;
  for (StringRef piece : pieces) {
    if (!error)
      error = writeAt(descriptor, piece, offset);
    offset += piece.size();
  }
  // Some file systems report a full disk only here.
  if (::close(descriptor) != 0 && !error)
    error = systemError("write", temporary);
  if (!error && ::rename(temporary.c_str(), path.c_str()) != 0)
    error = systemError("rename to", path);
  if (error)
    ::unlink(temporary.c_str());
  return error;
}

Error writeSealedFile(const std::string &path, const std::string &temporaryFolder, StringRef payload) {
  std::string bytes = magic.str();
  bytes.reserve(headerSize + payload.size());
  bytes += sealOf(payload).view();
  bytes += payload;
  return writeFileAtOnce(path, temporaryFolder, StringRef(bytes));
}

std::optional<std::string> readFile(const std::string &path) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return std::nullopt;
  auto close = make_scope_exit([&] { ::close(descriptor); });
  struct stat status;
  std::string bytes;
  if (::fstat(descriptor, &status) != 0 || !readAll(descriptor, bytes, static_cast<std::size_t>(status.st_size)))
    return std::nullopt;
  return bytes;
}

SealedRead readSealedFile(const std::string &path) {
  SealedRead out;
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return out;
  auto close = make_scope_exit([&] { ::close(descriptor); });
  out.result = SealedRead::Result::Broken;
  struct stat status;
  std::size_t size = ::fstat(descriptor, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
  char header[headerSize];
  if (size < headerSize || ::read(descriptor, header, headerSize) != static_cast<ssize_t>(headerSize) ||
      StringRef(header, magic.size()) != magic || !readAll(descriptor, out.payload, size - headerSize) ||
      sealOf(out.payload) != Digest::read(StringRef(header + magic.size(), Digest::size))) {
    out.payload.clear();
    return out;
  }
  markUsed(descriptor, FileState::of(status));
  out.result = SealedRead::Result::Read;
  return out;
}

} // namespace bhlint
