#include "driver/cli/gate_compare.h"

#include <algorithm>

namespace bhlint {

namespace {

/// From which patch a finding is; nothing: from the base.
using Origin = std::optional<unsigned>;

SourcePlace moved(SourcePlace place, const Changes &changes) {
  place.file = changes.newName(place.file);
  place.line = place.line == 0 ? 0 : changes.newLine(place.file, place.line);
  return place;
}

/// Nobody knows whether a finding is gone whose unit could not be analysed.
bool isAmong(const std::vector<FailedUnit> &failed, const Finding &finding) {
  return std::any_of(failed.begin(), failed.end(), [&](const FailedUnit &unit) {
    return unit.file == finding.place.file || unit.file == finding.root.place.file ||
           std::any_of(finding.chain.begin(), finding.chain.end(),
                       [&](const ChainStep &step) { return step.place.file == unit.file; });
  });
}

} // namespace

std::vector<Finding> newFindings(const std::vector<TreeState> &states, const Series &series, Gate &gate) {
  std::vector<Finding> fresh;
  std::vector<Origin> origins(states.front().findings.size());
  std::vector<SourcePlace> causes(origins.size());
  for (std::size_t i = 1; i < states.size(); ++i) {
    const std::vector<Finding> &before = states[i - 1].findings, &after = states[i].findings;
    const PatchView patch{series.steps[i - 1].changes, states[i - 1].functions, states[i].functions};
    const std::vector<std::optional<std::size_t>> partners = matchFindings(before, after, patch);
    std::vector<Origin> next(after.size());
    std::vector<SourcePlace> nextCauses(after.size());
    std::vector<bool> isKept(before.size());
    for (std::size_t n = 0; n < after.size(); ++n) {
      if (partners[n]) {
        isKept[*partners[n]] = true;
        next[n] = origins[*partners[n]];
        nextCauses[n] = moved(causes[*partners[n]], patch.changes);
      } else {
        next[n] = static_cast<unsigned>(i - 1);
        nextCauses[n] = causeOf(after[n], patch);
      }
    }
    for (std::size_t n = 0; n < before.size(); ++n)
      if (!isKept[n] && !isAmong(states[i].failed, before[n]))
        (origins[n] ? gate.transient : gate.fixed).push_back(before[n]);
    origins = std::move(next);
    causes = std::move(nextCauses);
  }
  for (std::size_t n = 0; n < origins.size(); ++n) {
    Finding finding = states.back().findings[n];
    if (!origins[n])
      ++gate.known;
    else if (states.back().allowed.count(finding.fingerprint))
      ++gate.allowed;
    else {
      finding.introduced = Introduction{*origins[n], causes[n]};
      fresh.push_back(std::move(finding));
    }
  }
  return fresh;
}

std::vector<FailedUnit> unjudgedUnits(const std::vector<TreeState> &states, const GateUnits &units) {
  std::vector<FailedUnit> unjudged;
  for (const FailedUnit &unit : states.back().failed) {
    const bool failedBefore = std::any_of(states.front().failed.begin(), states.front().failed.end(),
                                          [&](const FailedUnit &old) { return old.file == unit.file; });
    if (!failedBefore || units.isChanged(unit.file))
      unjudged.push_back(unit);
  }
  return unjudged;
}

void bestFirst(std::vector<Finding> &findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding &a, const Finding &b) {
    const auto rank = [](const Finding &finding) {
      return std::make_tuple(-static_cast<int>(finding.confidence), finding.severity,
                             finding.replay != ReplayState::Reproduced, finding.chain.size());
    };
    return rank(a) < rank(b);
  });
}

} // namespace bhlint
