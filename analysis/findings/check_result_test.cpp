#include "analysis/findings/check_result.h"
#include "analysis/findings/sample_finding.h"

#include "gtest/gtest.h"

namespace bhlint {
namespace {

/// No member has its default, and no two members are alike.
Finding fullFinding() {
  Finding finding = sampleFinding();
  finding.confidence = Confidence::Medium;
  finding.fingerprint = "0123abcd";
  finding.root.place = {"drivers/foo/bar.h", 11, 4};
  finding.assumptions = {"a flag is set", "another one is not"};
  finding.evidence = {"kernel/softirq.c:788"};
  finding.ambient = Context::Tasklet;
  finding.conditionalCalls = 2;
  finding.held = {3, 4, 5, 6, "spin_lock(&a->lock)"};
  finding.sinkKind = SinkKind::Mutex;
  finding.replay = ReplayState::Reproduced;
  return finding;
}

CheckResult fullResult() {
  return {{fullFinding(), Finding()}, {{{"drivers/a.c", 7, 1}, "/* bhlint: allow(bh-mutex-in-atomic) why */"}}};
}

TEST(CheckResult, ComesBackAsItWas) {
  EXPECT_EQ(readCheckResult(writeCheckResult(fullResult())), fullResult());
  EXPECT_EQ(readCheckResult(writeCheckResult({})), CheckResult());
}

TEST(CheckResult, EqualResultsAreEqualBytes) {
  EXPECT_EQ(writeCheckResult(fullResult()), writeCheckResult(fullResult()));
}

TEST(CheckResult, AnEnumeratorOutOfRangeIsRefused) {
  CheckResult result = fullResult();
  result.findings[0].sinkKind = static_cast<SinkKind>(200);
  EXPECT_EQ(readCheckResult(writeCheckResult(result)), std::nullopt);
  result = fullResult();
  result.findings[0].ambient = static_cast<Context>(contextCount);
  EXPECT_EQ(readCheckResult(writeCheckResult(result)), std::nullopt);
}

/// Whatever is read is well formed, and nothing outside the bytes is: sanitizers would say so.
TEST(CheckResult, DamagedBytes) {
  const std::string bytes = writeCheckResult(fullResult());
  for (std::size_t size = 0; size + 8 < bytes.size(); ++size) // the last bytes are padding
    EXPECT_EQ(readCheckResult(bytes.substr(0, size)), std::nullopt) << size;
  unsigned refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x80);
    refused += readCheckResult(damaged) == std::nullopt;
  }
  EXPECT_GT(refused, 0u);
}

} // namespace
} // namespace bhlint
