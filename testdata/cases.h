// The cases in testdata/ and what they expect, read from their comments.
//
// A case is a C file in testdata/<rule-id>/, or a folder there whose C files are analysed together. The comments are
//     // expect: bh-mutex-in-atomic            reported in this line, with high confidence
//     // expect: bh-gfp-in-atomic medium       reported in this line, with exactly that confidence
//     // may: bh-gfp-in-atomic medium          not reported, or with at most that confidence
//     // module: alpha                         KBUILD_MODNAME of the file; otherwise the file's name
//     // profile: preempt-rt                   checked as in such a kernel
// and every function named *_bad must take part in a finding of high confidence, every one named *_ok in none. This is
// no test by itself: testdata_test.cpp runs bhlint and compares.
#pragma once

#include "analysis/facts/context.h"

#include "llvm/ADT/StringRef.h"

#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

namespace bhlint::testdata {

struct Expectation {
  std::string file; ///< relative to testdata/
  unsigned line = 0;
  std::string rule;
  Confidence confidence = Confidence::High;
  bool isRequired = true; ///< false: `may:`
  friend auto operator<=>(const Expectation &, const Expectation &) = default;
};

struct Case {
  std::string name;                           ///< relative to testdata/, without extension
  std::map<std::string, std::string> modules; ///< C file, relative to testdata/ -> KBUILD_MODNAME
  std::string profile;                        ///< empty: none
  std::set<Expectation> expectations;
  std::set<std::string> badFunctions;
  std::set<std::string> okFunctions;
  std::vector<std::string> errors; ///< "file:line: ..." for comments that are not understood
};

/// Names the case in GoogleTest's output, which would print its bytes otherwise.
void PrintTo(const Case &testCase, std::ostream *out);

/// Every case below `root`, sorted by name. `folders`: the folders of `root` whose entries are cases.
std::vector<Case> readCases(const std::string &root, const std::vector<std::string> &folders);

/// Adds what one file says to `result`.
void readFile(llvm::StringRef text, const std::string &file, Case &result);

} // namespace bhlint::testdata
