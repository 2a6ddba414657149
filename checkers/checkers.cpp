#include "checkers/checker.h"

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
    {"long-top-half", checkLongTopHalf},
    {"nested-context", checkNestedContext},
    {"sleep-in-atomic", checkSleepInAtomic},
    {"teardown", checkTeardown},
    {"threaded-irq", checkThreadedIrq},
};
} // namespace

llvm::ArrayRef<Checker> checkers() { return table; }

std::vector<Finding> check(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                           const ContextMap &contexts, unsigned jobs) {
  const LockTable table(program);
  const LockMap locks = walkLocks(program, resolver, summaries, contexts, table, jobs);
  const Analysis analysis{program, resolver, summaries, contexts, table, locks};
  std::vector<Finding> findings;
  std::vector<std::vector<Finding>> found(checkers().size());
  Workers(jobs).forEach(found.size(), [&](std::size_t i) { found[i] = checkers()[i].check(analysis); });
  for (std::vector<Finding> &some : found)
    llvm::append_range(findings, std::move(some));
  removeDuplicates(findings);
  sortFindings(findings);
  assignFingerprints(findings);
  return findings;
}

} // namespace bhlint
