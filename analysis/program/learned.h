// Learned contracts: the summaries of a whole kernel's functions, so that one folder can be checked without the rest.
//
// `bhlint learn` condenses a run over a whole tree to what code elsewhere can see: for each function that is called
// from another module or folder, under which conditions it sleeps, which lock state it leaves, which of its parameters
// it calls. A run that lacks the body uses that summary, and tells the same chain. Rows of RuleSet go before it.
#pragma once

#include "analysis/program/summary.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace bhlint {

/// Where a learned file comes from; written into it and shown by `explain`.
struct LearnedProvenance {
  std::string tool;      ///< "bhlint 0.1.0"
  std::string kernel;    ///< "6.12.117", as the tree's Makefile says
  std::string config;    ///< "x86_64 allmodconfig", in the words of who ran it
  std::size_t units = 0; ///< that were analysed
  std::size_t failed = 0;
};

/// Writes what `program` and `summaries` know. One function a line, sorted by name and file.
void writeLearned(const Program &program, const Summaries &summaries, const LearnedProvenance &provenance,
                  llvm::raw_ostream &out);

/// A way to sleep. `to` and `entry` lead on to the next function of the chain.
struct LearnedSleep {
  SleepKind kind = SleepKind::Sleep;
  Confidence confidence = Confidence::High;
  bool isForbidden = false, isLocked = false;
  std::uint16_t depth = 0;
  std::uint16_t avoidableCalls = 0;
  Doubts doubts = noDoubt;
  Delta delta;
  std::string sink;     ///< callee as written at the place
  std::string contract; ///< SleepContract::function
  std::string file;     ///< of the call, with `line`
  std::uint32_t line = 0;
  std::uint32_t to = noId; ///< into LearnedContracts::functions
  std::uint32_t entry = 0;
  std::vector<std::pair<std::string, Knowledge>> guard; ///< term in text form, see learned.cpp
};

struct LearnedExit {
  Delta delta;
  std::vector<std::pair<std::string, Knowledge>> guard;
  std::string result; ///< term in text form, empty = unknown
  std::uint64_t mask = ~0ull, bits = 0;
  bool isNegated = false;
  Knowledge resultKnowledge;
  Doubts doubts = noDoubt;
};

struct LearnedCall {
  std::uint32_t parameter = 0;
  Delta delta;
  Doubts doubts = noDoubt;
};

struct LearnedFunction {
  std::string name, file, module;
  std::uint32_t line = 0;
  bool isVisible = false; ///< may be called by name; others are only steps of chains
  std::vector<LearnedSleep> sleeps;
  std::vector<LearnedExit> exits;
  std::vector<LearnedCall> calls;
};

/// What all calls of an external function say together (callers.h), for a run that has its body and not all of them.
struct LearnedCallers {
  bool isUnreached = false;                                         ///< no call of it can run
  std::vector<std::pair<std::uint32_t, std::uint32_t>> constants; ///< parameters that are one constant in every call
};

/// What code stores in a field, where that is nothing but constants (field_domains.h).
struct LearnedField {
  std::string record, field;
  std::uint64_t bits = 0;
  std::vector<std::uint64_t> values; ///< as in FieldDomain
};

struct LearnedContracts {
  LearnedProvenance provenance;
  std::vector<LearnedFunction> functions;
  llvm::StringMap<std::uint32_t> byName;  ///< visible ones
  llvm::StringMap<LearnedCallers> callers; ///< by "name@file"; of functions that are called in other ways: none
  std::vector<LearnedField> fields;        ///< sorted by names
};

/// `text` as writeLearned() made it, or that packed by gzip. Error: what is wrong and where, with `path` in front.
llvm::Expected<LearnedContracts> readLearned(llvm::StringRef text, llvm::StringRef path);

} // namespace bhlint
