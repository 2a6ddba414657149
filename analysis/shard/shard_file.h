// A shard file: the facts of a share of a tree's units, and all that has to travel with them for the findings to be
// those of a run on one machine.
//
//     magic, digest of the index, size of the index
//     index       FlatBuffers (shard.fbs), compressed: what is below as ShardIndex
//     facts       of one unit after the other (facts/serialize.h), compressed; their digests are in the index
//
// Nothing is believed that was not checked: the index by its digest and FlatBuffers' verifier when the file is opened,
// each unit's facts by their digest and facts::FlatUnit when they are asked for. What shards must have in common
// is join.h; who gets which unit is assign.h.
#pragma once

#include "analysis/cache/digest.h"
#include "analysis/cache/file_state.h"
#include "analysis/facts/facts.h"
#include "analysis/shard/assign.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>

namespace bhlint {

namespace facts {
class FlatUnit; // analysis/facts/flat_unit.h
}

/// A constant of the tree that the rules name. Unknown ones are written down, too: nobody asks for them again.
struct ShardConstant {
  std::string name;
  bool isKnown = false;
  std::uint64_t value = 0;
  friend bool operator==(const ShardConstant &, const ShardConstant &) = default;
};

struct ShardUnit {
  std::uint32_t position = 0; ///< in ShardIndex::allUnits
  std::string error;          ///< why it failed; empty: it did not
  std::uint64_t offset = 0;   ///< set by writeShard()
  std::uint64_t size = 0;     ///< same
  Digest digest;              ///< same
};

/// The text of a file with comments that speak to bhlint. What they stand for depends on the lines around them.
struct ShardSource {
  std::string path; ///< relative to the tree
  std::string text;
  friend bool operator==(const ShardSource &, const ShardSource &) = default;
};

/// A file that units of the shard have read, or have looked for in vain. By these one sees that two shards are of
/// different trees.
struct ShardInput {
  std::string path; ///< relative to the tree or to the build folder, else absolute
  FileState::Kind kind = FileState::Kind::Absent;
  Digest contents;
  friend bool operator==(const ShardInput &, const ShardInput &) = default;
};

struct ShardIndex {
  std::string tool; ///< the extractor that made it, with its version
  ShardNumber shard;
  std::string tree;                  ///< where it was on the machine that made the shard
  std::string kernelVersion;         ///< "6.12.1", as the tree says; empty: it says nothing
  std::vector<std::string> allUnits; ///< of all shards, in the order of a run on one machine; relative to the tree
  Digest commands;                   ///< of all units
  std::vector<ShardConstant> constants;
  std::vector<ShardUnit> units;     ///< of this shard; ascending positions
  std::vector<ShardSource> sources; ///< sorted by path
  std::vector<ShardInput> inputs;   ///< sorted by path
};

/// The name of a shard's file; what else lies in a folder is not read.
std::string shardFileName(ShardNumber shard);
bool isShardFileName(llvm::StringRef name);

/// A unit's facts as they lie in the file, in the cache and in memory until they are linked.
std::string packFacts(const facts::UnitFacts &facts);
llvm::Expected<facts::UnitFacts> unpackFacts(llvm::StringRef packed);
/// The same, for who does without UnitFacts.
llvm::Expected<std::unique_ptr<const facts::FlatUnit>> openFacts(llvm::StringRef packed);

/// Writes the file at once, in its folder, which exists. `packedFacts` are those of index.units, in the same order.
llvm::Error writeShard(const std::string &path, ShardIndex index, llvm::ArrayRef<std::string> packedFacts);

class ShardFile {
public:
  /// Fails with what is wrong and the file's name.
  static llvm::Expected<ShardFile> open(const std::string &path);

  const std::string &path() const { return filePath; }
  const ShardIndex &index() const { return contents; }

  /// The facts of `index().units[n]`, packed; checked against their digest. May be called from any thread.
  llvm::Expected<llvm::StringRef> packedFacts(std::size_t n) const;

private:
  std::string filePath;
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  llvm::StringRef payload; ///< what is behind the index
  ShardIndex contents;
};

} // namespace bhlint
