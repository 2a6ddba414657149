#include "driver/cli/progress_line.h"

#include "llvm/Support/Format.h"
#include "llvm/Support/Process.h"

namespace bhlint {

namespace {

std::string duration(double seconds) {
  auto whole = static_cast<unsigned long long>(seconds + 0.5);
  if (whole < 60)
    return std::to_string(whole) + " s";
  if (whole < 3600)
    return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

} // namespace

std::string progressText(const ProgressState &state, double seconds) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << state.done << "/" << state.total << " units";
  if (state.cached != 0)
    out << ", " << state.cached << " from the cache";
  std::size_t parsed = state.done - state.cached;
  // Right after the start a rate says nothing yet.
  constexpr double fewestSeconds = 0.5;
  if (parsed != 0 && seconds >= fewestSeconds) {
    double rate = static_cast<double>(parsed) / seconds;
    out << llvm::format(", %.1f/s, ", rate) << duration(static_cast<double>(state.total - state.done) / rate)
        << " left";
  }
  if (state.failed != 0)
    out << ", " << state.failed << " failed";
  return text;
}

ProgressLine::ProgressLine(llvm::raw_ostream &out)
    : out(out), isShown(llvm::sys::Process::StandardErrIsDisplayed()), parsingSince(Clock::now()) {}

ProgressLine::~ProgressLine() {
  if (isShown) {
    out << "\r\033[K";
    out.flush();
  }
}

void ProgressLine::update(const ProgressState &state) {
  if (!isShown)
    return;
  Clock::time_point now = Clock::now();
  if (state.done == state.cached)
    parsingSince = now;
  constexpr auto pause = std::chrono::milliseconds(100);
  if (now - shown < pause && state.done != state.total)
    return;
  shown = now;
  // Cut to a usual terminal: a line that wraps can't be written over.
  out << "\r\033[K"
      << llvm::StringRef(progressText(state, std::chrono::duration<double>(now - parsingSince).count())).take_front(79);
  out.flush();
}

} // namespace bhlint
