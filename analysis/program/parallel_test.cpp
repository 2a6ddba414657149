#include "analysis/program/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <vector>

namespace bhlint {
namespace {

using testing::Each;

/// How often each number was called for.
std::vector<int> callsOf(Workers &workers, std::size_t count) {
  std::vector<std::atomic<int>> calls(count);
  workers.forEach(count, [&](std::size_t i) { ++calls[i]; });
  return {calls.begin(), calls.end()};
}

TEST(Workers, CallOnceForEachNumber) {
  for (unsigned jobs : {1u, 2u, 5u}) {
    Workers workers(jobs);
    for (std::size_t count : {0u, 1u, 7u, 8u, 1000u})
      EXPECT_THAT(callsOf(workers, count), Each(1)) << jobs << " threads, " << count;
  }
}

/// Two callers have each other's threads, and each goes on as soon as its own loop is done.
TEST(Workers, AreSharedByCopies) {
  Workers first(2), second(first);
  std::promise<void> isOver;
  auto held = isOver.get_future().share();
  auto other = std::async(std::launch::async, [&] { second.forEachLarge(2, [&](std::size_t) { held.wait(); }); });
  for (int round = 0; round < 100; ++round)
    EXPECT_THAT(callsOf(first, 100), Each(1));
  isOver.set_value();
  other.wait();
}

TEST(Workers, CountWhatOthersSpend) {
  Workers one(1), two(2);
  auto spin = [](std::size_t) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < end)
      ;
  };
  one.forEach(100, spin);
  EXPECT_EQ(one.secondsOfOthers(), 0);
  two.forEach(100, spin);
  EXPECT_GT(two.secondsOfOthers(), 0);
  EXPECT_EQ(Workers(two).secondsOfOthers(), 0);
}

} // namespace
} // namespace bhlint
