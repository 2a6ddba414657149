// A gate: the findings before a series and after each of its patches, compared.
//
// The base is analysed like any tree, mostly from the cache. What a patch changes is a stranger's: its units are parsed
// under limits (isolate.h), and its settings do not count, those of the base do. How states of the tree are read is
// driver/gate, which findings are the same is analysis/findings/compare.h.
#pragma once

#include "driver/cli/command.h"
#include "driver/cli/pipeline.h"
#include "driver/cli/report_output.h"

#include "driver/gate/series.h"

#include <optional>

namespace bhlint {

struct GateOptions {
  RunOptions run;
  ReportOptions report;
  SeriesRequest series;
  std::vector<std::string> facts; ///< of the base, made elsewhere: shards, or folders with some
  std::size_t limit = 10;         ///< findings that are shown; 0: all
  std::size_t units = 300;        ///< of the scope at most; 0: any number
  bool hasEdits = false;          ///< findings are to carry theirs
};

struct GateResult {
  Report report;
  Run end; ///< sees the files as the series leaves them; without units
  std::vector<FailedUnit> unjudged; ///< units that the series makes, or changes, such that they can't be analysed
  std::size_t hidden = 0;           ///< new findings of lower confidence
};

/// Empty: it failed, and said why.
std::optional<GateResult> runGate(GateOptions options, Invocation &invocation);

} // namespace bhlint
