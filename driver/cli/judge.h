// From an analysed run to what is said about it: the last steps that every front has in common, whatever it prints.
#pragma once

#include "checkers/checker.h"
#include "driver/cli/pipeline.h"

#include "analysis/findings/check_result.h"
#include "analysis/findings/settings.h"
#include "analysis/findings/suppress.h"
#include "runtime-model/replay.h"

namespace bhlint {

/// All checkers but those of run.unasked, and a replay of each finding in the runtime model. Comments are listed and
/// not yet applied, so this depends on facts and rules alone. Findings of opt-in rules may be among them; see
/// applySettings().
CheckResult judge(const Run &run);

/// The same, for who has yet to analyse the run: what needs no contexts is done meanwhile.
class Judging {
public:
  Judging(const Run &run, const Workers &workers) : run(run), workers(workers) {}
  /// For analyse().
  Companion companion();
  /// Once the run is analysed. `costs`, if given, gets what each checker has cost, by name.
  CheckResult finish(std::vector<CheckerCost> *costs = nullptr);
  /// What checkers looked at, for who would rather not free it now.
  std::unique_ptr<Checking> leftovers() { return std::move(started); }

private:
  Checking &checking();

  const Run &run;
  Workers workers;
  CheckerClock clock;
  std::unique_ptr<Checking> started;
};

/// The settings of the tree that the run sees.
SettingsTree settingsOf(const Run &run);

/// For run.unasked: opt-in rules that neither options.enabled nor settings of a folder with units turn on, sorted. The
/// units of `run` are known. Empty where all rules are asked.
std::vector<std::string> unaskedRules(const RunOptions &options, const Run &run);

struct Judgement {
  std::vector<Finding> findings;            ///< of any confidence, sorted; suppressed ones are gone
  std::vector<SuppressionWarning> warnings; ///< of comments that allow nothing
  unsigned suppressed = 0;
};

/// What is left when comments have accepted what they accept.
Judgement suppress(CheckResult checked, const Run &run);

/// The finding as the runtime model executes it.
model::ReplayRequest replayRequest(const Finding &finding);

} // namespace bhlint
