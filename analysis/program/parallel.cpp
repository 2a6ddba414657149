#include "analysis/program/parallel.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Threading.h"

#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>
#include <vector>

namespace bhlint {

namespace {

std::uint64_t threadNow() {
  timespec now = {};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000000000u + static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace

/// Threads that help with whatever loop is open. Not LLVM's pool: there a caller that is done with its loop waits until
/// somebody who is busy with another's has looked at it, too.
class Workers::Pool {
public:
  explicit Pool(unsigned helpers) {
    for (unsigned i = 0; i < helpers; ++i)
      threads.emplace_back([this] { help(); });
  }

  ~Pool() {
    {
      std::lock_guard guard(mutex);
      isEnding = true;
    }
    isOpened.notify_all();
    for (std::thread &thread : threads)
      thread.join();
  }

  /// Returns what helpers have spent.
  std::uint64_t run(llvm::function_ref<void()> work) {
    Loop loop{work};
    {
      std::lock_guard guard(mutex);
      open.push_back(&loop);
    }
    isOpened.notify_all();
    work();
    std::unique_lock lock(mutex);
    llvm::erase(open, &loop);
    isLeft.wait(lock, [&] { return loop.inside == 0; });
    return loop.nanoseconds;
  }

private:
  struct Loop {
    llvm::function_ref<void()> work;
    unsigned inside = 0; ///< helpers
    std::uint64_t nanoseconds = 0;
  };

  void help() {
    std::unique_lock lock(mutex);
    for (;;) {
      isOpened.wait(lock, [&] { return isEnding || !open.empty(); });
      if (isEnding)
        return;
      Loop &loop = *open[turn++ % open.size()];
      ++loop.inside;
      lock.unlock();
      const std::uint64_t start = threadNow();
      loop.work();
      const std::uint64_t spent = threadNow() - start;
      lock.lock();
      llvm::erase(open, &loop); // all of it is begun
      loop.nanoseconds += spent;
      if (--loop.inside == 0)
        isLeft.notify_all();
    }
  }

  std::mutex mutex;
  std::condition_variable isOpened, isLeft;
  std::vector<Loop *> open; ///< of callers that are in run()
  std::size_t turn = 0;
  bool isEnding = false;
  std::vector<std::thread> threads;
};

Workers::Workers(unsigned jobs) : count(llvm::hardware_concurrency(jobs).compute_thread_count()) {
  if (count > 1)
    pool = std::make_shared<Pool>(count - 1);
}

Workers::Workers(const Workers &other) : count(other.count), pool(other.pool) {}

Workers::~Workers() = default;

void Workers::runOnAll(llvm::function_ref<void()> loop) { nanoseconds += pool->run(loop); }

} // namespace bhlint
