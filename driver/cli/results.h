// ResultCache: what earlier runs have found, under a name that says all that findings are computed from.
//
// Findings are a function of the program, the rules and which of them are asked for, the learned contracts, the tree's
// constants and the facts of the units in their order; where the facts come from (cache, shards, parsing just now) does
// not matter. So a run in which none of that has changed needs neither link nor summaries. What depends on more is done
// in each run: comments in the sources, baseline, choice of a confidence, writing. Decision 009.
#pragma once

#include "analysis/cache/named_files.h"
#include "analysis/findings/check_result.h"
#include "driver/cli/pipeline.h"

namespace bhlint {

class ResultCache {
public:
  /// Of a run whose units are extracted and not linked yet. Finds nothing without a cache (--no-cache,
  /// --no-result-cache) and in a program that has no build ID.
  ResultCache(const RunOptions &options, const Run &run, const Warning &warn);

  std::optional<CheckResult> find();
  /// Of the same run, now that it is computed.
  void put(const CheckResult &result, const Run &run);

private:
  std::unique_ptr<NamedFiles> files;
  Digest name;
  std::size_t failedUnits = 0;
  const Warning &warn;
};

} // namespace bhlint
