// Checkers: small queries over the linked analysis that produce findings. The table is in checkers.cpp.
//
// A checker decides what to say and where; what can happen was decided by analysis/program. To add one: a .cpp here, a
// row in checkers.cpp, rules/<id>.yaml and testdata/<id>/.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/program/contexts.h"
#include "analysis/program/lock_reach.h"
#include "analysis/program/lock_walk.h"

#include <functional>
#include <optional>
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

/// Executes a step of Checking: a checker or what several of them need, on the thread that this is called from and, if
/// `helpers` aren't null, on theirs. For who wants to know what each costs; several steps may have one name.
using StepRunner = std::function<void(const char *name, const Workers *helpers, llvm::function_ref<void()> step)>;
inline void runStep(const char *, const Workers *, llvm::function_ref<void()> step) { step(); }

/// All checkers, and what several of them need. In steps, since little of that has to wait for contexts: who makes them
/// may have it done meanwhile. Each step does what was left out before it.
class Checking {
public:
  /// What only `unasked` rules need is not computed, and nothing is said of them; the findings of the others do not
  /// depend on it, nor any finding on `workers`. References are kept.
  Checking(const Program &program, const CallResolver &resolver, llvm::ArrayRef<std::string> unasked,
           const Workers &workers, StepRunner runStep = bhlint::runStep);
  Checking(const Checking &) = delete;
  ~Checking();

  /// What needs nothing but the program.
  void index();
  /// What needs summaries and roots: the walk over locks.
  void walk(const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots);
  /// All findings, sorted, with fingerprints; those of opt-in rules, too.
  std::vector<Finding> find(const Summaries &summaries, const ContextMap &contexts);

private:
  void walkWith(const SharedFields &fields, const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots);

  const Program &program;
  const CallResolver &resolver;
  std::vector<const Checker *> asked;
  bool usesSharedFields = false; ///< which need contexts, and the walk goes to them
  Workers workers;
  const StepRunner runStep;
  std::optional<LockTable> table;
  std::optional<LockReach> reach;
  std::optional<LockMap> locks;
  std::unique_ptr<DeferralUses> deferrals;
};

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
