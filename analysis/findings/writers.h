// Every form in which a report can be written: the table that `--format` offers, one file each.
//
// A writer gets a whole Report and decides nothing but form: which findings there are, and in which order, was decided
// before. A report of a gate has Report::gate, and its findings are shown at the line of the patch that causes them.
// Text from the tree may be a stranger's: every writer escapes it in its format's way.
//
// To add one: write_<name>.cpp with a function declared here, a row in writers.cpp, a golden in
// testdata/writers/, and a line in docs/cli.md.
#pragma once

#include "analysis/findings/finding.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/raw_ostream.h"

#include <string>
#include <vector>

namespace bhlint {

struct Writer {
  const char *name; ///< as --format takes it
  void (*write)(const Report &report, llvm::raw_ostream &out);
  bool countsCharacters = false; ///< its columns do: see countCharacters()
};

llvm::ArrayRef<Writer> writers();
const Writer *findWriter(llvm::StringRef name);
std::vector<std::string> writerNames();

/// SARIF 2.1.0, as code scanning at GitHub reads it: chains as code flows, fingerprints, the rules' pages as help. What
/// GitHub would refuse or cut is left out (results, locations, length of texts).
void writeSarif(const Report &report, llvm::raw_ostream &out);

/// Workflow commands, `::error file=...`, which GitHub shows beside the lines of a pull request.
void writeGithub(const Report &report, llvm::raw_ostream &out);

/// GitLab's code quality report.
void writeGitlab(const Report &report, llvm::raw_ostream &out);

/// JUnit's XML, as CI servers show it: one failed case for each finding and each unit that could not be analysed; in a
/// gate a passed one for each patch without any.
void writeJunit(const Report &report, llvm::raw_ostream &out);

/// A plain-text mail in the manner of the kernel's 0-day bot: what was tested, the chain with its annotations, which
/// tag to add to a mend, how to reproduce it. A report of `check` has no patch to answer to; it then speaks of the tree.
void writeMail(const Report &report, llvm::raw_ostream &out);

} // namespace bhlint
