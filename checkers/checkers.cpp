#include "checkers/checker.h"

#include "analysis/findings/fingerprint.h"
#include "analysis/findings/order.h"

#include <algorithm>

namespace bhlint {

namespace {
constexpr Checker table[] = {
    {"sleep-in-atomic", checkSleepInAtomic},
};
} // namespace

llvm::ArrayRef<Checker> checkers() { return table; }

std::vector<Finding> check(const Analysis &analysis, const std::vector<std::string> &optIn) {
  std::vector<Finding> findings;
  for (const Checker &checker : checkers())
    for (Finding &finding : checker.check(analysis)) {
      const Rule *rule = analysis.program.rules->find(finding.rule);
      if (rule && (rule->isDefault || std::find(optIn.begin(), optIn.end(), rule->id) != optIn.end()))
        findings.push_back(std::move(finding));
    }
  removeDuplicates(findings);
  sortFindings(findings);
  assignFingerprints(findings);
  return findings;
}

} // namespace bhlint
