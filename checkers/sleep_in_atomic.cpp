// Sleeping in atomic context, by what sleeps: one rule each for sleeps, sleeping locks, allocations and user access.
//
//   bad:   spin_lock(&p->lock); p->buf = kmalloc(n, GFP_KERNEL); spin_unlock(&p->lock);
//   good:  buf = kmalloc(n, GFP_KERNEL); spin_lock(&p->lock); p->buf = buf; spin_unlock(&p->lock);
#include "checkers/witness.h"
#include "checkers/words.h"

#include <algorithm>
#include <map>

namespace bhlint {

namespace {

static_assert(static_cast<int>(SinkKind::UserAccess) == static_cast<int>(SleepKind::UserAccess));

const Rule *ruleFor(const RuleSet &rules, SleepKind kind) {
  for (const Rule &rule : rules.rules)
    if (std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end())
      return &rule;
  return nullptr;
}

template <typename T> bool holds(const std::vector<T> &allowed, T value) {
  return allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end();
}

Suggestion suggest(const RuleSet &rules, const Witness &witness, SleepKind kind) {
  for (const MechanismAdvice &advice : rules.advice)
    if (holds(advice.contexts, witness.context()) && holds(advice.kinds, kind) &&
        (!advice.isLockHeld || *advice.isLockHeld == witness.isLockHeld()))
      return {advice.mechanism, advice.why};
  return {};
}

const std::string &messageOf(const Rule &rule, const SleepSite &site, const Witness &witness) {
  if (site.isForbidden && !rule.forbiddenMessage.empty())
    return rule.forbiddenMessage;
  return witness.isLockHeld() && !rule.lockedMessage.empty() ? rule.lockedMessage : rule.message;
}

Finding makeFinding(const Analysis &analysis, const SleepSite &site, const Rule &rule) {
  Witness witness(analysis, site);
  Finding finding;
  finding.rule = rule.id;
  finding.place = witness.place();
  finding.function = witness.function();
  finding.sink = witness.sink();
  finding.context = contextName(witness.context());
  finding.confidence = site.confidence;
  finding.root = witness.root();
  finding.chain = witness.chain();
  finding.suggestion = suggest(*analysis.program.rules, witness, site.kind);
  finding.assumptions = witness.assumptions();
  finding.evidence = witness.evidence();
  finding.ambient = witness.ambient();
  finding.conditionalCalls = site.avoidableCalls;
  finding.held = witness.held();
  finding.sinkKind = site.isForbidden ? SinkKind::Forbidden : static_cast<SinkKind>(site.kind);
  finding.message = fill(messageOf(rule, site, witness), {{"sink", finding.sink + "()"},
                                        {"function", finding.function + "()"},
                                        {"context", witness.phrase()},
                                        {"lock", witness.heldThing()}});
  return finding;
}

} // namespace

std::vector<Finding> checkSleepInAtomic(const Analysis &analysis) {
  // Several sites may be blamed on one place, also under different rules when the callee sleeps in several ways: they
  // are one defect. The most certain, then the shortest chain speaks for it.
  std::map<std::pair<SourcePlace, std::string>, Finding> byPlace;
  for (const SleepSite &site : analysis.contexts.sites) {
    const Rule *rule = ruleFor(*analysis.program.rules, site.kind);
    if (!rule)
      continue;
    Finding finding = makeFinding(analysis, site, *rule);
    auto [entry, isNew] = byPlace.try_emplace({finding.place, finding.sink}, finding);
    if (isNew)
      continue;
    Finding &known = entry->second;
    if (std::make_pair(known.confidence, -static_cast<int>(known.chain.size())) <
        std::make_pair(finding.confidence, -static_cast<int>(finding.chain.size())))
      known = std::move(finding);
  }
  std::vector<Finding> findings;
  for (auto &[key, finding] : byPlace)
    findings.push_back(std::move(finding));
  return findings;
}

} // namespace bhlint
