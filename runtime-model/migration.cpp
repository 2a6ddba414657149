#include "runtime-model/migration.h"

#include "runtime-model/data.h"
#include "runtime-model/trace.h"

#include <yaml-cpp/yaml.h>

namespace bhlint::model {

namespace {

std::optional<Scenario> form(const YAML::Node &row, const char *which, std::vector<Diagnostic> &diagnostics) {
  const YAML::Node node = row[which], common = row["both"];
  ScenarioPieces pieces;
  if (common)
    pieces.fragments.push_back(&common);
  pieces.fragments.push_back(&node);
  pieces.file = "migrations.yaml";
  Profile profile;
  profile.lockdep = false;
  return buildScenario(pieces, profile, diagnostics);
}

std::string timelineOf(const Scenario &scenario, const std::vector<Step> &trace) {
  return timelineText(scenario.system, replay(scenario.system, scenario.initial, trace).events);
}

/// What `one` shows and `other` never does; empty: nothing.
std::string onlyIn(const char *which, const Scenario &scenario, const Outcome &one, const Outcome &other) {
  if (one.verdict == Verdict::Fails && one.problem != other.problem)
    return std::string("only the ") + which + " form: " + problemName(one.problem) + "\n" +
           timelineOf(scenario, one.trace);
  for (const auto &[seen, trace] : one.observations)
    if (!other.observations.count(seen))
      return std::string("only the ") + which + " form shows \"" + seen + "\"\n" + timelineOf(scenario, trace);
  return {};
}

} // namespace

std::optional<FormDifference> compareForms(llvm::StringRef before, llvm::StringRef after,
                                           std::vector<Diagnostic> &diagnostics) {
  const std::optional<Scenario> one = readScenario(before, "before", diagnostics);
  const std::optional<Scenario> other = readScenario(after, "after", diagnostics);
  if (!one || !other)
    return std::nullopt;
  Strategy strategy;
  strategy.maxStates = 200'000; // a second or two
  const Outcome old = explore(one->system, one->initial, strategy);
  const Outcome now = explore(other->system, other->initial, strategy);
  FormDifference difference{old.verdict, now.verdict, old.states, now.states, {}, {}, {}, {}, {}};
  if (old.verdict == Verdict::Fails)
    difference.problemBefore = problemName(old.problem);
  auto showsOnly = [&](const Scenario &scenario, const Outcome &outcome, const Outcome &without,
                       std::vector<std::string> &only) {
    for (const auto &[seen, trace] : outcome.observations)
      if (!without.observations.count(seen)) {
        if (difference.timeline.empty())
          difference.timeline = timelineOf(scenario, trace);
        only.push_back(seen);
      }
  };
  if (now.verdict == Verdict::Fails && now.problem != old.problem) {
    difference.problem = problemName(now.problem);
    difference.timeline = timelineOf(*other, now.trace);
    return difference;
  }
  if (!difference.isCompared())
    return difference;
  showsOnly(*one, old, now, difference.onlyBefore);
  showsOnly(*other, now, old, difference.onlyAfter);
  return difference;
}

std::vector<MigrationResult> proveMigrations(std::vector<Diagnostic> &diagnostics) {
  std::vector<MigrationResult> results;
  for (const auto &entry : YAML::Load(migrationsYaml().str())) {
    const YAML::Node row = entry.second;
    const std::optional<Scenario> before = form(row, "old", diagnostics), after = form(row, "new", diagnostics);
    if (!before || !after)
      continue;
    MigrationResult result;
    result.name = entry.first.Scalar();
    result.what = row["what"].Scalar();
    result.expectsEquivalent = row["expects"].Scalar() == "equivalent";
    result.before.outcome = explore(before->system, before->initial, Strategy());
    result.after.outcome = explore(after->system, after->initial, Strategy());
    result.difference = onlyIn("old", *before, result.before.outcome, result.after.outcome) +
                        onlyIn("new", *after, result.after.outcome, result.before.outcome);
    result.isEquivalent = result.difference.empty();
    results.push_back(std::move(result));
  }
  return results;
}

} // namespace bhlint::model
