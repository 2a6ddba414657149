// The words of a map: how entries and what they do are named, the same in every format.
#pragma once

#include "analysis/map/driver_map.h"

#include <string>
#include <vector>

namespace bhlint {

class MapText {
public:
  explicit MapText(const Program &program) : program(program) {}

  std::string function(FunctionId id) const;    ///< "foo_irq()", "no function" for noId
  std::string place(const Place &place) const;  ///< "drivers/foo/bar.c:12"
  std::string site(const CallSite &site) const; ///< "drivers/foo/bar.c:12 in foo_probe(), tasklet_setup()"
  std::string title(const DriverMap &map, const MapEntry &entry) const; ///< "tasklet foo.task: foo_task()"
  std::string contexts(const MapEntry &entry) const;                    ///< "runs in tasklet context"
  std::string unstarted(const Deferral &deferral) const;                ///< why nobody is shown who starts it

  /// What an entry does, by subject; each text once.
  struct Fact {
    std::string subject; ///< "locks", "may sleep", ...
    std::string what;    ///< "&foo->lock with spin_lock()"
    std::string where;   ///< "drivers/foo/bar.c:12 in foo_task()"
  };
  std::vector<Fact> facts(const MapEntry &entry) const;

private:
  Fact factOf(const Act &act, bool isViolation) const;
  const Program &program;
};

} // namespace bhlint
