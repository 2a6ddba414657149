// explore(): every state that a System can reach, or as many as a strategy allows, and what is wrong in them.
//
// Breadth-first, so a counterexample is a shortest one. The verdict tells "holds, space exhausted" from "holds, bound
// reached". A trace is a list of steps; replay() runs one again and must come to the same outcome.
//
// To add a strategy: a kind here, a function in explore.cpp.
#pragma once

#include "runtime-model/mechanism.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace bhlint::model {

enum class Verdict : std::uint8_t {
  Holds,        ///< every reachable state was seen
  HoldsBounded, ///< nothing wrong within the bound
  Fails
};
const char *verdictName(Verdict verdict);

struct Strategy {
  enum Kind : std::uint8_t { Exhaustive, Random } kind = Exhaustive;
  std::uint64_t maxStates = 5'000'000; ///< Exhaustive: more than this is "bound reached"
  unsigned maxDepth = 0;               ///< 0: no limit. Random: length of a walk, 10000 by default
  bool reduces = true;                 ///< partial-order reduction over steps that nobody else can see
  bool silentFails = true;             ///< a contract violation that no kernel reports is a failure
  std::uint64_t seed = 1;              ///< Random
  unsigned walks = 1000;               ///< Random
};

struct Outcome {
  Verdict verdict = Verdict::Holds;
  Problem problem = Problem::None;
  std::vector<Step> trace;             ///< to the problem
  std::uint64_t states = 0;
  std::uint64_t transitions = 0;
  std::uint64_t finals = 0;            ///< states in which nothing is left to do
  std::uint64_t bytes = 0;             ///< of memory for the states
  /// What an observer saw on complete runs, "a b c", and a shortest run that shows it.
  std::map<std::string, std::vector<Step>> observations;
};

Outcome explore(const System &system, const State &initial, const Strategy &strategy);

/// What is wrong with a state in which no step is possible: a hang, a deadlock, a final expectation. None: all is done.
Problem finalProblem(const System &system, const State &state, std::string *why = nullptr);

struct Replay {
  Problem problem = Problem::None;
  bool isComplete = true;              ///< false: a step of the trace was not possible
  State last;
  std::vector<Event> events;
};
Replay replay(const System &system, const State &initial, const std::vector<Step> &trace);

} // namespace bhlint::model
