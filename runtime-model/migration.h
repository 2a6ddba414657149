// Migrations proven: the old and the new form of a driver in the same environment, and what an observer sees of each.
//
// Each row of data/migrations.yaml explores both forms completely and compares the sets of observations and the problems
// found. Equal: equivalent. Otherwise the difference, with a shortest run that shows it.
#pragma once

#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

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

std::vector<MigrationResult> proveMigrations(std::vector<Diagnostic> &diagnostics);

} // namespace bhlint::model
