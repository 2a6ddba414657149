// InputTable: numbers for the paths of input files, and what earlier runs learnt of their contents; one file on disk.
//
// Units share their headers, so the cache writes down 20,000 units of 2,000 inputs each as short lists of numbers of
// this table, and a header that was only touched is read once and noted here, not in every unit that uses it.
//
// The file is a log that grows at its end under a lock: "path, and what is known of it" gives the path the next number,
// "number, and what is known now" replaces what was known. Each record carries a checksum; from the first one that does
// not fit, the rest is void, and the next writer writes the file without it. Numbers may thereby come to mean other
// paths. That is harmless: who uses a number compares a digest that has the path in it (InputDigests::digest).
//
// Not thread-safe for writing: one thread calls a non-const member, with no other in any member.
#pragma once

#include "analysis/cache/folder_lock.h"
#include "analysis/cache/input_digests.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <deque>
#include <string>
#include <vector>

namespace bhlint {

class InputTable {
public:
  using Number = std::uint32_t;

  struct Row {
    llvm::StringRef path;
    KnownContents known;
  };

  /// Reads what there is; a file that is missing, broken or of another version is begun anew. `maxBytes`: a table that
  /// has grown beyond it is begun anew, too.
  InputTable(std::string folder, std::uint64_t maxBytes);
  ~InputTable();
  InputTable(const InputTable &) = delete;

  /// Which table the numbers belong to. Lists that name another one are of no use.
  const Digest &id() const { return identity; }
  Number size() const { return static_cast<Number>(rows.size()); }
  const Row &row(Number number) const { return rows[number]; }

  /// InputDigests::digest() of the file with this number. Any number of threads may ask at once, always with the same
  /// `digests`.
  const Digest &digest(Number number, InputDigests &digests);

  /// Reads what other processes have added since.
  void refresh();

  /// The number of each file, in their order; those that have none yet get one, on disk before this returns.
  llvm::Expected<std::vector<Number>> numbersOf(llvm::ArrayRef<InputFile *> files, InputDigests &digests);

  /// Writes down what was learnt in this run of the files whose digest() was asked for.
  llvm::Error saveLearnt(const InputDigests &digests);

private:
  /// What this run has found of a row's file. Small, because a warm run goes through millions of these.
  struct Use {
    std::atomic<bool> isKnown{false};
    Digest digest;
    InputFile *file = nullptr;
  };

  bool load();
  void forget();
  void readTail();
  bool readHeader(llvm::StringRef bytes);
  std::size_t readRecords(llvm::StringRef bytes);
  bool readRecord(llvm::StringRef payload);
  void addRow(llvm::StringRef path, const KnownContents &known);
  bool isReplaced() const;
  llvm::Error beginAnew();
  llvm::Error rewrite();
  llvm::Error append(llvm::StringRef records);
  llvm::Error tidy();
  llvm::Expected<FolderLock> lockForWriting();
  bool lookUp(llvm::ArrayRef<InputFile *> files, std::vector<Number> &out) const;
  llvm::Error addMissing(llvm::ArrayRef<InputFile *> files, const InputDigests &digests);
  const KnownContents *newsOf(Number number, const InputDigests &digests) const;

  const std::string folder;
  const std::string path;
  const std::uint64_t maxBytes;
  int descriptor = -1;
  std::uint64_t validEnd = 0; ///< up to where `rows` has the file
  Digest identity;
  std::deque<Row> rows;
  std::deque<Use> uses;            ///< by number
  std::mutex usesMutex;            ///< for writing to one that is not known yet
  llvm::StringMap<Number> numbers; ///< by path; owns the paths
};

} // namespace bhlint
