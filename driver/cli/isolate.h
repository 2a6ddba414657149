// Parsing a unit in a process of its own, with bounds on time and memory: for code from strangers, which may be made to
// never end (macros that expand to macros, headers that include themselves) or to read what is none of its business.
//
// The process is this program again, with the hidden command `extract-unit`: it reads a job file, sets its own limits,
// parses, and writes facts and what it has read to files. There is no prelude in it; the facts are the same without.
#pragma once

#include "analysis/extract/extract.h"
#include "driver/cli/overlay.h"

#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace bhlint {

struct UnitLimits {
  unsigned seconds = 0; ///< of CPU time; 0: no limit, and no process of its own
  unsigned megabytes = 4096;
  std::string program; ///< this one
};

/// What parsing one unit gives; see ExtractedUnit.
struct ParsedUnit {
  std::string packed; ///< empty: it failed
  std::string error;
  bool usedPrelude = false;
  std::vector<std::string> inputs;
};

/// In this process, with whatever Clang may do to it kept inside.
ParsedUnit parseHere(const ExtractRequest &request, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files);

/// Parses units of one overlay, each in its process. May be used by several threads.
class IsolatedParser {
public:
  static llvm::Expected<std::unique_ptr<IsolatedParser>> make(const UnitLimits &limits, const Overlay &overlay);
  ~IsolatedParser();
  ParsedUnit parse(const ExtractRequest &request) const;

private:
  IsolatedParser(UnitLimits limits, std::string folder) : limits(std::move(limits)), folder(std::move(folder)) {}

  UnitLimits limits;
  std::string folder;
};

/// The other side: does the job that the file describes. Only its files tell what came out.
llvm::Error runExtractJob(llvm::StringRef jobFile);

} // namespace bhlint
