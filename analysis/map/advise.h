// Advice: for each deferral of a driver, what its function does, who starts it, and what the decision table recommends.
//
// The table is data (rules/advice.yaml, `deferrals`); this evaluates its conditions on a DriverMap. Interrupt threads
// count as deferrals: they are what the others are compared with. How often one runs is not in the code: a trace tells
// it.
#pragma once

#include "analysis/map/driver_map.h"
#include "analysis/observe/observation.h"

#include "llvm/Support/raw_ostream.h"

namespace bhlint {

/// What the conditions of the table are about.
struct DeferralTraits {
  bool sleeps = false, allocates = false, loops = false;
  bool restarts = false;          ///< starts itself again
  bool onlyStarts = false;        ///< no lock, sleep, allocation or loop: it starts something else
  bool ownInterrupt = false;      ///< started by the top half of one interrupt, by itself perhaps, and by nothing else
  std::optional<bool> frequent;   ///< whether it runs as often as RuleSet::frequentPerSecond; nothing: not measured
  std::vector<Context> runsIn;    ///< contexts in which it runs; empty: not known
  std::vector<Context> startedIn; ///< contexts of who starts it, without itself; sorted
};

struct Advice {
  std::uint32_t entry = 0; ///< into DriverMap::entries
  DeferralTraits traits;
  const DeferralAdvice *row = nullptr; ///< null: the table has no row for it
};

/// In the order of the map's entries. `trace` may be null.
std::vector<Advice> adviseOn(const Program &program, const DriverMap &map, const Observation *trace);

void writeAdvice(const Program &program, const std::vector<DriverMap> &maps, const Observation *trace,
                 llvm::raw_ostream &out);

} // namespace bhlint
