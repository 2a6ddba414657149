#include "driver/cli/progress_line.h"

#include "gtest/gtest.h"

namespace bhlint {
namespace {

TEST(ProgressText, SaysWhatIsKnown) {
  EXPECT_EQ(progressText({0, 2000, 0, 0}, 0), "0/2000 units");
  EXPECT_EQ(progressText({1, 2000, 0, 0}, 0.1), "1/2000 units") << "too early for a rate";
  EXPECT_EQ(progressText({100, 2000, 0, 0}, 10), "100/2000 units, 10.0/s, 3 min 10 s left");
  EXPECT_EQ(progressText({2000, 2000, 3, 0}, 200), "2000/2000 units, 10.0/s, 0 s left, 3 failed");
}

/// Those from the cache are no measure of how long the others take.
TEST(ProgressText, UnitsFromTheCacheDoNotCountForTheRate) {
  EXPECT_EQ(progressText({1500, 2000, 0, 1500}, 0), "1500/2000 units, 1500 from the cache");
  EXPECT_EQ(progressText({1510, 2000, 1, 1500}, 5),
            "1510/2000 units, 1500 from the cache, 2.0/s, 4 min 5 s left, 1 failed");
}

TEST(ProgressText, Durations) {
  EXPECT_EQ(progressText({1, 60, 0, 0}, 1), "1/60 units, 1.0/s, 59 s left");
  EXPECT_EQ(progressText({1, 61, 0, 0}, 1), "1/61 units, 1.0/s, 1 min 0 s left");
  EXPECT_EQ(progressText({1, 3601, 0, 0}, 1), "1/3601 units, 1.0/s, 1 h 0 min left");
  EXPECT_EQ(progressText({1, 20001, 0, 0}, 1), "1/20001 units, 1.0/s, 5 h 33 min left");
}

} // namespace
} // namespace bhlint
