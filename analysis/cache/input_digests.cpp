#include "analysis/cache/input_digests.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {

namespace {

/// False on an error.
bool hashRest(int descriptor, Hasher &hasher, std::uint64_t &size) {
  std::vector<char> buffer(1 << 16);
  size = 0;
  while (true) {
    ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return count == 0;
    hasher.add(StringRef(buffer.data(), static_cast<std::size_t>(count)));
    size += static_cast<std::uint64_t>(count);
  }
}

} // namespace

InputFile &InputDigests::file(StringRef path, const KnownContents *known) {
  std::lock_guard lock(filesMutex);
  auto [it, isNew] = byPath.try_emplace(path, nullptr);
  if (isNew) {
    it->second = &files.emplace_back(path);
    if (known)
      it->second->known = *known;
  }
  return *it->second;
}

std::mutex &InputDigests::examining(const InputFile &file) {
  return examineMutexes[static_cast<std::size_t>(hash_value(&file)) % examineMutexes.size()];
}

const Digest &InputDigests::digest(InputFile &file) {
  if (!file.isExamined.load(std::memory_order_acquire)) {
    std::lock_guard lock(examining(file));
    if (!file.isExamined.load(std::memory_order_relaxed)) {
      examine(file);
      file.isExamined.store(true, std::memory_order_release);
    }
  }
  return file.digest;
}

InputDigests::SeenFile InputDigests::look(InputFile &file) {
  digest(file);
  return {file.path, file.seen.state.kind, file.seen.contents};
}

bool InputDigests::exists(InputFile &file) {
  digest(file);
  return file.seen.state.kind != FileState::Kind::Absent;
}

void InputDigests::examine(InputFile &file) {
  file.seen.state = FileState::of(file.path);
  if (file.seen.state.kind == FileState::Kind::Regular) {
    if (file.seen.state == file.known.state)
      file.seen.contents = file.known.contents;
    else
      readContents(file);
  }
  file.isReliable &= file.seen.state.kind != FileState::Kind::Unreadable;
  makeDigest(file);
}

void InputDigests::setContents(StringRef path, StringRef contents) {
  overlay(path, FileState::Kind::Regular, Hasher().add(contents).finish());
}

void InputDigests::setAbsent(StringRef path) { overlay(path, FileState::Kind::Absent, Digest()); }

void InputDigests::overlay(StringRef path, FileState::Kind kind, const Digest &contents) {
  InputFile &overlaid = file(path);
  std::lock_guard lock(examining(overlaid));
  overlaid.isOverlaid = true;
  overlaid.seen.state.kind = kind;
  overlaid.seen.contents = contents;
  makeDigest(overlaid);
  overlaid.isExamined.store(true, std::memory_order_release);
}

void InputDigests::makeDigest(InputFile &file) {
  char kind = static_cast<char>(file.seen.state.kind);
  file.digest = Hasher().addField(file.path).add(StringRef(&kind, 1)).add(file.seen.contents).finish();
}

void InputDigests::readContents(InputFile &file) {
  file.wasRead = true;
  ++readCount;
  for (int attempts = 3; attempts; --attempts)
    if (tryRead(file))
      return;
  file.isReliable = false;
}

/// False: it changed while it was read, or is gone, or can't be read.
bool InputDigests::tryRead(InputFile &file) {
  // Whatever has come to stand at this path since stat(), opening it must not wait for anybody.
  int descriptor = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) {
    file.seen.state.kind = errno == ENOENT ? FileState::Kind::Absent : FileState::Kind::Unreadable;
    return false;
  }
  auto close = make_scope_exit([&] { ::close(descriptor); });
  struct stat before, after;
  Hasher hasher;
  std::uint64_t size = 0;
  file.readTime = currentTime();
  if (::fstat(descriptor, &before) != 0 || !S_ISREG(before.st_mode) || !hashRest(descriptor, hasher, size) ||
      ::fstat(descriptor, &after) != 0) {
    file.seen.state.kind = FileState::Kind::Unreadable;
    return false;
  }
  file.seen = {FileState::of(after), hasher.finish()};
  return FileState::of(before) == file.seen.state && size == file.seen.state.size;
}

bool InputDigests::isUnchanged(InputFile &file) {
  digest(file);
  if (file.isOverlaid)
    return true;
  return file.isReliable && !file.seen.state.mayHaveChangedSince(times.start) &&
         FileState::of(file.path) == file.seen.state;
}

std::vector<InputDigests::SeenFile> InputDigests::seenFiles() {
  std::lock_guard lock(filesMutex);
  std::vector<SeenFile> out;
  for (const InputFile &file : files)
    if (file.isExamined.load(std::memory_order_acquire))
      out.push_back({file.path, file.seen.state.kind, file.seen.contents});
  llvm::sort(out, [](const SeenFile &a, const SeenFile &b) { return a.path < b.path; });
  return out;
}

const KnownContents *InputDigests::learnt(const InputFile &file) const {
  bool isNews =
      file.isExamined.load(std::memory_order_acquire) && file.wasRead && file.isReliable && !(file.seen == file.known);
  return isNews && !file.seen.state.mayHaveChangedSince(file.readTime - times.settled) ? &file.seen : nullptr;
}

} // namespace bhlint
