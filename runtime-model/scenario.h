// Scenario: a System that somebody wrote down, in YAML, with what is expected of it.
//
// readScenario() turns a file into a Scenario or into located errors; it never throws and never crashes on bad input.
// The language is described in docs/runtime-model.md. Words for what handlers do are the kernel functions of the
// catalogue (catalogue.h) and the bookkeeping instructions (instruction.cpp).
//
// To add a kind of object: a section in ScenarioReader::declare*(), a spec in system.h.
#pragma once

#include "runtime-model/catalogue.h"
#include "runtime-model/explore.h"
#include "runtime-model/system.h"

#include <optional>
#include <string>
#include <vector>

namespace YAML {
class Node;
}

namespace bhlint::model {

struct Scenario {
  std::string name;
  std::string title;
  System system;
  State initial;                 ///< after `setup` has run
  bool expectsFailure = false;
  Problem expected = Problem::None;
  bool hasExpectation = false;
  std::map<std::string, double, std::less<>> costs; ///< of calls, in microseconds: for latency runs
};

/// `profile`: "preempt" or "preempt-rt" instead of what the file says; empty: the file's.
std::optional<Scenario> readScenario(llvm::StringRef yaml, const std::string &file,
                                     std::vector<Diagnostic> &diagnostics, const std::string &profile = {});

/// Pieces of one scenario: later fragments add objects; `replacements` replace the line `OPERATION` in lists of calls.
struct ScenarioPieces {
  std::vector<const YAML::Node *> fragments;
  const YAML::Node *operation = nullptr;    ///< calls to put in place of `OPERATION`
  const YAML::Node *self = nullptr;         ///< calls to put in place of `SELF`
  std::string file;
};
std::optional<Scenario> buildScenario(const ScenarioPieces &pieces, const Profile &profile,
                                      std::vector<Diagnostic> &diagnostics);

/// "lost-event", "deadlock", ...: the spelling of problems in YAML and JSON.
std::optional<Problem> problemFromName(llvm::StringRef name);
llvm::StringRef problemKey(Problem problem);

} // namespace bhlint::model
