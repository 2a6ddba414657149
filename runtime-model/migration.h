// Migrations proven: the old and the new form of a driver in the same environment, and what an observer sees of each.
//
// Each row of data/migrations.yaml explores both forms completely and compares the sets of observations and the problems
// found. Equal: equivalent. Otherwise the difference, with a shortest run that shows it.
#pragma once

#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace bhlint::model {

struct MigrationForm {
  Outcome outcome;
};

struct MigrationResult {
  std::string name;     ///< "tasklet to BH work: pending when killed"
  std::string what;     ///< what the observer looks at
  MigrationForm before, after;
  bool isEquivalent = false;
  bool expectsEquivalent = true;
  std::string difference; ///< in words, with the timeline
};

/// What differs between two forms, in words; with a shortest run that shows it. Observers are only compared where both
/// forms were explored completely and have no problem: otherwise there are runs of one of them that nobody has seen.
struct FormDifference {
  Verdict before = Verdict::Holds, after = Verdict::Holds;
  std::uint64_t statesBefore = 0, statesAfter = 0;
  std::string problemBefore;        ///< of the old form; empty: none
  std::string problem;              ///< of the new form, which the old one doesn't have; empty: none
  std::vector<std::string> onlyBefore, onlyAfter; ///< what only one of them shows an observer: "run stopped"
  std::string timeline;             ///< of the problem, else of the first of those
  bool isCompared() const { return before == Verdict::Holds && after == Verdict::Holds; }
  bool isNone() const { return problem.empty() && onlyBefore.empty() && onlyAfter.empty(); }
};

/// Both forms of one driver, as scenarios in YAML (docs/runtime-model.md), explored within a bound. Nothing: one of
/// them can't be read.
std::optional<FormDifference> compareForms(llvm::StringRef before, llvm::StringRef after,
                                           std::vector<Diagnostic> &diagnostics);

std::vector<MigrationResult> proveMigrations(std::vector<Diagnostic> &diagnostics);

} // namespace bhlint::model
