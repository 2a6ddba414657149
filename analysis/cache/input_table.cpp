#include "analysis/cache/input_table.h"

#include "analysis/cache/sealed_file.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/xxhash.h"

#include <cassert>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace llvm;

namespace bhlint {

namespace {

constexpr StringLiteral magic = "BHINPUT1";
constexpr std::size_t headerSize = magic.size() + Digest::size + sizeof(std::uint64_t);
/// Length of the payload, its checksum.
constexpr std::size_t recordHeaderSize = sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t knownSize = 5 * sizeof(std::uint64_t) + Digest::size;
constexpr int lockTimeoutMilliseconds = 5000;
/// Below this size nobody minds outdated records.
constexpr std::uint64_t tidyFrom = 4 << 20;

enum RecordType : char { NewPath = 'p', KnownNow = 'k' };

void put32(std::string &out, std::uint32_t number) {
  char bytes[4];
  support::endian::write32le(bytes, number);
  out.append(bytes, sizeof bytes);
}

void put64(std::string &out, std::uint64_t number) {
  char bytes[8];
  support::endian::write64le(bytes, number);
  out.append(bytes, sizeof bytes);
}

void putKnown(std::string &out, const KnownContents &known) {
  const FileState &state = known.state;
  // Only regular files have contents to know; all zero stands for nothing known.
  bool isKnown = state.kind == FileState::Kind::Regular;
  for (std::uint64_t number : {state.size, state.device, state.inode, static_cast<std::uint64_t>(state.modified),
                               static_cast<std::uint64_t>(state.changed)})
    put64(out, isKnown ? number : 0);
  out += isKnown ? known.contents.view() : Digest().view();
}

KnownContents getKnown(StringRef from) {
  auto number = [&](unsigned i) { return support::endian::read64le(from.data() + i * sizeof(std::uint64_t)); };
  KnownContents known;
  known.state.size = number(0);
  known.state.device = number(1);
  known.state.inode = number(2);
  known.state.modified = static_cast<std::int64_t>(number(3));
  known.state.changed = static_cast<std::int64_t>(number(4));
  known.contents = Digest::read(from.drop_front(5 * sizeof(std::uint64_t)));
  known.state.kind = known.state.inode ? FileState::Kind::Regular : FileState::Kind::Absent;
  return known;
}

void putRecord(std::string &out, StringRef payload) {
  put32(out, static_cast<std::uint32_t>(payload.size()));
  put64(out, xxh3_64bits(payload));
  out += payload;
}

void putNewPath(std::string &out, StringRef path, const KnownContents &known) {
  std::string payload(1, NewPath);
  putKnown(payload, known);
  payload += path;
  putRecord(out, payload);
}

void putKnownNow(std::string &out, InputTable::Number number, const KnownContents &known) {
  std::string payload(1, KnownNow);
  put32(payload, number);
  putKnown(payload, known);
  putRecord(out, payload);
}

std::string header(const Digest &identity) {
  std::string out = magic.str();
  out += identity.view();
  put64(out, xxh3_64bits(out));
  return out;
}

/// Unlike that of any table before.
Digest newIdentity() {
  std::string salt;
  put64(salt, static_cast<std::uint64_t>(currentTime()));
  put64(salt, static_cast<std::uint64_t>(::getpid()));
  put64(salt, reinterpret_cast<std::uintptr_t>(&salt));
  return Hasher().add(salt).finish();
}

} // namespace

InputTable::InputTable(std::string folderPath, std::uint64_t maxBytes)
    : folder(std::move(folderPath)), path(folder + "/inputs"), maxBytes(maxBytes) {
  bool isUsable = load();
  if (!isUsable || validEnd > tidyFrom)
    if (auto lock = FolderLock::acquire(folder + "/lock", lockTimeoutMilliseconds))
      // A failure shows again, and is reported, when something is to be added.
      consumeError(load() ? tidy() : beginAnew());
}

InputTable::~InputTable() {
  if (descriptor >= 0)
    ::close(descriptor);
}

void InputTable::forget() {
  if (descriptor >= 0)
    ::close(descriptor);
  descriptor = -1;
  validEnd = 0;
  identity = Digest();
  rows.clear();
  uses.clear();
  numbers.clear();
}

/// False: there is no table that can be read, and this one is empty.
bool InputTable::load() {
  forget();
  descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0)
    return false;
  readTail();
  if (validEnd == 0)
    forget();
  return validEnd != 0;
}

void InputTable::refresh() {
  if (isReplaced())
    load();
  else
    readTail();
}

/// Somebody has put another file in its place, or has cut off what we had read.
bool InputTable::isReplaced() const {
  struct stat mine, present;
  return descriptor < 0 || ::fstat(descriptor, &mine) != 0 || ::stat(path.c_str(), &present) != 0 ||
         mine.st_ino != present.st_ino || mine.st_dev != present.st_dev ||
         static_cast<std::uint64_t>(mine.st_size) < validEnd;
}

void InputTable::readTail() {
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) <= validEnd)
    return;
  std::string bytes(static_cast<std::size_t>(status.st_size) - validEnd, '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    ssize_t count = ::pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(validEnd + done));
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    done += static_cast<std::size_t>(count);
  }
  StringRef rest = StringRef(bytes).take_front(done);
  if (validEnd == 0) {
    if (!readHeader(rest))
      return;
    validEnd = headerSize;
    rest = rest.drop_front(headerSize);
  }
  validEnd += readRecords(rest);
}

bool InputTable::readHeader(StringRef bytes) {
  if (bytes.size() < headerSize)
    return false;
  identity = Digest::read(bytes.drop_front(magic.size()));
  return bytes.take_front(headerSize) == header(identity);
}

/// How many bytes of valid records `bytes` begins with.
std::size_t InputTable::readRecords(StringRef bytes) {
  std::size_t at = 0;
  while (bytes.size() - at >= recordHeaderSize) {
    std::uint32_t length = support::endian::read32le(bytes.data() + at);
    std::uint64_t checksum = support::endian::read64le(bytes.data() + at + sizeof length);
    StringRef payload = bytes.drop_front(at + recordHeaderSize);
    if (length > payload.size() || xxh3_64bits(payload.take_front(length)) != checksum ||
        !readRecord(payload.take_front(length)))
      break;
    at += recordHeaderSize + length;
  }
  return at;
}

bool InputTable::readRecord(StringRef payload) {
  if (payload.consume_front(StringRef("p")) && payload.size() > knownSize) {
    addRow(payload.drop_front(knownSize), getKnown(payload));
    return true;
  }
  if (!payload.consume_front(StringRef("k")) || payload.size() != sizeof(Number) + knownSize)
    return false;
  Number number = support::endian::read32le(payload.data());
  if (number >= rows.size())
    return false;
  rows[number].known = getKnown(payload.drop_front(sizeof(Number)));
  return true;
}

void InputTable::addRow(StringRef pathText, const KnownContents &known) {
  auto it = numbers.insert_or_assign(pathText, size()).first;
  rows.push_back({it->getKey(), known});
  uses.emplace_back();
}

Expected<FolderLock> InputTable::lockForWriting() {
  if (auto lock = FolderLock::acquire(folder + "/lock", lockTimeoutMilliseconds))
    return std::move(*lock);
  return createStringError("can't lock " + folder);
}

/// Under the lock.
Error InputTable::beginAnew() {
  if (Error error = writeFileAtOnce(path, folder + "/tmp", StringRef(header(newIdentity()))))
    return error;
  return load() ? Error::success() : systemError("read", path);
}

/// Under the lock: the same rows with the same numbers, without what is outdated.
Error InputTable::rewrite() {
  std::string bytes = header(identity);
  for (const Row &row : rows)
    putNewPath(bytes, row.path, row.known);
  if (Error error = writeFileAtOnce(path, folder + "/tmp", StringRef(bytes)))
    return error;
  return load() ? Error::success() : systemError("read", path);
}

/// Under the lock.
Error InputTable::tidy() {
  std::uint64_t needed = headerSize;
  for (const Row &row : rows)
    needed += recordHeaderSize + 1 + knownSize + row.path.size();
  if (needed > maxBytes)
    return beginAnew();
  return validEnd > tidyFrom && validEnd / 2 > needed ? rewrite() : Error::success();
}

/// Under the lock, with everything read that is in the file.
Error InputTable::append(StringRef records) {
  // A void record at the end would hide what is behind it. Not cut off in place: others may have read it before it
  // broke.
  struct stat status;
  if (::fstat(descriptor, &status) != 0 || static_cast<std::uint64_t>(status.st_size) != validEnd)
    if (Error error = rewrite())
      return error;
  if (Error error = writeAt(descriptor, records, validEnd)) {
    if (::ftruncate(descriptor, static_cast<off_t>(validEnd)) != 0)
      errno = 0; // the next writer sees to it
    return error;
  }
  validEnd += readRecords(records);
  return Error::success();
}

const Digest &InputTable::digest(Number number, InputDigests &digests) {
  Use &use = uses[number];
  if (!use.isKnown.load(std::memory_order_acquire)) {
    InputFile &file = digests.file(rows[number].path, &rows[number].known);
    const Digest &digest = digests.digest(file);
    std::lock_guard lock(usesMutex);
    if (!use.isKnown.load(std::memory_order_relaxed)) {
      use.digest = digest;
      use.file = &file;
      use.isKnown.store(true, std::memory_order_release);
    }
  }
  return use.digest;
}

/// False: some have none.
bool InputTable::lookUp(ArrayRef<InputFile *> files, std::vector<Number> &out) const {
  out.clear();
  for (const InputFile *file : files) {
    auto it = numbers.find(file->path);
    if (it == numbers.end())
      return false;
    out.push_back(it->second);
  }
  return true;
}

Expected<std::vector<InputTable::Number>> InputTable::numbersOf(ArrayRef<InputFile *> files, InputDigests &digests) {
  std::vector<Number> out;
  out.reserve(files.size());
  if (lookUp(files, out))
    return out;
  if (Error error = addMissing(files, digests))
    return error;
  [[maybe_unused]] bool isComplete = lookUp(files, out);
  assert(isComplete);
  return out;
}

Error InputTable::addMissing(ArrayRef<InputFile *> files, const InputDigests &digests) {
  Expected<FolderLock> lock = lockForWriting();
  if (!lock)
    return lock.takeError();
  refresh();
  if (descriptor < 0)
    if (Error error = beginAnew())
      return error;
  std::string records;
  for (const InputFile *file : files)
    if (!numbers.contains(file->path)) {
      const KnownContents *known = digests.learnt(*file);
      putNewPath(records, file->path, known ? *known : KnownContents());
    }
  return append(records);
}

/// Null: nothing that isn't written down.
const KnownContents *InputTable::newsOf(Number number, const InputDigests &digests) const {
  const InputFile *file = uses[number].file;
  const KnownContents *known = file ? digests.learnt(*file) : nullptr;
  return known && !(*known == rows[number].known) ? known : nullptr;
}

Error InputTable::saveLearnt(const InputDigests &digests) {
  auto putNews = [&] {
    std::string records;
    for (Number number = 0; number < size(); ++number)
      if (const KnownContents *known = newsOf(number, digests))
        putKnownNow(records, number, *known);
    return records;
  };
  if (putNews().empty())
    return Error::success();
  Expected<FolderLock> lock = lockForWriting();
  if (!lock)
    return lock.takeError();
  // A table that was replaced has nothing in `uses`: nothing is saved, and the next run reads those files again.
  refresh();
  std::string records = putNews();
  return records.empty() ? Error::success() : append(records);
}

} // namespace bhlint
