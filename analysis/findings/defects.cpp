#include "analysis/findings/defects.h"

#include "analysis/findings/story.h"

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bhlint {
namespace {

/// The call that the atomic section makes; null: it sleeps itself.
const ChainStep *callOf(const Finding &finding) {
  auto first = finding.chain.begin();
  for (auto step = finding.chain.begin(); step != finding.chain.end(); ++step)
    if (step->place == finding.root.place && step->what == finding.root.why)
      first = step + 1; // where it takes the lock
  return finding.chain.end() - first > 1 ? &*first : nullptr;
}

/// Ends with the place: a total order over what is joined, so that the order of the input does not matter.
auto rank(const Finding &finding) {
  return std::make_tuple(-static_cast<int>(finding.confidence), finding.chain.size(), finding.place, finding.sink);
}

OtherSink sinkOf(const Finding &finding) {
  return {finding.place, finding.function, finding.sink, finding.confidence, finding.fingerprint};
}

} // namespace

void joinDefects(std::vector<Finding> &findings) {
  using Key = std::tuple<std::string, std::string, SourcePlace, SourcePlace, unsigned>;
  std::map<Key, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Finding &finding = findings[i];
    if (const ChainStep *call = finding.sinkKind == SinkKind::Other ? nullptr : callOf(finding))
      groups[{finding.rule, finding.root.function, finding.root.place, call->place,
              finding.introduced ? finding.introduced->patch : 0}]
          .push_back(i);
  }
  std::vector<bool> isJoined(findings.size(), false);
  for (auto &[key, members] : groups) {
    std::sort(members.begin(), members.end(),
              [&](std::size_t a, std::size_t b) { return rank(findings[a]) < rank(findings[b]); });
    for (std::size_t other : llvm::ArrayRef(members).drop_front()) {
      findings[members.front()].otherSinks.push_back(sinkOf(findings[other]));
      isJoined[other] = true;
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < findings.size(); ++i)
    if (!isJoined[i]) {
      if (kept != i)
        findings[kept] = std::move(findings[i]);
      ++kept;
    }
  findings.resize(kept);
}

std::string otherSinksText(const Finding &finding) {
  constexpr std::size_t mostNamed = 3;
  std::string text;
  for (const OtherSink &other : llvm::ArrayRef(finding.otherSinks).take_front(mostNamed))
    text += (text.empty() ? "" : ", ") + other.sink + "() (" + placeText(other.place) + ")";
  if (finding.otherSinks.size() > mostNamed)
    text += " and " + std::to_string(finding.otherSinks.size() - mostNamed) + " more";
  return text;
}

} // namespace bhlint
