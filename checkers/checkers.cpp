#include "checkers/checker.h"

#include "checkers/deferral_uses.h"

#include "analysis/findings/fingerprint.h"
#include "analysis/findings/order.h"
#include "analysis/program/parallel.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {
constexpr Checker table[] = {
    {"flush-deadlock", "bh-flush-deadlock", checkFlushDeadlock},
    {"legacy-api", "bh-legacy-api", checkLegacyApi},
    {"lock-context", "bh-lock-context", checkLockContext},
    {"lock-order", "bh-lock-order", checkLockOrder},
    {"long-top-half", "bh-long-top-half", checkLongTopHalf},
    {"nested-context", "bh-nested-context", checkNestedContext},
    {"sleep-in-atomic", nullptr, checkSleepInAtomic},
    {"teardown", "bh-teardown", checkTeardown},
    {"teardown-order", "bh-teardown-order", checkTeardownOrder},
    {"threaded-irq", "bh-threaded-irq", checkThreadedIrq},
    {"uaccess-in-kthread", "bh-uaccess-in-kthread", checkUaccessInKthread},
    {"unprotected-shared", "bh-unprotected-shared", checkUnprotectedShared, /*usesSharedFields=*/true},
    {"unwind", "bh-teardown-unwind", checkUnwind},
};
} // namespace

llvm::ArrayRef<Checker> checkers() { return table; }

std::vector<Finding> check(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                           const ContextMap &contexts, unsigned jobs, StepRunner runStep,
                           llvm::ArrayRef<std::string> unasked) {
  std::vector<const Checker *> asked;
  for (const Checker &checker : checkers())
    if (!checker.rule || !llvm::is_contained(unasked, checker.rule))
      asked.push_back(&checker);
  const LockTable table(program);
  std::optional<SharedFields> fields;
  std::optional<DeferralUses> deferrals;
  LockMap locks;
  if (llvm::any_of(asked, [](const Checker *checker) { return checker->usesSharedFields; }))
    runStep("shared-fields", [&] { fields.emplace(program, contexts, table); });
  else
    fields.emplace();
  runStep(lockWalk, [&] { locks = walkLocks(program, resolver, summaries, contexts, table, *fields, jobs); });
  runStep("deferral-uses", [&] { deferrals.emplace(program); });
  const Analysis analysis{program, resolver, summaries, contexts, table, locks, *deferrals};
  std::vector<Finding> findings;
  std::vector<std::vector<Finding>> found(asked.size());
  Workers(jobs).forEach(found.size(),
                        [&](std::size_t i) { runStep(asked[i]->name, [&] { found[i] = asked[i]->check(analysis); }); });
  for (std::vector<Finding> &some : found)
    llvm::append_range(findings, std::move(some));
  removeDuplicates(findings);
  sortFindings(findings);
  assignFingerprints(findings);
  return findings;
}

} // namespace bhlint
