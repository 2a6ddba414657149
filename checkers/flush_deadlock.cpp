// Waiting for a handler that waits for the waiter: from the handler itself, or with a lock that the handler takes.
//
//   bad:   mutex_lock(&p->lock); cancel_work_sync(&p->work); mutex_unlock(&p->lock);       and the work takes p->lock
//   good:  cancel_work_sync(&p->work); mutex_lock(&p->lock); ... mutex_unlock(&p->lock);
#include "checkers/handlers.h"
#include "checkers/lock_trail.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <optional>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-flush-deadlock";

class FlushDeadlockCheck {
public:
  FlushDeadlockCheck(const Analysis &analysis, const Rule &rule)
      : analysis(analysis), program(analysis.program), nodes(analysis.locks.nodes), rule(rule),
        limit(program.rules->calibration.chainLimitOf(rule.id)), handlers(analysis.program) {}

  std::vector<Finding> run() {
    for (std::uint32_t i = 0; i < analysis.locks.uses.size(); ++i)
      usesOf[rootOf(analysis.locks.uses[i].node)].push_back(i);
    for (const HandlerWait &wait : analysis.locks.waits)
      judge(wait);
    std::vector<Finding> findings;
    for (auto &[key, finding] : best)
      findings.push_back(std::move(finding));
    return findings;
  }

private:
  /// Where the wait is written: in the code that names the object, not in a header's wrapper.
  struct Place {
    LockPlace at;
    const Body *body = nullptr;
    const Operand *object = nullptr;
  };

  FunctionId rootOf(std::uint32_t node) const {
    while (nodes[node].parent != noId)
      node = nodes[node].parent;
    return nodes[node].function;
  }

  std::optional<Place> placeOf(const HandlerWait &wait) const {
    Place place{wait, nullptr, nullptr};
    unsigned argument = wait.contract->argument;
    for (;;) {
      place.body = program.bodyOf(nodes[place.at.node].function);
      const BodyEvent &event = place.body->events[place.at.event];
      if (argument >= event.argumentCount)
        return std::nullopt;
      place.object = &place.body->argumentsOf(event)[argument];
      if (place.object->valueKind() != facts::ValueKind::Parameter || nodes[place.at.node].parent == noId)
        return place;
      argument = place.object->index;
      place.at.event = nodes[place.at.node].event;
      place.at.node = nodes[place.at.node].parent;
    }
  }

  void judge(const HandlerWait &wait) {
    std::optional<Place> place = placeOf(wait);
    if (!place)
      return;
    for (FunctionId handler : handlers.of(*wait.contract, *place->body, *place->object, nodes[wait.node].module)) {
      if (rootOf(wait.node) == handler) {
        if (!wait.contract->isSelfAllowed)
          keep(*place, tellSelf(wait, *place));
        continue;
      }
      for (const HeldLock &held : wait.held)
        for (std::uint32_t use : usesOf[handler])
          judgeLock(wait, *place, held, analysis.locks.uses[use]);
    }
  }

  void judgeLock(const HandlerWait &wait, const Place &place, const HeldLock &held, const LockUse &use) {
    if (use.contract->when != EffectWhen::Always || (held.isShared && use.contract->isShared) ||
        held.isSleeping != use.isSleeping)
      return;
    if (std::optional<Confidence> same = analysis.lockTable.areSame(held.name, use.lock))
      keep(place, tellLock(wait, place, held, use, *same));
  }

  /// One for each place; the most certain, then the shortest.
  void keep(const Place &place, Finding finding) {
    auto [known, isNew] = best.try_emplace({nodes[place.at.node].function, place.at.event}, finding);
    auto rank = [](const Finding &f) { return std::make_pair(f.confidence, -static_cast<long>(f.chain.size())); };
    if (!isNew && rank(known->second) < rank(finding))
      known->second = std::move(finding);
  }

  Finding begin(const HandlerWait &wait, const Place &place, const HeldLock *held) const {
    Finding finding = findingAt(program, rule, nodes[place.at.node].function, place.at.event);
    const LockTrail trail(analysis, place.at.node);
    finding.context = contextName(nodes[wait.node].ambient);
    finding.ambient = nodes[wait.node].ambient;
    finding.confidence = wait.isFlagDecided ? std::min(nodes[wait.node].confidence, Confidence::Medium)
                                            : nodes[wait.node].confidence;
    finding.root = trail.root();
    finding.chain = trail.calls(held);
    finding.assumptions = trail.assumptions();
    finding.evidence = trail.evidence();
    finding.evidence.insert(finding.evidence.end(), wait.contract->provenance.evidence.begin(),
                            wait.contract->provenance.evidence.end());
    return finding;
  }

  static void doubtIf(bool isTooConditional, Finding &finding) {
    if (!isTooConditional)
      return;
    finding.confidence = std::min(finding.confidence, Confidence::Medium);
    finding.assumptions.push_back("calls of the chain depend on conditions, which may exclude each other");
  }

  Finding tellSelf(const HandlerWait &wait, const Place &place) const {
    Finding finding = begin(wait, place, nullptr);
    const LockTrail trail(analysis, place.at.node);
    const std::string handler = trail.rootFunction() + "()";
    finding.chain.push_back(
        trail.step(place.at.event, finding.sink + "() waits for " + handler + ", which it is called from"));
    // A function that handlers share with others mostly looks at who calls it.
    const LockNode &node = nodes[place.at.node];
    const bool isOwn = node.parent == noId;
    finding.conditionalCalls = conditionalCalls(analysis, place.at);
    doubtIf(finding.conditionalCalls > limit.most || (!isOwn && isAvoidable(*place.body, place.at.event)), finding);
    finding.suggestion = suggestionOf(rule, "self", {{"function", handler}, {"use", wait.contract->what}});
    finding.message = fill(rule.message, {{"sink", finding.sink + "()"},
                                          {"function", handler},
                                          {"context", std::string(contextPhrase(finding.ambient))},
                                          {"lock", ""}});
    return finding;
  }

  Finding tellLock(const HandlerWait &wait, const Place &place, const HeldLock &held, const LockUse &use,
                   Confidence same) const {
    Finding finding = begin(wait, place, &held);
    const LockTrail trail(analysis, place.at.node), other(analysis, use.node);
    const std::string lock = textOf(program, held.name), handler = other.rootFunction() + "()";
    finding.confidence = std::min({finding.confidence, same, nodes[use.node].confidence});
    if (held.isOneOfSeveral)
      finding.confidence = std::min(finding.confidence, Confidence::Medium);
    if (same != Confidence::High || held.isOneOfSeveral)
      finding.assumptions.push_back("several locks are in such a field; it may be another object's");
    finding.conditionalCalls = conditionalCalls(analysis, place.at) + conditionalCalls(analysis, use);
    doubtIf(finding.conditionalCalls > limit.mostOfTwo, finding);
    finding.chain.push_back(trail.step(place.at.event, finding.sink + "() waits for " + handler));
    finding.chain.push_back({other.rootFunction(), other.root().place, "meanwhile: " + other.root().why});
    for (ChainStep &step : other.calls())
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(other.step(use.event, other.function() + "() waits for " + lock + ", which is held"));
    for (std::string &assumption : other.assumptions())
      finding.assumptions.push_back(std::move(assumption));
    finding.suggestion =
        suggestionOf(rule, "lock", {{"sink", finding.sink + "()"}, {"lock", lock}, {"function", handler}});
    finding.message = fill(rule.lockedMessage, {{"sink", finding.sink + "()"},
                                                {"function", handler},
                                                {"context", std::string(contextPhrase(finding.ambient))},
                                                {"lock", lock}});
    return finding;
  }

  const Analysis &analysis;
  const Program &program;
  const std::vector<LockNode> &nodes;
  const Rule &rule;
  const ChainLimit limit;
  const Handlers handlers;
  std::map<FunctionId, std::vector<std::uint32_t>> usesOf; ///< by the root that leads to them
  std::map<std::pair<FunctionId, std::uint32_t>, Finding> best;
};

} // namespace

std::vector<Finding> checkFlushDeadlock(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? FlushDeadlockCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
