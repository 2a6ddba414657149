#include "analysis/ruleset/rule_set.h"

#include <algorithm>

namespace bhlint {

std::string_view sleepKindName(SleepKind kind) {
  switch (kind) {
  case SleepKind::Sleep:
    return "sleep";
  case SleepKind::Mutex:
    return "mutex";
  case SleepKind::Allocation:
    return "allocation";
  case SleepKind::UserAccess:
    return "uaccess";
  }
  return "";
}

const Rule *RuleSet::find(std::string_view id) const {
  const auto found = std::lower_bound(rules.begin(), rules.end(), id,
                                      [](const Rule &rule, std::string_view wanted) { return rule.id < wanted; });
  return found != rules.end() && found->id == id ? &*found : nullptr;
}

RuleSet forKernel(RuleSet rules, unsigned version) {
  if (version == 0)
    return rules;
  auto keep = [version](auto &rows) {
    std::erase_if(rows, [version](const auto &row) { return !row.provenance.kernels.contains(version); });
  };
  keep(rules.sleeps);
  keep(rules.effects);
  keep(rules.callbacks);
  keep(rules.ops);
  keep(rules.tests);
  keep(rules.queues);
  keep(rules.queueKinds);
  keep(rules.deferred);
  keep(rules.deferralSetups);
  keep(rules.deferralFields);
  keep(rules.deferralStarts);
  keep(rules.interrupts);
  std::erase_if(rules.deferralAdvice, [version](const DeferralAdvice &row) { return !row.kernels.contains(version); });
  keep(rules.sleepingLocks);
  keep(rules.masks);
  keep(rules.waits);
  keep(rules.irqRequests);
  keep(rules.legacy);
  keep(rules.teardowns);
  keep(rules.teardownEnds);
  keep(rules.teardownBegins);
  keep(rules.frees);
  keep(rules.managed);
  keep(rules.delays);
  keep(rules.copies);
  keep(rules.registerReads);
  keep(rules.puts);
  keep(rules.sharedQueues);
  return rules;
}

} // namespace bhlint
