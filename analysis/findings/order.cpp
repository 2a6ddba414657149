#include "analysis/findings/order.h"

#include <algorithm>
#include <tuple>

namespace bhlint {
namespace {

auto identity(const Finding &finding) { return std::tie(finding.place, finding.rule, finding.function, finding.sink); }

bool chainBefore(const Finding &a, const Finding &b) {
  return std::lexicographical_compare(a.chain.begin(), a.chain.end(), b.chain.begin(), b.chain.end(),
                                      [](const ChainStep &left, const ChainStep &right) {
                                        return std::tie(left.place, left.function, left.what) <
                                               std::tie(right.place, right.function, right.what);
                                      });
}

/// Better explanations first; a total order over all that is printed, so that the sort is deterministic.
bool explainsBetter(const Finding &a, const Finding &b) {
  if (a.confidence != b.confidence)
    return a.confidence > b.confidence;
  if (a.chain.size() != b.chain.size())
    return a.chain.size() < b.chain.size();
  const auto rest = [](const Finding &f) {
    return std::tie(f.context, f.root.place, f.root.function, f.root.why, f.fingerprint, f.message,
                    f.suggestion.mechanism, f.suggestion.why, f.assumptions, f.evidence, f.replay);
  };
  if (rest(a) != rest(b))
    return rest(a) < rest(b);
  return chainBefore(a, b);
}

} // namespace

void sortFindings(std::vector<Finding> &findings) {
  std::sort(findings.begin(), findings.end(), [](const Finding &a, const Finding &b) {
    return identity(a) != identity(b) ? identity(a) < identity(b) : explainsBetter(a, b);
  });
}

void removeDuplicates(std::vector<Finding> &findings) {
  sortFindings(findings);
  const auto last = std::unique(findings.begin(), findings.end(),
                                [](const Finding &a, const Finding &b) { return identity(a) == identity(b); });
  findings.erase(last, findings.end());
}

} // namespace bhlint
