#include "runtime-model/recorded_traces.h"

#include "runtime-model/data.h"

#include <yaml-cpp/yaml.h>

namespace bhlint::model {

namespace {

const YAML::Node &scenarios() {
  static const YAML::Node node = YAML::Load(tracesYaml().str());
  return node;
}

} // namespace

std::optional<Scenario> traceScenario(llvm::StringRef name, const Profile &kernel, unsigned cpus,
                                      std::vector<Diagnostic> &diagnostics) {
  const YAML::Node node = scenarios()[name.str()];
  if (!node) {
    diagnostics.push_back({"traces.yaml", 1, 1, "there is no scenario '" + name.str() + "'"});
    return std::nullopt;
  }
  YAML::Node machine;
  machine["cpus"] = std::to_string(cpus);
  ScenarioPieces pieces;
  pieces.fragments = {&machine, &node};
  pieces.file = "traces.yaml";
  Profile profile = kernel;
  profile.preemption = true;
  profile.lockdep = false;
  std::optional<Scenario> scenario = buildScenario(pieces, profile, diagnostics);
  if (scenario)
    scenario->name = scenario->system.name = name.str();
  return scenario;
}

namespace {

RecordedTrace check(llvm::StringRef name, const RecordedKernel &kernel, const std::vector<std::string> &lines,
                    std::vector<Diagnostic> &diagnostics) {
  RecordedTrace result;
  result.name = name.str();
  result.kernel = kernel.name;
  result.lines = lines.size();
  // Most of what was recorded happened on one CPU; the rest needs two.
  for (unsigned cpus = 1; cpus <= (kernel.profile.smp ? 2u : 1u) && !result.isPossible; ++cpus) {
    const std::optional<Scenario> scenario = traceScenario(name, kernel.profile, cpus, diagnostics);
    if (!scenario)
      return result;
    const TraceMatch match = matchTrace(scenario->system, scenario->initial, lines);
    result.isPossible = match.isPossible;
    result.matched = match.matched;
    result.states = match.states;
    result.timeline =
        timelineText(scenario->system, replay(scenario->system, scenario->initial, match.trace).events);
    result.wanted = match.isPossible || match.matched >= lines.size() ? "" : lines[match.matched];
  }
  return result;
}

} // namespace

std::vector<RecordedTrace> checkTrace(llvm::StringRef name, std::vector<Diagnostic> &diagnostics) {
  std::vector<RecordedTrace> results;
  for (const RecordedKernel &kernel : recordedKernels()) {
    const std::vector<std::string> lines = traceLines(kernel.name, name);
    if (!lines.empty())
      results.push_back(check(name, kernel, lines, diagnostics));
  }
  return results;
}

} // namespace bhlint::model
