// Two locks, taken in one order by one part of a driver and in the other order by another.
//
//   bad:   foo_work():   spin_lock(&foo->a); spin_lock(&foo->b);
//          foo_timer():  spin_lock(&foo->b); spin_lock(&foo->a);
//   good:  everywhere:   spin_lock(&foo->a); spin_lock(&foo->b);
#include "checkers/lock_trail.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-lock-order";

class LockOrderCheck {
public:
  LockOrderCheck(const Analysis &analysis, const Rule &rule)
      : analysis(analysis), nodes(analysis.locks.nodes), uses(analysis.locks.uses), rule(rule),
        limit(analysis.program.rules->calibration.chainLimitOf(rule.id)) {}

  std::vector<Finding> run() {
    collect();
    std::vector<Finding> findings;
    for (const auto &[pair, orders] : orders)
      if (!orders[0].empty() && !orders[1].empty())
        if (std::optional<Meeting> meeting = bestOf(orders))
          findings.push_back(tell(*meeting));
    return findings;
  }

private:
  using Class = std::tuple<FieldKey, std::uint32_t, NameId>; ///< of locks, instances and owners apart
  using Pair = std::tuple<NameId, Class, Class>;             ///< module, the two in their own order

  /// `second` is taken while `first` is held.
  struct Order {
    const LockUse *second = nullptr;
    const HeldLock *first = nullptr;
  };
  using Orders = std::array<std::vector<Order>, 2>;

  struct Meeting {
    Order rare, usual; ///< which is which by the number of places
    Confidence confidence = Confidence::High;
    unsigned conditional = 0;
    std::size_t length = 0;
    std::vector<std::string> doubts;
    auto rank() const {
      return std::make_tuple(confidence, -static_cast<long>(conditional), -static_cast<long>(length));
    }
  };

  static Class classOf(const LockName &name) { return {name.field, name.global, name.named}; }

  void collect() {
    for (const LockUse &use : uses) {
      if (use.contract->when != EffectWhen::Always)
        continue; // who tries does not wait
      for (const HeldLock &held : use.held) {
        const Class first = classOf(held.name), second = classOf(use.lock);
        if (first == second)
          continue; // of two objects, in an order that names do not show
        const bool isTurned = second < first;
        Pair pair{nodes[use.node].module, std::min(first, second), std::max(first, second)};
        orders[pair][isTurned].push_back({&use, &held});
      }
    }
  }

  std::uint32_t rootOf(std::uint32_t node) const {
    while (nodes[node].parent != noId)
      node = nodes[node].parent;
    return node;
  }

  static std::size_t placesOf(const Analysis &analysis, const std::vector<Order> &orders) {
    std::set<std::pair<FunctionId, std::uint32_t>> places;
    for (const Order &order : orders)
      places.insert({analysis.locks.nodes[order.second->node].function, order.second->event});
    return places.size();
  }

  std::optional<Meeting> bestOf(const Orders &both) const {
    const bool isFirstRare = placesOf(analysis, both[0]) <= placesOf(analysis, both[1]);
    const std::vector<Order> &rare = both[isFirstRare ? 0 : 1], &usual = both[isFirstRare ? 1 : 0];
    std::optional<Meeting> best;
    constexpr std::size_t most = 64; // of a lock that everybody takes
    for (const Order &a : llvm::ArrayRef(rare).take_front(most))
      for (const Order &b : llvm::ArrayRef(usual).take_front(most))
        if (std::optional<Meeting> meeting = meetingOf(a, b); meeting && (!best || best->rank() < meeting->rank()))
          best = std::move(meeting);
    return best;
  }

  /// Whoever waits for a lock that others may hold with it waits for nobody.
  static bool isBothShared(const HeldLock &held, const LockUse &use) { return held.isShared && use.contract->isShared; }

  /// A third lock that both hold keeps them apart.
  bool areApart(const Order &a, const Order &b) const {
    return llvm::any_of(a.second->held, [&](const HeldLock &gate) {
      return classOf(gate.name) != classOf(a.first->name) && classOf(gate.name) != classOf(b.first->name) &&
             llvm::any_of(b.second->held, [&](const HeldLock &also) {
               return classOf(also.name) == classOf(gate.name) && !(gate.isShared && also.isShared);
             });
    });
  }

  std::optional<Meeting> meetingOf(const Order &a, const Order &b) const {
    const std::uint32_t above = rootOf(a.second->node), below = rootOf(b.second->node);
    const LockNode &one = nodes[above], &other = nodes[below];
    const bool isKnown = one.isAmbientKnown && other.isAmbientKnown;
    if (one.function == other.function || !(one.isAmbientKnown || other.isAmbientKnown) || areApart(a, b) ||
        isBothShared(*a.first, *b.second) || isBothShared(*b.first, *a.second))
      return std::nullopt;
    std::optional<Confidence> first = analysis.lockTable.areSame(a.first->name, b.second->lock);
    std::optional<Confidence> second = analysis.lockTable.areSame(b.first->name, a.second->lock);
    if (!first || !second)
      return std::nullopt;
    Meeting meeting{a, b};
    meeting.confidence =
        std::min({*first, *second, nodes[a.second->node].confidence, nodes[b.second->node].confidence});
    auto doubtIf = [&](bool isDoubtful, const char *why) {
      if (!isDoubtful)
        return;
      meeting.confidence = std::min(meeting.confidence, Confidence::Medium);
      meeting.doubts.push_back(why);
    };
    doubtIf(std::min(*first, *second) != Confidence::High || a.first->isOneOfSeveral || b.first->isOneOfSeveral,
            "several locks are in such a field; it may be another object's");
    doubtIf(!isKnown, "who calls one of the two is not in sight");
    doubtIf(a.second->isFlagDecided || b.second->isFlagDecided,
            "a flag in an object says in which context it is used; who sets it is not in sight");
    meeting.conditional = conditionalCalls(analysis, *a.second) + conditionalCalls(analysis, *b.second);
    doubtIf(meeting.conditional > limit.mostOfTwo,
            "calls of the chains depend on conditions, which may exclude each other");
    meeting.length =
        LockTrail(analysis, a.second->node).functions().size() + LockTrail(analysis, b.second->node).functions().size();
    return meeting;
  }

  Finding tell(const Meeting &meeting) const {
    const LockUse &use = *meeting.rare.second, &other = *meeting.usual.second;
    const LockPlace place = blamed(analysis, use);
    const LockTrail trail(analysis, place.node), meanwhile(analysis, other.node);
    const std::string lock = textOf(analysis.program, use.lock),
                      held = textOf(analysis.program, meeting.rare.first->name);
    Finding finding = findingAt(analysis.program, rule, nodes[place.node].function, place.event);
    finding.ambient = nodes[use.node].ambient;
    finding.context = contextName(finding.ambient);
    finding.confidence = meeting.confidence;
    finding.root = trail.root();
    finding.chain.push_back({trail.rootFunction(), trail.root().place, trail.root().why});
    for (ChainStep &step : trail.calls(meeting.rare.first))
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(trail.step(place.event, finding.function + "() takes " + lock + " with " + finding.sink +
                                                        "(), and holds " + held));
    finding.chain.push_back(
        {meanwhile.rootFunction(), meanwhile.root().place, "meanwhile, on another CPU: " + meanwhile.root().why});
    for (ChainStep &step : meanwhile.calls(meeting.usual.first))
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(meanwhile.step(other.event, meanwhile.function() + "() waits for " + held + ", and holds " +
                                                            lock + ": each waits for the other"));
    finding.conditionalCalls = meeting.conditional;
    finding.assumptions = meeting.doubts;
    for (const LockTrail *each : {&trail, &meanwhile})
      for (std::string &assumption : each->assumptions())
        finding.assumptions.push_back(std::move(assumption));
    finding.evidence = trail.evidence();
    finding.suggestion = suggestionOf(rule, "", {{"lock", lock}, {"use", held}});
    finding.message = fill(
        rule.message,
        {{"sink", finding.sink + "()"}, {"function", meanwhile.function() + "()"}, {"context", held}, {"lock", lock}});
    return finding;
  }

  const Analysis &analysis;
  const std::vector<LockNode> &nodes;
  const std::vector<LockUse> &uses;
  const Rule &rule;
  const ChainLimit limit;
  std::map<Pair, Orders> orders;
};

} // namespace

std::vector<Finding> checkLockOrder(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? LockOrderCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
