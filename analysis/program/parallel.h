// Loops over many small independent pieces, on several threads.
#pragma once

#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace bhlint {

/// Calls `work` once for each number below `count`, in any order. `jobs` 0: one thread for each core.
template <typename Work> void parallelFor(unsigned jobs, std::size_t count, const Work &work) {
  constexpr std::size_t atATime = 16, fewest = 64; // less is not worth waking somebody
  llvm::ThreadPoolStrategy strategy = llvm::hardware_concurrency(jobs);
  if (strategy.compute_thread_count() < 2 || count < fewest) {
    for (std::size_t i = 0; i < count; ++i)
      work(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  auto run = [&] {
    for (std::size_t first; (first = next.fetch_add(atATime)) < count;)
      for (std::size_t i = first; i < std::min(first + atATime, count); ++i)
        work(i);
  };
  llvm::DefaultThreadPool pool(strategy);
  for (unsigned thread = 0; thread < strategy.compute_thread_count(); ++thread)
    pool.async(run);
  pool.wait();
}

} // namespace bhlint
