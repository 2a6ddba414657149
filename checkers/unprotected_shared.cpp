// A field that interrupts or bottom halves use, too, written without the lock that is held elsewhere for it.
//
//   bad:   foo_reset():  foo->pending = 0;                 foo_irq():  spin_lock(&foo->lock); foo->pending++; ...
//   good:  foo_reset():  spin_lock_irqsave(&foo->lock, flags); foo->pending = 0; ...
//
// A lock of the same record is believed to be a field's when both halves hold it there, in most places. Without such a
// lock all that is known is that two contexts meet; then only changes of bits by what was there are told: one of them
// is lost.
#include "analysis/program/node_visit.h"
#include "checkers/lock_trail.h"
#include "checkers/registrars.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

namespace {

constexpr llvm::StringLiteral ruleId = "bh-unprotected-shared";

class UnprotectedSharedCheck {
public:
  UnprotectedSharedCheck(const Analysis &analysis, const Rule &rule)
      : analysis(analysis), program(analysis.program), nodes(analysis.locks.nodes), rule(rule),
        limit(program.rules->calibration.chainLimitOf(rule.id)), registrars(analysis) {}

  std::vector<Finding> run() {
    findLifecycle();
    std::map<std::pair<NameId, FieldKey>, Halves> fields;
    for (const FieldUse &use : analysis.locks.fields) {
      const LockNode &node = nodes[use.node];
      Halves &halves = fields[{node.module, use.field}];
      if (node.isAmbientKnown && (bit(node.ambient) & SharedFields::interrupting()))
        halves.above.push_back(&use);
      else if (node.isAmbientKnown && node.ambient == Context::Process)
        halves.below.push_back(&use);
    }
    for (const HandlerWait &wait : analysis.locks.waits)
      for (std::uint32_t node = wait.node; node != noId && quiescing.insert(nodes[node].function).second;)
        node = nodes[node].parent;
    for (const auto &[key, halves] : fields)
      if (!halves.above.empty() && !halves.below.empty())
        check(halves);
    return std::move(findings);
  }

private:
  /// Functions of records that also have the driver's last function: they begin and end its devices.
  void findLifecycle() {
    llvm::DenseSet<NameId> records;
    for (const TeardownEnd &end : program.rules->teardownEnds)
      records.insert(program.find(end.record));
    for (const auto &[field, binding] : program.fieldBindings)
      if (records.count(field.record))
        lifecycle.insert(binding.function);
  }

  using Uses = std::vector<const FieldUse *>;
  struct Halves {
    Uses above, below;
  };
  using Place = std::pair<FunctionId, std::uint32_t>;

  struct Race {
    const FieldUse *victim = nullptr, *other = nullptr;
    const HeldLock *lock = nullptr; ///< that `other` holds; null: none is the field's
    Confidence confidence = Confidence::High;
    unsigned conditional = 0;
    std::size_t length = 0;
    std::vector<std::string> doubts;
    auto rank() const {
      return std::make_tuple(confidence, -static_cast<long>(conditional), -static_cast<long>(length));
    }
  };

  static const HeldLock *heldAt(const FieldUse &use, const LockName &lock) {
    auto found = llvm::find_if(use.held, [&](const HeldLock &held) { return isSameClass(held.name, lock); });
    return found == use.held.end() ? nullptr : &*found;
  }
  static bool isSameClass(const LockName &a, const LockName &b) {
    return a.field == b.field && a.global == b.global && a.named == b.named;
  }
  static bool haveCommonLock(const FieldUse &a, const FieldUse &b) {
    return llvm::any_of(a.held, [&](const HeldLock &held) { return heldAt(b, held.name) != nullptr; });
  }
  Place placeOf(const FieldUse &use) const { return {nodes[use.node].function, use.event}; }
  /// Where a lock is held at the field, by half.
  struct Votes {
    const LockName *lock = nullptr;
    std::set<Place> above, below;
    bool isForWrites = false; ///< some write has it; reads alone may have it for something else
    std::size_t count() const { return above.size() + below.size(); }
  };

  /// The lock that most places of both halves hold there; without a name: there is none.
  Votes lockOf(const Halves &halves) const {
    std::map<std::tuple<FieldKey, std::uint32_t, NameId>, Votes> all;
    for (const Uses *uses : {&halves.above, &halves.below})
      for (const FieldUse *use : *uses)
        for (const HeldLock &held : use->held) {
          if (held.name.field.record != use->field.record)
            continue;
          Votes &votes = all[{held.name.field, held.name.global, held.name.named}];
          votes.lock = votes.lock ? votes.lock : &held.name;
          votes.isForWrites |= use->isWrite;
          (uses == &halves.above ? votes.above : votes.below).insert(placeOf(*use));
        }
    Votes best;
    for (auto &[lock, votes] : all)
      if (votes.isForWrites && !votes.above.empty() && !votes.below.empty() && votes.count() > best.count())
        best = std::move(votes);
    return best;
  }

  std::size_t placesOf(const Halves &halves) const {
    std::set<Place> places;
    for (const Uses *uses : {&halves.above, &halves.below})
      for (const FieldUse *use : *uses)
        places.insert(placeOf(*use));
    return places.size();
  }

  void check(const Halves &halves) {
    std::map<Place, Race> best;
    if (const Votes votes = lockOf(halves); !votes.lock) {
      lookForLostChange(halves, best);
    } else if (2 * votes.count() > placesOf(halves)) {
      look(halves.below, halves.above, *votes.lock, best);
      look(halves.above, halves.below, *votes.lock, best);
    }
    for (auto &[place, race] : best)
      findings.push_back(tell(race));
  }

  /// Some of them will do: those that write first.
  static Uses fewOf(Uses uses) {
    constexpr std::size_t most = 8;
    llvm::stable_sort(uses, [](const FieldUse *a, const FieldUse *b) { return a->isWrite > b->isWrite; });
    if (uses.size() > most)
      uses.resize(most);
    return uses;
  }

  void look(const Uses &victims, const Uses &all, const LockName &lock, std::map<Place, Race> &best) const {
    Uses others;
    llvm::copy_if(all, std::back_inserter(others), [&](const FieldUse *use) { return heldAt(*use, lock) != nullptr; });
    others = fewOf(std::move(others));
    for (const FieldUse *victim : victims)
      if (victim->isWrite && !heldAt(*victim, lock))
        for (const FieldUse *other : others)
          if (!haveCommonLock(*victim, *other))
            keep(raceOf(victim, other, heldAt(*other, lock)), best);
  }

  void lookForLostChange(const Halves &halves, std::map<Place, Race> &best) const {
    Uses others;
    llvm::copy_if(halves.above, std::back_inserter(others), [](const FieldUse *use) { return use->isChange; });
    others = fewOf(std::move(others));
    for (const FieldUse *victim : halves.below)
      for (const FieldUse *other : others)
        if (victim->isChange && !haveCommonLock(*victim, *other))
          keep(raceOf(victim, other, nullptr), best);
  }

  static void keep(Race race, std::map<Place, Race> &best, Place place) {
    auto [known, isNew] = best.try_emplace(place, race);
    if (!isNew && known->second.rank() < race.rank())
      known->second = std::move(race);
  }
  void keep(Race race, std::map<Place, Race> &best) const {
    const Place place = placeOf(*race.victim);
    keep(std::move(race), best, place);
  }

  /// Whether handlers may not run yet, or have been told to stop: the chain registers or waits for some.
  bool isQuiet(const LockTrail &trail, NameId module) const {
    const std::vector<FunctionId> functions = trail.functions();
    return lifecycle.count(functions.front()) || registrars.isSettingUp(functions, module) ||
           llvm::any_of(functions, [&](FunctionId id) { return quiescing.count(id) != 0; });
  }

  Race raceOf(const FieldUse *victim, const FieldUse *other, const HeldLock *lock) const {
    Race race{victim, other, lock};
    const LockNode &mine = nodes[victim->node], &theirs = nodes[other->node];
    race.confidence = std::min(mine.confidence, theirs.confidence);
    auto doubtIf = [&](bool isDoubtful, const char *why) {
      if (!isDoubtful)
        return;
      race.confidence = std::min(race.confidence, Confidence::Medium);
      race.doubts.push_back(why);
    };
    const LockTrail trail(analysis, victim->node), meanwhile(analysis, other->node);
    const bool isBelow = mine.ambient == Context::Process;
    doubtIf(isQuiet(isBelow ? trail : meanwhile, mine.module),
            "the process's chain begins or ends the device, or waits for its handlers, so that they may not run");
    const FieldUse &process = isBelow ? *victim : *other;
    doubtIf(isBelow && (process.irq.high > 0 || process.bottomHalf.high > 0),
            "interrupts or bottom halves are off there");
    // What is simply written may be there before the other half begins, or after its end: devices are started so.
    doubtIf(!victim->isChange, "whether the other half runs while it is written is not in sight");
    doubtIf(program.rules->calibration.isCore(program.text(program.functions[mine.function].file)),
            "it is code that every machine runs");
    race.conditional = conditionalUses(*victim) + conditionalUses(*other);
    doubtIf(race.conditional > limit.mostOfTwo,
            "calls of the chains depend on conditions, which may exclude each other");
    race.length = trail.functions().size() + meanwhile.functions().size();
    return race;
  }

  unsigned conditionalUses(const FieldUse &use) const {
    return use.event == noId ? nodes[use.node].avoidableCalls : conditionalCalls(analysis, use);
  }

  std::string fieldText(const FieldUse &use) const {
    return program.text(use.field.record).str() + "." + program.text(use.field.field).str();
  }

  ChainStep stepAt(const LockTrail &trail, const FieldUse &use, const std::string &what) const {
    if (use.event != noId)
      return trail.step(use.event, what);
    const Function &function = program.functions[nodes[use.node].function];
    return {nameOf(program, nodes[use.node].function), bhlint::placeOf(program, function.place), what};
  }

  Finding tell(const Race &race) const {
    const FieldUse &use = *race.victim, &other = *race.other;
    const LockTrail trail(analysis, use.node), meanwhile(analysis, other.node);
    const std::string field = fieldText(use);
    const std::string lock = race.lock ? textOf(program, race.lock->name) : "";
    Finding finding = findingAt(program, rule, nodes[use.node].function, use.event);
    finding.sink = field;
    finding.ambient = nodes[use.node].ambient;
    finding.context = contextName(finding.ambient);
    finding.confidence = race.confidence;
    finding.conditionalCalls = race.conditional;
    finding.root = trail.root();
    finding.chain.push_back({trail.rootFunction(), trail.root().place, trail.root().why});
    for (ChainStep &step : trail.calls())
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(
        trail.step(use.event, finding.function + "() writes " + field + (race.lock ? " without " + lock : "")));
    finding.chain.push_back({meanwhile.rootFunction(), meanwhile.root().place, "meanwhile: " + meanwhile.root().why});
    for (ChainStep &step : meanwhile.calls(race.lock))
      finding.chain.push_back(std::move(step));
    finding.chain.push_back(stepAt(meanwhile, other,
                                   meanwhile.function() + (other.isWrite ? "() writes " : "() reads ") + field +
                                       (race.lock ? " with " + lock : "")));
    finding.assumptions = race.doubts;
    for (const LockTrail *each : {&trail, &meanwhile})
      for (std::string &assumption : each->assumptions())
        finding.assumptions.push_back(std::move(assumption));
    finding.evidence = trail.evidence();
    finding.suggestion =
        suggestionOf(rule, race.lock ? "lock" : "", {{"lock", lock}, {"function", meanwhile.function() + "()"}});
    finding.message = fill(race.lock ? rule.lockedMessage : rule.message,
                           {{"sink", field},
                            {"function", meanwhile.function() + "()"},
                            {"context", std::string(contextPhrase(nodes[other.node].ambient))},
                            {"lock", lock}});
    return finding;
  }

  const Analysis &analysis;
  const Program &program;
  const std::vector<LockNode> &nodes;
  const Rule &rule;
  const ChainLimit limit;
  const Registrars registrars;
  std::set<FunctionId> lifecycle;
  std::set<FunctionId> quiescing; ///< lead to a wait for a handler
  std::vector<Finding> findings;
};

} // namespace

std::vector<Finding> checkUnprotectedShared(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? UnprotectedSharedCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
