// The line on a terminal that says how far extraction is. Nothing is written where no terminal is.
#pragma once

#include "driver/cli/pipeline.h"

#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <string>

namespace bhlint {

/// "120/2000 units, 80 from the cache, 9.5/s, 3 min 18 s left, 2 failed". `seconds`: since the first unit was parsed,
/// which is what says how long the others take.
std::string progressText(const ProgressState &state, double seconds);

class ProgressLine {
public:
  explicit ProgressLine(llvm::raw_ostream &out);
  /// Leaves an empty line.
  ~ProgressLine();
  void update(const ProgressState &state);

private:
  using Clock = std::chrono::steady_clock;
  llvm::raw_ostream &out;
  const bool isShown;
  Clock::time_point parsingSince, shown;
};

} // namespace bhlint
