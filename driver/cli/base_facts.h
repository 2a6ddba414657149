// Facts of the base that were made elsewhere (`bhlint facts`), for a gate that need not parse what others have parsed.
//
// They may be of another revision than the base, and a series changes files: which facts still hold is decided here, by
// the digests of what they were made from, and by who includes what has changed. A unit whose facts do not hold is
// parsed like any other. What lies in shards is analysis/shard, how they are read is shards.h.
#pragma once

#include "driver/cli/shards.h"

#include "analysis/cache/input_digests.h"
#include "driver/gate/series.h"

#include <set>

namespace bhlint {

class BaseFacts {
public:
  /// `command`: of one of the tree's units. `notes`: what the reader should know.
  static llvm::Expected<std::unique_ptr<BaseFacts>> compare(OpenedShards shards, const Git &git, const Series &series,
                                                            const CompileCommand &command,
                                                            std::vector<std::string> &notes);

  /// Packed facts of a source in the base (`state` 0) or after a step of the series; nothing: they are not there, or of
  /// other contents.
  std::optional<std::string> find(const std::string &source, std::size_t state);

private:
  struct Unit {
    std::size_t shard = 0, number = 0; ///< into `shards.files`, and its units
    const ShardInput *source = nullptr;
  };

  explicit BaseFacts(OpenedShards shards) : shards(std::move(shards)) {}
  bool isSame(const ShardInput &input);
  std::set<std::string> readInputs(const Series &series);
  llvm::Error findOutdated(const Git &git, const Series &series, std::set<std::string> differing,
                           const CompileCommand &command, std::vector<std::string> &notes);

  OpenedShards shards;
  std::string tree, build;
  InputDigests digests; ///< of the base
  std::map<std::string, Unit> units;
  std::set<std::string> outdated[2]; ///< sources whose facts do not hold in the base, and after a step
  bool isUsable = true;
};

} // namespace bhlint
