// Loops over many small independent pieces, on several threads.
#pragma once

#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace bhlint {

/// Threads that stay between loops, since there may be thousands of short ones.
class Workers {
public:
  /// `jobs` threads with the caller's own, 0: one for each core.
  explicit Workers(unsigned jobs)
      : threads(llvm::hardware_concurrency(jobs).compute_thread_count()), pool(llvm::hardware_concurrency(threads)) {}

  /// Calls `work` once for each number below `count`, in any order.
  template <typename Work> void forEach(std::size_t count, const Work &work) {
    constexpr std::size_t fewest = 8; // less is not worth waking somebody
    if (threads < 2 || count < fewest) {
      for (std::size_t i = 0; i < count; ++i)
        work(i);
      return;
    }
    const std::size_t atATime = std::clamp<std::size_t>(count / (threads * 8), 1, 16);
    std::atomic<std::size_t> next{0};
    auto run = [&] {
      for (std::size_t first; (first = next.fetch_add(atATime)) < count;)
        for (std::size_t i = first; i < std::min(first + atATime, count); ++i)
          work(i);
    };
    for (unsigned thread = 1; thread < threads; ++thread)
      pool.async(run);
    run();
    pool.wait();
  }

private:
  const unsigned threads;
  llvm::DefaultThreadPool pool;
};

} // namespace bhlint
