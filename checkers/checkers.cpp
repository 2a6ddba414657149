#include "checkers/checker.h"

#include "checkers/deferral_uses.h"

#include "analysis/findings/fingerprint.h"
#include "analysis/findings/order.h"
#include "analysis/program/parallel.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {
constexpr Checker table[] = {
    {"flush-deadlock", checkFlushDeadlock},
    {"legacy-api", checkLegacyApi},
    {"lock-context", checkLockContext},
    {"lock-order", checkLockOrder},
    {"long-top-half", checkLongTopHalf},
    {"nested-context", checkNestedContext},
    {"sleep-in-atomic", checkSleepInAtomic},
    {"teardown", checkTeardown},
    {"teardown-order", checkTeardownOrder},
    {"threaded-irq", checkThreadedIrq},
    {"uaccess-in-kthread", checkUaccessInKthread},
    {"unprotected-shared", checkUnprotectedShared},
    {"unwind", checkUnwind},
};
} // namespace

llvm::ArrayRef<Checker> checkers() { return table; }

std::vector<Finding> check(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                           const ContextMap &contexts, unsigned jobs, StepRunner runStep) {
  const LockTable table(program);
  std::optional<SharedFields> fields;
  std::optional<DeferralUses> deferrals;
  LockMap locks;
  runStep("shared-fields", [&] { fields.emplace(program, contexts, table); });
  runStep(lockWalk, [&] { locks = walkLocks(program, resolver, summaries, contexts, table, *fields, jobs); });
  runStep("deferral-uses", [&] { deferrals.emplace(program); });
  const Analysis analysis{program, resolver, summaries, contexts, table, locks, *deferrals};
  std::vector<Finding> findings;
  std::vector<std::vector<Finding>> found(checkers().size());
  Workers(jobs).forEach(found.size(), [&](std::size_t i) {
    runStep(checkers()[i].name, [&] { found[i] = checkers()[i].check(analysis); });
  });
  for (std::vector<Finding> &some : found)
    llvm::append_range(findings, std::move(some));
  removeDuplicates(findings);
  sortFindings(findings);
  assignFingerprints(findings);
  return findings;
}

} // namespace bhlint
