// runMake: runs `make` as a child, without a shell, and keeps what it says.
//
// It knows nothing of Kbuild; that is record.h.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <functional>
#include <string>
#include <vector>

namespace bhlint {

struct MakeRun {
  std::vector<std::string> arguments;
  std::vector<std::string> environment; ///< "NAME=value", beside the caller's own, from which make's own are removed
  std::function<void()> onTick;         ///< called several times a second; may be empty
};

struct MakeResult {
  int status = 0;
  std::string log; ///< what it printed on both streams

  std::vector<std::string> lastLines(unsigned count) const;
  /// The first lines that look like errors and are not make's own consequences of one.
  std::vector<std::string> errors(unsigned count) const;
};

llvm::Expected<MakeResult> runMake(const MakeRun &run);

bool findsProgram(llvm::StringRef name);

/// First line that a command prints; empty when it can't be run. `command` may have several words ("ccache gcc").
std::string firstLineOf(llvm::StringRef command, llvm::StringRef argument);

} // namespace bhlint
