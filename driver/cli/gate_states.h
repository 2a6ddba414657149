// The states of the tree that a gate compares: the base, and what each patch of the series leaves. Each is told as its
// difference from what is on disk, analysed through an overlay, and reduced to what comparing needs (gate_compare.h).
#pragma once

#include "driver/cli/base_facts.h"
#include "driver/cli/findings_run.h"
#include "driver/cli/gate_run.h"
#include "driver/cli/gate_units.h"

#include "analysis/findings/compare.h"
#include "driver/migrate/edited_tree.h"

#include <map>
#include <set>

namespace bhlint {

/// What is kept of one state.
struct TreeState {
  std::vector<Finding> findings; ///< those that comments allow, too
  std::set<std::string> allowed; ///< fingerprints of those
  FunctionTable functions;
  std::map<std::string, std::string> behaviours; ///< of functions that others can call, by name: behaviourOf()
  std::vector<FailedUnit> failed;
  unsigned analysed = 0;
};

/// Where the facts of all states' units have come from.
struct FactSources {
  std::size_t parsed = 0, cached = 0, brought = 0; ///< `brought`: by GateOptions::facts
};

class StateReader {
public:
  /// All of them have to outlive it. `brought`: facts of the base, if there are any.
  StateReader(const GateOptions &options, const DatabaseView &database, const Git &git, const Series &series,
              std::optional<OpenedShards> brought, GateUnits &units, StageClock &clock, Invocation &invocation)
      : options(options), database(database), git(git), series(series), brought(std::move(brought)), units(units),
        clock(clock), invocation(invocation) {}

  /// The first and the last state; the patches are parsed while the base is analysed.
  llvm::Error readEnds(TreeState &first, TreeState &last);
  llvm::Error read(std::size_t number, TreeState &state);

  /// What the last state becomes when its files are edited.
  llvm::Error readEdited(const std::vector<MigratedFile> &edited, TreeState &state);

  /// A run on the files of the base, or of the last state, without any unit: for its settings, and its text.
  llvm::Expected<Run> base();
  llvm::Expected<Run> end();

  const RuleSet &rules() const { return shared.rules; }
  const std::set<std::string> &warnings() const { return said; } ///< of the comments in the last state
  const FactSources &sources() const { return counts; }
  std::vector<std::string> notes;

private:
  const TreeDifference &difference(std::size_t number) const {
    return number == 0 ? series.before : series.steps[number - 1].after;
  }
  llvm::Expected<Run> begin(const TreeDifference &files);
  llvm::Error share(const Run &first, llvm::ArrayRef<CompileCommand> commands, UnitCache &cache);
  std::vector<ExtractedUnit> takeFacts(std::size_t number, std::vector<CompileCommand> &commands);
  llvm::Expected<Run> extract(std::size_t number) { return extract(number, difference(number), /*takesFacts=*/true); }
  /// `files`: those of the state, perhaps edited; then no facts hold that were brought.
  llvm::Expected<Run> extract(std::size_t number, const TreeDifference &files, bool takesFacts);
  llvm::Error analyse(Run run, const Warning &warn, TreeState &state);
  llvm::Error analyse(std::size_t number, Run run, TreeState &state);

  const GateOptions &options;
  const DatabaseView &database;
  const Git &git;
  const Series &series;
  std::optional<OpenedShards> brought; ///< until they have become `facts`
  GateUnits &units;
  StageClock &clock;
  Invocation &invocation;
  /// What is the same for all states: rules as they hold for the base's version, constants, learned contracts.
  Run shared;
  bool hasRules = false, hasConstants = false;
  std::unique_ptr<BaseFacts> facts;
  std::set<std::string> said;
  FactSources counts;
};

} // namespace bhlint
