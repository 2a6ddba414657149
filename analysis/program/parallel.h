// Loops over many small independent pieces, on several threads.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace bhlint {

/// Threads that stay between loops, since there may be thousands of short ones. Copies share them: who works side by
/// side takes no more of them together, and what one has no work for is the other's.
class Workers {
public:
  /// `jobs` threads with the caller's own, 0: one for each core. Implicit: whoever shares none says how many.
  Workers(unsigned jobs);
  Workers(const Workers &other);
  ~Workers();

  unsigned threads() const { return count; }

  /// Calls `work` once for each number below `count`, in any order.
  template <typename Work> void forEach(std::size_t count, const Work &work) {
    constexpr std::size_t fewest = 8; // less is not worth waking somebody
    forEachOf(count, fewest, work);
  }

  /// The same of a few large pieces.
  template <typename Work> void forEachLarge(std::size_t count, const Work &work) { forEachOf(count, 2, work); }

  /// CPU time that threads beside the callers' own have spent in loops of these, and not of copies.
  double secondsOfOthers() const { return static_cast<double>(nanoseconds.load()) / 1e9; }

private:
  class Pool;

  template <typename Work> void forEachOf(std::size_t count, std::size_t fewest, const Work &work) {
    if (!pool || count < fewest) {
      for (std::size_t i = 0; i < count; ++i)
        work(i);
      return;
    }
    const std::size_t atATime = std::clamp<std::size_t>(count / (threads() * 8), 1, 16);
    std::atomic<std::size_t> next{0};
    runOnAll([&] {
      for (std::size_t first; (first = next.fetch_add(atATime)) < count;)
        for (std::size_t i = first; i < std::min(first + atATime, count); ++i)
          work(i);
    });
  }

  /// `loop` ends as soon as there is nothing left to begin.
  void runOnAll(llvm::function_ref<void()> loop);

  unsigned count;
  std::shared_ptr<Pool> pool; ///< null: the caller's thread is all there is
  std::atomic<std::uint64_t> nanoseconds{0};
};

} // namespace bhlint
