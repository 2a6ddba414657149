#include "driver/migrate/proof.h"

#include "driver/migrate/use_pattern.h"
#include "runtime-model/migration.h"

#include "llvm/Support/FormatVariadic.h"

namespace bhlint {

namespace {

class Proof {
public:
  Proof(MigratedGroup &migrated, const MigrationRules &rules, const Run &run)
      : migrated(migrated), rules(rules), pattern(usePatternOf(migrated, rules, run)) {}

  void run() {
    if (migrated.target->thread)
      pattern = ofInterruptAlone(std::move(pattern));
    if (!pattern.hasEvents())
      return void(migrated.proof = "nothing in these units schedules it, so there is nothing to replay");
    isDisabledForGood = endsDisabled(pattern.control());
    for (bool isSilenced : {false, true}) {
      // Whether an event is handled twice or not is a matter of timing: observers are asked about one event.
      if (!compare(pattern, {2, isSilenced}, /*asksObservers=*/false))
        return;
      for (const UsePattern &one : pattern.withOneScheduler())
        if (!compare(one, {1, isSilenced}, /*asksObservers=*/true))
          return;
    }
    migrated.proof = inWords();
  }

private:
  FormWording wording(bool isOld, bool isLikeOther) const {
    return {migrated.group, rules, *migrated.target, isOld, isLikeOther};
  }

  std::optional<model::FormDifference> differenceIn(const UsePattern &used, const Surroundings &surroundings,
                                                      bool isLikeOther) {
    std::vector<model::Diagnostic> diagnostics;
    std::optional<model::FormDifference> difference =
        model::compareForms(scenarioOf(used, wording(true, isLikeOther), surroundings),
                            scenarioOf(used, wording(false, isLikeOther), surroundings), diagnostics);
    if (!difference)
      refuse("the runtime model can't replay this use: " +
             (diagnostics.empty() ? std::string("it gives no reason") : diagnostics.front().message));
    return difference;
  }

  /// False: refused.
  bool compare(const UsePattern &used, const Surroundings &surroundings, bool asksObservers) {
    std::optional<model::FormDifference> difference = differenceIn(used, surroundings, false);
    if (!difference)
      return false;
    note(*difference);
    if (!difference->problem.empty())
      return refuse("in the runtime model, as a " + migrated.target->what +
                    " it has a problem in this driver: " + difference->problem);
    if (!asksObservers || isDisabledForGood || difference->isNone())
      return true;
    if (migrated.target->thread && difference->onlyAfter.empty()) { // being cancelled may drop what is scheduled meanwhile
      isPart = true;
      return true;
    }
    if (!(difference = differenceIn(used, surroundings, true)))
      return false;
    note(*difference);
    if (!difference->problem.empty() || !difference->isNone())
      return refuse(inWords(*difference));
    isButForNotes = true;
    return true;
  }

  bool refuse(std::string reason) {
    migrated.group.refusals.push_back({migrated.group.objects.front().place, std::move(reason)});
    return false;
  }

  void note(const model::FormDifference &difference) {
    states += difference.statesBefore + difference.statesAfter;
    isComplete = isComplete && difference.before != model::Verdict::HoldsBounded &&
                 difference.after != model::Verdict::HoldsBounded;
    if (problemBefore.empty())
      problemBefore = difference.problemBefore;
  }

  std::string inWords(const model::FormDifference &difference) const {
    std::string text = "in the runtime model, this driver's use of it differs:";
    auto add = [&](const std::string &what, const std::vector<std::string> &seen) {
      if (!seen.empty())
        text += llvm::formatv(" only a {0} can show '{1}'{2};", what, seen.front(),
                              seen.size() > 1 ? " (and " + std::to_string(seen.size() - 1) + " more)" : "");
    };
    add(rules.what, difference.onlyBefore);
    add(migrated.target->what, difference.onlyAfter);
    text.pop_back();
    return text;
  }

  std::string inWords() const {
    std::string text = "replayed in the runtime model as this driver uses it, old against new (" +
                       std::to_string(states) + " states, " + (isComplete ? "all there are" : "as far as was looked") +
                       "): ";
    text += "the new form has no problem that the old one doesn't have";
    if (!problemBefore.empty())
      return text + "; the old one has: " + problemBefore;
    if (isDisabledForGood)
      return text + "; it ends disabled, and a run that is pending then is dropped instead of staying pending for ever";
    if (!isComplete)
      return text;
    return text + (isPart ? ", and shows nothing that the old one doesn't show" : isButForNotes ? ", and but for what the notes say, it shows the same" : ", and shows the same");
  }

  MigratedGroup &migrated;
  const MigrationRules &rules;
  UsePattern pattern;
  bool isDisabledForGood = false, isButForNotes = false, isPart = false, isComplete = true;
  std::uint64_t states = 0;
  std::string problemBefore;
};

} // namespace

void proveMigration(MigratedGroup &migrated, const MigrationRules &rules, const Run &run) {
  Proof(migrated, rules, run).run();
}

} // namespace bhlint
