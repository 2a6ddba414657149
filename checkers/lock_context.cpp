// A lock that an interrupt or a bottom half takes, taken elsewhere with that context still on: it comes on the same CPU,
// and waits for what it has interrupted.
//
//   bad:   spin_lock(&p->lock); ... spin_unlock(&p->lock);                          and the handler takes p->lock
//   good:  spin_lock_irqsave(&p->lock, flags); ... spin_unlock_irqrestore(&p->lock, flags);
#include "checkers/lock_trail.h"
#include "checkers/registrars.h"
#include "checkers/words.h"

#include <algorithm>
#include <map>
#include <optional>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-lock-context";

/// What interrupts: nothing, bottom halves, or more.
enum class Level : std::uint8_t { None, BottomHalf, HardIrq };

Level levelOf(const LockNode &node) {
  if (!node.isAmbientKnown)
    return Level::None;
  switch (node.ambient) {
  case Context::HardIrq:
    return Level::HardIrq;
  case Context::Softirq:
  case Context::Tasklet:
  case Context::Timer:
  case Context::BhWork:
  case Context::RcuCallback:
  case Context::Completion:
    return Level::BottomHalf;
  default:
    return Level::None;
  }
}

class LockContextCheck {
public:
  explicit LockContextCheck(const Analysis &analysis)
      : analysis(analysis), nodes(analysis.locks.nodes), uses(analysis.locks.uses), registrars(analysis) {}

  std::vector<Finding> run() {
    for (std::uint32_t i = 0; i < uses.size(); ++i)
      if (!uses[i].isSleeping && levelOf(nodes[uses[i].node]) != Level::None &&
          uses[i].contract->when == EffectWhen::Always)
        interrupters[keyOf(uses[i])].push_back(i);
    for (std::uint32_t i = 0; i < uses.size(); ++i)
      if (!uses[i].isSleeping && nodes[uses[i].node].isAmbientKnown)
        lookFor(i);
    std::vector<Finding> findings;
    for (auto &[place, found] : best)
      findings.push_back(tell(found));
    return findings;
  }

private:
  struct Pair {
    std::uint32_t victim = noId, interrupter = noId;
    Confidence confidence = Confidence::High;
    std::vector<std::string> doubts;
    std::size_t length = 0;
    unsigned conditional = 0;
  };
  using Key = std::tuple<NameId, FieldKey, std::uint32_t, NameId>;

  Key keyOf(const LockUse &use) const {
    return {nodes[use.node].module, use.lock.field, use.lock.global, use.lock.named};
  }

  static bool isInterruptible(const LockUse &use, Level level) {
    return use.irq.high == 0 && (level == Level::HardIrq || use.bottomHalf.high == 0);
  }

  void lookFor(std::uint32_t victim) {
    const LockUse &use = uses[victim];
    auto found = interrupters.find(keyOf(use));
    if (use.irq.high > 0 || found == interrupters.end())
      return;
    for (std::uint32_t other : found->second) {
      const LockUse &interrupter = uses[other];
      if (!isInterruptible(use, levelOf(nodes[interrupter.node])) ||
          (use.contract->isShared && interrupter.contract->isShared))
        continue;
      std::optional<Confidence> same = analysis.lockTable.areSame(use.lock, interrupter.lock);
      if (same)
        keep(makePair(victim, other, *same));
    }
  }

  Pair makePair(std::uint32_t victim, std::uint32_t interrupter, Confidence same) const {
    Pair pair{victim, interrupter, same, {}, 0, 0};
    if (same != Confidence::High)
      pair.doubts.push_back("several locks are in such a field; it may be another object's");
    const LockNode &below = nodes[uses[victim].node], &above = nodes[uses[interrupter].node];
    pair.confidence = std::min({pair.confidence, below.confidence, above.confidence});
    if (uses[victim].isFlagDecided || uses[interrupter].isFlagDecided)
      pair.confidence = std::min(pair.confidence, Confidence::Medium);
    auto doubt = [&](const char *why) {
      pair.confidence = std::min(pair.confidence, Confidence::Medium);
      pair.doubts.push_back(why);
    };
    LockTrail trail(analysis, uses[victim].node);
    if (registrars.isSettingUp(trail.functions(), below.module))
      doubt("the chain comes through what registers handlers, which may not run yet");
    pair.conditional = conditionalCalls(analysis, uses[victim]) + conditionalCalls(analysis, uses[interrupter]);
    if (pair.conditional > analysis.program.rules->calibration.chainLimitOf(ruleId.str()).mostOfTwo)
      doubt("calls of the chains depend on conditions, which may exclude each other");
    pair.length = trail.calls().size() + LockTrail(analysis, uses[interrupter].node).calls().size();
    return pair;
  }

  /// One for each place; the most certain, then the shortest.
  void keep(Pair pair) {
    const LockPlace place = blamed(analysis, uses[pair.victim]);
    auto [known, isNew] = best.try_emplace({nodes[place.node].function, place.event}, pair);
    auto rank = [&](const Pair &p) {
      return std::make_tuple(p.confidence, levelOf(nodes[uses[p.interrupter].node]), -static_cast<long>(p.length));
    };
    if (!isNew && rank(known->second) < rank(pair))
      known->second = std::move(pair);
  }

  Finding tell(const Pair &pair) const {
    const LockUse &interrupter = uses[pair.interrupter];
    const LockPlace victim = blamed(analysis, uses[pair.victim]);
    const LockNode &above = nodes[interrupter.node];
    const LockTrail below(analysis, victim.node), trail(analysis, interrupter.node);
    const Rule &rule = *analysis.program.rules->find(ruleId);
    const std::string lock = textOf(analysis.program, uses[pair.victim].lock);
    const bool isHard = levelOf(above) == Level::HardIrq;
    const std::string on = isHard ? "interrupts" : "bottom halves";
    Finding finding = findingAt(analysis.program, rule, nodes[victim.node].function, victim.event);
    finding.context = contextName(above.ambient);
    finding.ambient = above.ambient;
    finding.confidence = pair.confidence;
    finding.root = trail.root();
    finding.chain.push_back({below.rootFunction(), below.root().place, below.root().why});
    for (ChainStep &step : below.calls())
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(below.step(victim.event, finding.function + "() takes " + lock + " with " + finding.sink +
                                                         "(); " + on + " are on"));
    finding.chain.push_back({trail.rootFunction(), trail.root().place,
                             (isHard ? "an interrupt comes on that CPU: " : "a bottom half runs on that CPU: ") +
                                 trail.root().why});
    for (ChainStep &step : trail.calls())
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(trail.step(interrupter.event, trail.function() + "() waits for " + lock +
                                                              " for ever: who holds it cannot go on before it returns"));
    finding.conditionalCalls = pair.conditional;
    finding.suggestion = suggestionOf(rule, isHard ? "interrupt" : "bottom-half",
                                      {{"lock", lock}, {"function", trail.rootFunction() + "()"}});
    finding.assumptions = pair.doubts;
    for (const LockTrail *each : {&below, &trail})
      for (std::string &assumption : each->assumptions())
        finding.assumptions.push_back(std::move(assumption));
    finding.evidence = trail.evidence();
    finding.message = fill(rule.message, {{"sink", finding.sink + "()"},
                                          {"function", trail.function() + "()"},
                                          {"context", std::string(contextPhrase(above.ambient))},
                                          {"lock", lock}});
    return finding;
  }

  const Analysis &analysis;
  const std::vector<LockNode> &nodes;
  const std::vector<LockUse> &uses;
  Registrars registrars;
  std::map<Key, std::vector<std::uint32_t>> interrupters;
  std::map<std::pair<FunctionId, std::uint32_t>, Pair> best;
};

} // namespace

std::vector<Finding> checkLockContext(const Analysis &analysis) {
  if (!analysis.program.rules->find(ruleId.str()))
    return {};
  return LockContextCheck(analysis).run();
}

} // namespace bhlint
