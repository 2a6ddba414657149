// Checkers: small queries over the linked analysis that produce findings. The table is in checkers.cpp.
//
// A checker decides what to say and where; what can happen was decided by analysis/program. To add one: a .cpp here, a
// row in checkers.cpp, rules/<id>.yaml and testdata/<id>/.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/program/contexts.h"
#include "analysis/program/lock_walk.h"

#include <vector>

namespace bhlint {

class DeferralUses;

/// Everything that a checker may look at.
struct Analysis {
  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  const ContextMap &contexts;
  const LockTable &lockTable;
  const LockMap &locks;
  const DeferralUses &deferrals; ///< deferral_uses.h
};

struct Checker {
  const char *name;
  const char *rule; ///< the only one that it speaks for; null: it speaks for several
  std::vector<Finding> (*check)(const Analysis &);
  bool usesSharedFields = false; ///< LockMap::fields
};

llvm::ArrayRef<Checker> checkers();

/// Executes a step of check(): a checker or what several of them need, on the thread that this is called from; or `lockWalk`,
/// which uses all of them. For who wants to know what each costs.
using StepRunner = llvm::function_ref<void(const char *name, llvm::function_ref<void()> step)>;
inline constexpr const char *lockWalk = "lock-walk";
inline void runStep(const char *, llvm::function_ref<void()> step) { step(); }

/// All findings, sorted, with fingerprints; those of opt-in rules, too. What only `unasked` rules need is not computed,
/// and nothing is said of them; the findings of the others do not depend on it. `jobs` threads, 0: one for each core.
/// The result does not depend on that either.
std::vector<Finding> check(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                           const ContextMap &contexts, unsigned jobs = 1, StepRunner runStep = bhlint::runStep,
                           llvm::ArrayRef<std::string> unasked = {});

std::vector<Finding> checkFlushDeadlock(const Analysis &analysis);
std::vector<Finding> checkLegacyApi(const Analysis &analysis);
std::vector<Finding> checkLockContext(const Analysis &analysis);
std::vector<Finding> checkLockOrder(const Analysis &analysis);
std::vector<Finding> checkLongTopHalf(const Analysis &analysis);
std::vector<Finding> checkNestedContext(const Analysis &analysis);
std::vector<Finding> checkSleepInAtomic(const Analysis &analysis);
std::vector<Finding> checkTeardown(const Analysis &analysis);
std::vector<Finding> checkTeardownOrder(const Analysis &analysis);
std::vector<Finding> checkThreadedIrq(const Analysis &analysis);
std::vector<Finding> checkUaccessInKthread(const Analysis &analysis);
std::vector<Finding> checkUnprotectedShared(const Analysis &analysis);
std::vector<Finding> checkUnwind(const Analysis &analysis);

} // namespace bhlint
