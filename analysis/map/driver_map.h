// DriverMap: a driver's interrupts and deferrals as one drawing: who starts what, in which context it runs, and what it
// does.
//
// One map for each module. Built from Program, ContextMap and Summaries; nothing is judged here. Recommendations are
// advise.h, drawings write_map.h.
#pragma once

#include "analysis/map/activity.h"

#include <string>
#include <vector>

namespace bhlint {

enum class EntryKind : std::uint8_t {
  TopHalf,  ///< handler of an interrupt
  Thread,   ///< of an interrupt
  Deferred, ///< what a deferral runs
  Other     ///< another way into the driver that starts something: an operation, a probe, a callback
};

/// A place where control comes into the driver.
struct MapEntry {
  EntryKind kind = EntryKind::Other;
  FunctionId function = noId;
  bool hasBody = false;           ///< false: its code is not in these units
  std::vector<Context> contexts;  ///< in which it is entered; empty: no rule says
  std::uint32_t interrupt = noId; ///< TopHalf, Thread: into DriverMap::interrupts
  std::uint32_t deferral = noId;  ///< Deferred: into DriverMap::deferrals
  std::string why;                ///< Other: "foo_open() is a ndo_open"
  Activity activity;
  /// Where it sleeps although its context forbids it, as the findings say; only for atomic contexts.
  std::vector<Act> violations;
  bool isAtomic() const;
  bool sleeps() const { return activity.sleeps() || !violations.empty(); }
};

/// From an entry to a deferred one or a thread.
struct MapEdge {
  std::uint32_t from = 0, to = 0; ///< into DriverMap::entries
  CallSite site;                  ///< of the first call that does it
};

struct DriverMap {
  std::string module;
  std::vector<Interrupt> interrupts;
  std::vector<Deferral> deferrals;
  std::vector<MapEntry> entries; ///< top halves and threads, deferred ones, others; each by place
  std::vector<MapEdge> edges;
};

/// Maps of the modules that have an interrupt or a deferral, by name.
std::vector<DriverMap> mapDrivers(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                                  const ContextMap &contexts);

} // namespace bhlint
