#include "checkers/checker.h"

#include "checkers/deferral_uses.h"

#include "analysis/findings/fingerprint.h"
#include "analysis/findings/order.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {
constexpr const char *lockWalk = "lock-walk"; ///< a step
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

Checking::Checking(const Program &program, const CallResolver &resolver, llvm::ArrayRef<std::string> unasked,
                   const Workers &workers, StepRunner runStep)
    : program(program), resolver(resolver), workers(workers), runStep(std::move(runStep)) {
  for (const Checker &checker : checkers())
    if (!checker.rule || !llvm::is_contained(unasked, checker.rule)) {
      asked.push_back(&checker);
      usesSharedFields |= checker.usesSharedFields;
    }
}

Checking::~Checking() = default;

void Checking::index() {
  if (table)
    return;
  runStep(lockWalk, &workers, [&] {
    table.emplace(program);
    if (!usesSharedFields)
      reach.emplace(program, resolver, *table, SharedFields(), workers);
  });
  runStep("deferral-uses", nullptr, [&] { deferrals = std::make_unique<DeferralUses>(program); });
}

void Checking::walkWith(const SharedFields &fields, const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots) {
  runStep(lockWalk, &workers, [&] {
    if (!reach)
      reach.emplace(program, resolver, *table, fields, workers);
    locks = walkLocks(program, summaries, roots, *reach, fields, workers);
  });
}

void Checking::walk(const Summaries &summaries, llvm::ArrayRef<ContextRoot> roots) {
  index();
  if (!usesSharedFields && !locks)
    walkWith(SharedFields(), summaries, roots);
}

std::vector<Finding> Checking::find(const Summaries &summaries, const ContextMap &contexts) {
  walk(summaries, contexts.roots);
  if (usesSharedFields) {
    std::optional<SharedFields> fields;
    runStep("shared-fields", nullptr, [&] { fields.emplace(program, contexts, *table); });
    walkWith(*fields, summaries, contexts.roots);
  }
  const Analysis analysis{program, resolver, summaries, contexts, *table, *locks, *deferrals};
  std::vector<std::vector<Finding>> found(asked.size());
  workers.forEachLarge(found.size(), [&](std::size_t i) {
    runStep(asked[i]->name, nullptr, [&] { found[i] = asked[i]->check(analysis); });
  });
  std::vector<Finding> findings;
  for (std::vector<Finding> &some : found)
    llvm::append_range(findings, std::move(some));
  removeDuplicates(findings);
  sortFindings(findings);
  assignFingerprints(findings);
  return findings;
}

} // namespace bhlint
