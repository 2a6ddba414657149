// A baseline: the findings that a project has accepted, so that only new ones are reported.
//
// It is a YAML file that people review, one entry for each finding; only the fingerprint decides, the rest is for the
// reader. An entry whose finding is gone is reported as stale, so the file shrinks. For one line of code that is right
// although it looks wrong, a comment beside it is better: suppress.h.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace bhlint {

struct BaselineEntry {
  std::string fingerprint; ///< hex, as assignFingerprints() makes it
  std::string rule;
  std::string file;
  std::string function;
  std::string sink;
  std::string reason; ///< optional, the project's own words
  friend bool operator==(const BaselineEntry &, const BaselineEntry &) = default;
};

struct Baseline {
  std::vector<BaselineEntry> entries;
  friend bool operator==(const Baseline &, const Baseline &) = default;
};

/// `name` is the file's name for messages. Wrong input gives an error with file, line, column and the offending line.
llvm::Expected<Baseline> parseBaseline(llvm::StringRef text, llvm::StringRef name);

/// The findings as a baseline, in their order. Reasons of entries in `previous` that still match are kept.
void writeBaseline(const std::vector<Finding> &findings, const Baseline &previous, llvm::raw_ostream &out);

struct BaselineResult {
  unsigned accepted = 0;            ///< findings that were removed
  std::vector<BaselineEntry> stale; ///< entries that match no finding, in file order
};

/// Removes the findings that the baseline accepts.
BaselineResult applyBaseline(const Baseline &baseline, std::vector<Finding> &findings);

} // namespace bhlint
