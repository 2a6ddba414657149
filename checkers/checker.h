// Checkers: small queries over the linked analysis that produce findings. The table is in checkers.cpp.
//
// A checker decides what to say and where; what can happen was decided by analysis/program. To add one: a .cpp here, a
// row in checkers.cpp, rules/<id>.yaml and testdata/<id>/.
#pragma once

#include "analysis/findings/finding.h"
#include "analysis/program/contexts.h"

#include <vector>

namespace bhlint {

/// Everything that a checker may look at.
struct Analysis {
  const Program &program;
  const CallResolver &resolver;
  const Summaries &summaries;
  const ContextMap &contexts;
};

struct Checker {
  const char *name;
  std::vector<Finding> (*check)(const Analysis &);
};

llvm::ArrayRef<Checker> checkers();

/// All findings of all checkers, sorted, with fingerprints. Opt-in rules are left out unless named in `optIn`.
std::vector<Finding> check(const Analysis &analysis, const std::vector<std::string> &optIn);

std::vector<Finding> checkSleepInAtomic(const Analysis &analysis);

} // namespace bhlint
