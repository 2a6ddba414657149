#include "runtime-model/claims.h"

#include "runtime-model/data.h"
#include "runtime-model/trace.h"

#include <algorithm>
#include <map>
#include <yaml-cpp/yaml.h>

namespace bhlint::model {

namespace {

const YAML::Node &data() {
  static const YAML::Node node = YAML::Load(claimsYaml().str());
  return node;
}

} // namespace

bool Claim::isSupported() const {
  return std::all_of(cases.begin(), cases.end(), [](const ClaimCase &c) { return c.isSupported; });
}

std::vector<std::string> claimScenarioNames() {
  std::vector<std::string> names;
  for (const auto &entry : data()["scenarios"])
    names.push_back(entry.first.Scalar());
  return names;
}

std::optional<Scenario> claimScenario(llvm::StringRef name, std::vector<Diagnostic> &diagnostics) {
  const YAML::Node node = data()["scenarios"][name.str()];
  if (!node) {
    diagnostics.push_back({"claims.yaml", 1, 1, "there is no scenario '" + name.str() + "'"});
    return std::nullopt;
  }
  ScenarioPieces pieces;
  pieces.fragments = {&node};
  pieces.file = "claims.yaml";
  Profile profile;
  std::optional<Scenario> scenario = buildScenario(pieces, profile, diagnostics);
  if (scenario)
    scenario->name = scenario->system.name = name.str();
  return scenario;
}

namespace {

struct Explored {
  Outcome outcome;
  std::string timeline;
};

/// Each scenario is explored once, however many claims rest on it.
const Explored &exploreOnce(const std::string &name, std::map<std::string, Explored> &done,
                            std::vector<Diagnostic> &diagnostics) {
  const auto [it, isNew] = done.try_emplace(name);
  if (!isNew)
    return it->second;
  if (const std::optional<Scenario> scenario = claimScenario(name, diagnostics)) {
    it->second.outcome = explore(scenario->system, scenario->initial, Strategy());
    if (it->second.outcome.verdict == Verdict::Fails)
      it->second.timeline = timelineText(
          scenario->system, replay(scenario->system, scenario->initial, it->second.outcome.trace).events);
  }
  return it->second;
}

Claim decide(const YAML::Node &node, std::map<std::string, Explored> &done, std::vector<Diagnostic> &diagnostics) {
  Claim claim;
  claim.id = node["id"].Scalar();
  claim.text = node["says"].Scalar();
  claim.ledger = node["ledger"].Scalar();
  for (const YAML::Node &caseNode : node["cases"]) {
    ClaimCase one;
    one.scenario = caseNode["scenario"].Scalar();
    const std::string predicts = caseNode["predicts"].Scalar();
    one.predicted = predicts == "holds" ? Problem::None : problemFromName(predicts).value_or(Problem::Expectation);
    const Explored &explored = exploreOnce(one.scenario, done, diagnostics);
    one.outcome = explored.outcome;
    one.timeline = explored.timeline;
    const bool holds = one.outcome.verdict == Verdict::Holds;
    one.isSupported = one.predicted == Problem::None ? holds : one.outcome.problem == one.predicted;
    claim.cases.push_back(std::move(one));
  }
  return claim;
}

} // namespace

std::vector<Claim> decideClaims(std::vector<Diagnostic> &diagnostics) {
  std::vector<Claim> claims;
  std::map<std::string, Explored> done;
  for (const YAML::Node &node : data()["claims"])
    claims.push_back(decide(node, done, diagnostics));
  for (const YAML::Node &group : data()["undecided"])
    for (const YAML::Node &id : group["ids"]) {
      Claim claim;
      claim.id = id.Scalar();
      claim.isDecided = false;
      claim.why = group["why"].Scalar();
      claims.push_back(std::move(claim));
    }
  // A01 .. A99, A100, ...: by letter, then by number.
  auto key = [](const Claim &c) { return std::pair(c.id[0], std::stoi(c.id.substr(1))); };
  std::sort(claims.begin(), claims.end(), [&](const Claim &a, const Claim &b) { return key(a) < key(b); });
  return claims;
}

} // namespace bhlint::model
