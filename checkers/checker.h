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

/// Everything that a checker may look at.
struct Analysis {
  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  const ContextMap &contexts;
  const LockTable &lockTable;
  const LockMap &locks;
};

struct Checker {
  const char *name;
  std::vector<Finding> (*check)(const Analysis &);
};

llvm::ArrayRef<Checker> checkers();

/// All findings of all checkers, sorted, with fingerprints; those of opt-in rules, too. `jobs` threads, 0: one for each
/// core. The result does not depend on it.
std::vector<Finding> check(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                           const ContextMap &contexts, unsigned jobs = 1);

std::vector<Finding> checkFlushDeadlock(const Analysis &analysis);
std::vector<Finding> checkLegacyApi(const Analysis &analysis);
std::vector<Finding> checkLockContext(const Analysis &analysis);
std::vector<Finding> checkLongTopHalf(const Analysis &analysis);
std::vector<Finding> checkNestedContext(const Analysis &analysis);
std::vector<Finding> checkSleepInAtomic(const Analysis &analysis);
std::vector<Finding> checkTeardown(const Analysis &analysis);
std::vector<Finding> checkThreadedIrq(const Analysis &analysis);

} // namespace bhlint
