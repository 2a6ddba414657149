#include "driver/cli/interrupt.h"

#include <atomic>
#include <csignal>

namespace bhlint {

namespace {

std::atomic<int> received{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may not wait");

constexpr int signals[] = {SIGINT, SIGTERM};

extern "C" void keepSignal(int number) { received = number; }

} // namespace

InterruptGuard::InterruptGuard() {
  struct sigaction action = {};
  action.sa_handler = keepSignal;
  // The second one finds the default again; what waits in the kernel goes on waiting.
  action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;
  for (int number : signals) {
    struct sigaction before;
    // Who starts a program with a signal ignored (nohup, a shell's background job) means it.
    if (::sigaction(number, nullptr, &before) == 0 && before.sa_handler == SIG_DFL)
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
