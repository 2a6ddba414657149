// Interrupts turned on again by who did not turn them off; bottom halves turned on with interrupts off.
//
//   bad:   spin_lock_irqsave(&a, flags); spin_lock_irq(&b); ... spin_unlock_irq(&b);   interrupts are on, with a held
//   good:  spin_lock_irqsave(&a, flags); spin_lock(&b); ... spin_unlock(&b);
#include "checkers/lock_trail.h"
#include "checkers/words.h"

#include <algorithm>
#include <map>
#include <optional>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-nested-context";

class NestedContextCheck {
public:
  NestedContextCheck(const Analysis &analysis, const Rule &rule) : analysis(analysis), rule(rule) {}

  std::vector<Finding> run() {
    for (const LockRelease &release : analysis.locks.releases)
      if (isWrong(release))
        keep(release);
    std::vector<Finding> findings;
    for (auto &[place, finding] : best)
      findings.push_back(std::move(finding));
    return findings;
  }

private:
  const LockNode &nodeOf(const LockRelease &release) const { return analysis.locks.nodes[release.node]; }

  bool isRoot(const LockRelease &release, Context context) const {
    return nodeOf(release).isAmbientKnown && nodeOf(release).ambient == context;
  }

  /// One level is that of the lock itself, where it turned them off; in an interrupt they were off before.
  bool isWrong(const LockRelease &release) const {
    if (release.contract->effect.bottomHalf < 0)
      return true;
    return release.irq.low > 1 || isRoot(release, Context::HardIrq);
  }

  /// What is turned on must have been off already where this was entered: by its caller, or further up.
  std::string turnedOffBy(const LockRelease &release) const {
    const LockNode &node = nodeOf(release);
    if (node.isAmbientKnown && (node.ambient == Context::HardIrq || node.ambient == Context::IrqsOff))
      return std::string(contextPhrase(node.ambient));
    llvm::ArrayRef<HeldLock> before = release.held;
    if (release.contract->lockArgument && !before.empty())
      before = before.drop_back(); // the one that is released
    for (const HeldLock &held : before)
      if (held.effect.irq > 0)
        return "the code above, which took " + textOf(analysis.program, held.name) + ",";
    return "its caller";
  }

  void keep(const LockRelease &release) {
    Finding finding = tell(release);
    const LockPlace place = blamed(analysis, release);
    auto [known, isNew] = best.try_emplace({analysis.locks.nodes[place.node].function, place.event}, finding);
    auto rank = [](const Finding &f) { return std::make_pair(f.confidence, -static_cast<long>(f.chain.size())); };
    if (!isNew && rank(known->second) < rank(finding))
      known->second = std::move(finding);
  }

  Finding tell(const LockRelease &release) const {
    const LockNode &node = nodeOf(release);
    const LockPlace place = blamed(analysis, release);
    const LockTrail trail(analysis, place.node);
    const bool isBottomHalf = release.contract->effect.bottomHalf < 0;
    Finding finding = findingAt(analysis.program, rule, analysis.locks.nodes[place.node].function, place.event);
    const bool isInterrupt = isRoot(release, Context::HardIrq);
    finding.context = contextName(isInterrupt ? Context::HardIrq : Context::IrqsOff);
    finding.ambient = node.ambient;
    finding.confidence = std::min(node.confidence, release.contract->provenance.confidence);
    finding.root = trail.root();
    finding.chain = trail.calls();
    finding.chain.push_back(trail.step(place.event, finding.sink + (isBottomHalf
                                                                          ? "() turns on bottom halves, and runs those that wait"
                                                                          : "() turns on interrupts")));
    finding.assumptions = trail.assumptions();
    finding.conditionalCalls = conditionalCalls(analysis, release);
    const ChainLimit limit = analysis.program.rules->calibration.chainLimitOf(rule.id);
    if (finding.conditionalCalls > limit.most || release.isFlagDecided) {
      finding.confidence = std::min(finding.confidence, Confidence::Medium);
      finding.assumptions.push_back("several calls of the chain depend on conditions");
    }
    finding.evidence = release.contract->provenance.evidence;
    finding.suggestion = suggestionOf(rule, isBottomHalf ? "bottom-half" : "interrupt", {});
    finding.message = fill(isBottomHalf ? rule.forbiddenMessage : rule.message,
                           {{"sink", finding.sink + "()"},
                            {"function", finding.function + "()"},
                            {"context", turnedOffBy(release)},
                            {"lock", ""}});
    return finding;
  }

  const Analysis &analysis;
  const Rule &rule;
  std::map<std::pair<FunctionId, std::uint32_t>, Finding> best;
};

} // namespace

std::vector<Finding> checkNestedContext(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? NestedContextCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
