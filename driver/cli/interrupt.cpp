#include "driver/cli/interrupt.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Signals.h"

#include <atomic>
#include <csignal>
#include <iterator>

namespace bhlint {

namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not wait");

constexpr int signals[] = {SIGINT, SIGTERM};

extern "C" void keepSignal(int number) { received = number; }

} // namespace

void handleCrashes(const char *program) {
  constexpr int taken[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR2};
  struct sigaction before[std::size(taken)];
  for (std::size_t i = 0; i < std::size(taken); ++i)
    ::sigaction(taken[i], nullptr, &before[i]);
  llvm::sys::PrintStackTraceOnErrorSignal(program, /*DisableCrashReporting=*/true);
  // Who starts a program with a signal ignored (nohup, a shell's background job) means it.
  for (std::size_t i = 0; i < std::size(taken); ++i)
    if (before[i].sa_handler == SIG_IGN)
      ::sigaction(taken[i], &before[i], nullptr);
}

InterruptGuard::InterruptGuard() {
  struct sigaction action = {};
  action.sa_handler = keepSignal;
  // The second one finds the default again; what waits in the kernel goes on waiting.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (int number : signals) {
    struct sigaction before;
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      ::sigaction(number, &action, nullptr);
  }
}

InterruptGuard::~InterruptGuard() {
  for (int number : signals) {
    struct sigaction current;
    if (::sigaction(number, nullptr, &current) == 0 && current.sa_handler == keepSignal)
      std::signal(number, SIG_DFL);
  }
}

bool InterruptGuard::isInterrupted() { return received != 0; }

void endIfInterrupted() {
  if (int number = received) {
    std::signal(number, SIG_DFL);
    std::raise(number);
  }
}

} // namespace bhlint
