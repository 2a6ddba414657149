// Claims: what the two seed guides state, decided by the model. Holds, or refuted with the shortest trace.
//
// data/claims.yaml says which scenarios a claim is about and what it predicts of each; what the model finds decides. Each
// claim also has the verdict of the source-code check (`ledger`), which never enters the decision: a test compares them.
//
// To add a claim: a row there, and a scenario if none fits.
#pragma once

#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

#include <string>
#include <vector>

namespace bhlint::model {

struct ClaimCase {
  std::string scenario;
  Problem predicted = Problem::None; ///< None: holds
  Outcome outcome;
  bool isSupported = false;
  std::string timeline;              ///< of a failing run
};

struct Claim {
  std::string id, text, ledger;
  std::vector<ClaimCase> cases;
  bool isDecided = true;
  std::string why;                   ///< when it is not decided
  bool isSupported() const;
};

/// All claims, sorted by id, with everything explored.
std::vector<Claim> decideClaims(std::vector<Diagnostic> &diagnostics);

/// A scenario of the claims, by name.
std::optional<Scenario> claimScenario(llvm::StringRef name, std::vector<Diagnostic> &diagnostics);
std::vector<std::string> claimScenarioNames();

} // namespace bhlint::model
