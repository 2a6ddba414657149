// Activity: what code does from one function on, calls included: locks, sleeps, allocations, loops, and what it starts.
//
// For drawings and advice, so it tells all that *can* happen on some path, without the conditions; whether something
// sleeps where it must not is contexts.h. Code of headers is told at the call that the driver makes.
#pragma once

#include "analysis/map/deferrals.h"

#include <memory>

namespace bhlint {

enum class ActKind : std::uint8_t {
  Lock,       ///< spinlocks and the like; `sleeps` never
  Mutex,      ///< a lock that sleeps
  Sleep,      ///< by itself, or in a callee that these units don't have
  Allocation, ///< with flags that say whether it sleeps
  Loop,
  Start ///< of a deferral
};

struct Act {
  ActKind kind = ActKind::Lock;
  bool sleeps = false;
  bool isSleepUnknown = false;   ///< allocation whose flags come from elsewhere
  std::uint32_t deciding = noId; ///< the parameter of its function that decides, when unknown
  std::uint32_t holder = noId;   ///< the parameter of its function through which the lock is reached
  std::string what;              ///< the lock, the function that sleeps or allocates, the object that is started
  std::string with;              ///< the call, where `what` is not that
  FunctionId in = noId;
  Place place;
  std::uint32_t deferral = noId; ///< Start: into DeferralIndex::deferrals
};

struct Activity {
  std::vector<Act> acts;                ///< in the order in which the functions are reached, then of the source
  llvm::DenseSet<FunctionId> functions; ///< that are reached, but for those of headers
  bool has(ActKind kind) const;
  bool sleeps() const;
};

class ActivityFinder {
public:
  ActivityFinder(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                 const DeferralIndex &index)
      : program(program), resolver(resolver), summaries(summaries), index(index) {}
  Activity activityOf(FunctionId root);

private:
  struct OwnActs {
    std::vector<Act> acts;
    std::vector<FunctionId> callees; ///< to go on with
  };
  const OwnActs &ownActs(FunctionId function);
  void addCall(FunctionId function, const Body &body, std::uint32_t event, OwnActs &result);
  void addStarts(FunctionId function, std::uint32_t event, OwnActs &result) const;
  bool addContracts(FunctionId function, const Body &body, std::uint32_t event, OwnActs &result) const;
  void addSleep(const SleepContract &row, FunctionId function, const Body &body, std::uint32_t event,
                OwnActs &result) const;
  void addLock(std::string lock, FunctionId function, const BodyEvent &event, OwnActs &result,
               std::uint32_t holder = noId) const;
  void addMacro(FunctionId function, const Body &body, std::uint32_t event, OwnActs &result) const;
  void addInlined(const Body &body, const BodyEvent &event, FunctionId function, const OwnActs &inlined,
                  OwnActs &result) const;
  void addLoops(FunctionId function, const Body &body, OwnActs &result) const;
  void descend(FunctionId function, const Body &body, const BodyEvent &event, FunctionId callee, OwnActs &result);

  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  const DeferralIndex &index;
  llvm::DenseMap<FunctionId, std::unique_ptr<OwnActs>> known;
};

} // namespace bhlint
