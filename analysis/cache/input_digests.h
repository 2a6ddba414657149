// InputDigests: the contents of the files that units read, each one looked at once per run, however many units read it.
//
// It answers from three sources, cheapest first: what it has seen in this run; stat(), when what an earlier run learnt
// (input_table.h hands that in as `KnownContents`) still holds; reading the file. It is a snapshot: a file that changes
// while the run goes on keeps the digest that it had, and `isUnchanged` tells.
//
// What it is not: it knows nothing about units, keys or cached facts (facts_cache.h). One object per run, shared by all
// threads; a program that stays up (watch mode) makes a new one for each round.
#pragma once

#include "analysis/cache/digest.h"
#include "analysis/cache/file_state.h"

#include "llvm/ADT/StringMap.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <vector>

namespace bhlint {

/// The contents had this digest when the file had this state.
struct KnownContents {
  FileState state;
  Digest contents;
  friend bool operator==(const KnownContents &, const KnownContents &) = default;
};

/// One file as this run sees it. Made and filled by InputDigests only; stays where it is as long as that lives.
class InputFile {
public:
  explicit InputFile(llvm::StringRef path) : path(path.str()) {}

  const std::string path;

private:
  friend class InputDigests;
  std::atomic<bool> isExamined{false}; ///< what follows is only read once this is set, except `known`
  bool isReliable = true;              ///< it could be read, and did not change while it was
  bool wasRead = false;
  bool isOverlaid = false;
  std::int64_t readTime = 0;
  KnownContents known; ///< from an earlier run; state.kind is Absent when there is nothing
  KnownContents seen;  ///< from this one
  Digest digest;       ///< of path, kind and contents
};

class InputDigests {
public:
  struct SeenFile {
    std::string path;
    FileState::Kind kind;
    Digest contents;
  };

  /// Tests set these; the defaults are right.
  struct Times {
    std::int64_t start = currentTime();   ///< files changed after this are not believed by isUnchanged()
    std::int64_t settled = 2'000'000'000; ///< see learnt()
  };

  InputDigests() : InputDigests(Times()) {}
  explicit InputDigests(Times times) : times(times) {}

  /// The file of this absolute path; it isn't looked at yet. `known` is kept if this is the first time that the path is
  /// asked for.
  InputFile &file(llvm::StringRef path, const KnownContents *known = nullptr);

  /// In this run, the file of this path has these contents, whatever is on disk: an overlay. Before it is looked at.
  void setContents(llvm::StringRef path, llvm::StringRef contents);

  /// The same of a file that isn't there.
  void setAbsent(llvm::StringRef path);

  /// Stands for the file's path, whether it exists, and its contents. A file that does not exist has a digest, too: a
  /// unit can depend on a header's absence (include path order, __has_include).
  const Digest &digest(InputFile &file);

  /// What stands there in this run's view, whatever its path.
  SeenFile look(InputFile &file);

  /// In this run's view: whatever stands there counts, a folder too.
  bool exists(InputFile &file);

  /// Has it been the same since this run began, up to now? Only then do facts made in this run belong to its digest. No
  /// when it was written shortly before or after the run began, or can't be read.
  bool isUnchanged(InputFile &file);

  /// What to hand in as `known` in the next run, when this run learnt something new. Null if not, or when the file was
  /// written so shortly before it was read that a second write could leave the same times (2 s on some file systems).
  const KnownContents *learnt(const InputFile &file) const;

  /// Every file that was looked at so far, sorted by path: what tells whether two runs saw the same tree.
  std::vector<SeenFile> seenFiles();

  /// How many files were read so far.
  std::uint64_t filesRead() const { return readCount; }

private:
  void overlay(llvm::StringRef path, FileState::Kind kind, const Digest &contents);
  void examine(InputFile &file);
  static void makeDigest(InputFile &file);
  void readContents(InputFile &file);
  bool tryRead(InputFile &file);
  std::mutex &examining(const InputFile &file);

  const Times times;
  std::mutex filesMutex;
  std::deque<InputFile> files;
  llvm::StringMap<InputFile *> byPath;
  std::array<std::mutex, 64> examineMutexes;
  std::atomic<std::uint64_t> readCount{0};
};

} // namespace bhlint
