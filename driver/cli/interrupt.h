// SIGINT and SIGTERM while units are extracted: no unit is begun any more, those that are done stay in the cache, and
// the process ends by the signal as it would have. A second one ends it at once.
//
// It is the one global state of the program, because that is all that a signal handler can reach.
#pragma once

namespace bhlint {

/// Has LLVM's signal handlers registered by the main thread: temporary files are removed when a signal ends the
/// process, and a crash says where. Else the first thread that writes a precompiled header registers them, and its
/// alternate signal stack outlives it.
void handleCrashes(const char *program);

/// As long as it lives, the signals are kept for it. One at a time.
class InterruptGuard {
public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard &) = delete;

  /// Has there been one? May be asked from any thread.
  static bool isInterrupted();
};

/// Ends the process by the signal that has interrupted it, so that whoever waits for it sees that. Returns when there
/// was none.
void endIfInterrupted();

} // namespace bhlint
