// Deferrals: which objects of a driver make a function run later, who sets them up, and who starts them; and its
// interrupts.
//
// From the rows of the rules about deferrals, which say what a call or a field means, and from the facts, which say who
// makes that call. What the functions do is not here but in activity.h.
#pragma once

#include "analysis/program/contexts.h"
#include "analysis/program/values.h"

#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// A call or store at which something is set up or started.
struct CallSite {
  FunctionId in = noId; ///< noId: a static initialiser
  Place place;
  NameId with = 0; ///< function or macro, as written; 0: none
};

struct Deferral {
  std::string mechanism;       ///< "tasklet"
  std::string object;          ///< "heron.task", or a global's name
  std::vector<ObjectKey> keys; ///< under which it is started
  /// Members that the object's record is, where it was set up through them: one of `rx` and `tx` with a tasklet each.
  /// Empty: any.
  std::set<ObjectKey> holders;
  FunctionId handler = noId;
  NameId module = 0;
  std::vector<CallSite> setups; ///< by place; not empty
};

struct Interrupt {
  FunctionId handler = noId; ///< noId: none; the thread alone
  FunctionId thread = noId;  ///< noId: none
  bool wakesThread = false;  ///< some return of the handler asks for the thread
  NameId module = 0;
  CallSite request;
};

/// A start of a deferral in a function's own body.
struct StartSite {
  std::uint32_t deferral = 0; ///< into DeferralIndex::deferrals
  std::uint32_t event = 0;
  CallSite site;
};

struct DeferralIndex {
  std::vector<Deferral> deferrals;   ///< by place of the first setup
  std::vector<Interrupt> interrupts; ///< by place of request
  llvm::DenseMap<FunctionId, std::vector<StartSite>> starts;
  llvm::DenseSet<FunctionId> leaves; ///< functions that rows name: what they do is said there
};

DeferralIndex findDeferrals(const Program &program);

} // namespace bhlint
