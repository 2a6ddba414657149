#include "runtime-model/claims.h"
#include "runtime-model/recorded_traces.h"

#include <gmock/gmock.h>
#include <set>

namespace bhlint::model {
namespace {

TEST(Claims, EachIsDecidedAsTheSourceCodeCheckFound) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<Claim> claims = decideClaims(diagnostics);
  for (const Diagnostic &d : diagnostics)
    ADD_FAILURE() << toString(d);
  std::set<std::string> ids;
  for (const Claim &claim : claims) {
    EXPECT_TRUE(ids.insert(claim.id).second) << claim.id << " twice";
    if (!claim.isDecided) {
      EXPECT_FALSE(claim.why.empty()) << claim.id;
      continue;
    }
    EXPECT_FALSE(claim.cases.empty()) << claim.id;
    EXPECT_EQ(claim.isSupported(), claim.ledger == "true") << claim.id << ": " << claim.text;
    for (const ClaimCase &one : claim.cases) {
      EXPECT_NE(one.outcome.verdict, Verdict::HoldsBounded) << claim.id << ": " << one.scenario;
      EXPECT_EQ(one.outcome.verdict == Verdict::Fails, !one.timeline.empty()) << one.scenario;
    }
  }
  for (int i = 1; i <= 117; ++i)
    EXPECT_TRUE(ids.count((i < 10 ? "A0" : "A") + std::to_string(i))) << "A" << i;
  for (int i = 1; i <= 36; ++i)
    EXPECT_TRUE(ids.count((i < 10 ? "B0" : "B") + std::to_string(i))) << "B" << i;
}

TEST(Claims, TheSameSoftirqOnTwoCpusIsRefutedByATrace) {
  std::vector<Diagnostic> diagnostics;
  for (const Claim &claim : decideClaims(diagnostics))
    if (claim.id == "A83") {
      ASSERT_EQ(claim.cases.size(), 1u);
      EXPECT_FALSE(claim.isSupported());
      EXPECT_EQ(claim.cases[0].outcome.problem, Problem::Reentered);
      EXPECT_THAT(claim.cases[0].timeline, testing::HasSubstr("CPU1"));
    }
}

TEST(Claims, ReductionKeepsEachVerdict) {
  for (const std::string &name : claimScenarioNames()) {
    std::vector<Diagnostic> diagnostics;
    const std::optional<Scenario> scenario = claimScenario(name, diagnostics);
    ASSERT_TRUE(scenario) << name;
    Strategy full;
    full.reduces = false;
    const Outcome reduced = explore(scenario->system, scenario->initial, Strategy());
    const Outcome complete = explore(scenario->system, scenario->initial, full);
    EXPECT_EQ(reduced.verdict, complete.verdict) << name;
    EXPECT_EQ(reduced.problem, complete.problem) << name;
    EXPECT_EQ(replay(scenario->system, scenario->initial, reduced.trace).problem, reduced.problem) << name;
  }
}

TEST(Claims, SmallScenariosHaveKnownStateCounts) {
  const std::pair<const char *, std::uint64_t> counts[] = {
      {"softirq_two_cpus", 62},
      {"same_work_two_cpus", 44},
      {"oneshot_level_quiet", 21},
      {"thread_serialised", 280},
      {"work_flushed", 18},
      {"tasklet_disable_prevents", 1021},
      {"old_bh_serialised", 1016},
      {"top_half_masks_device", 34},
  };
  for (const auto &[name, states] : counts) {
    std::vector<Diagnostic> diagnostics;
    const std::optional<Scenario> scenario = claimScenario(name, diagnostics);
    ASSERT_TRUE(scenario) << name;
    EXPECT_EQ(explore(scenario->system, scenario->initial, Strategy()).states, states) << name;
  }
}

TEST(Traces, EachRecordedTraceIsARunOfTheModel) {
  std::vector<Diagnostic> diagnostics;
  unsigned compared = 0;
  for (const std::string &name : traceNames())
    for (const RecordedTrace &trace : checkTrace(name, diagnostics)) {
      ++compared;
      EXPECT_TRUE(trace.isPossible) << trace.name << " on " << trace.kernel << ", wanted: " << trace.wanted << "\n"
                                    << trace.timeline;
    }
  for (const Diagnostic &d : diagnostics)
    ADD_FAILURE() << toString(d);
  EXPECT_GE(compared, 70u);
}

// A trace that no kernel would print is not a run of the model.
TEST(Traces, OtherTracesAreNot) {
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = traceScenario("softirq_order", Profile(), 1, diagnostics);
  ASSERT_TRUE(scenario);
  std::vector<std::string> lines = traceLines("uml-preempt", "softirq_order");
  ASSERT_GE(lines.size(), 5u);
  EXPECT_TRUE(matchTrace(scenario->system, scenario->initial, lines).isPossible);
  std::swap(lines[1], lines[4]);
  EXPECT_FALSE(matchTrace(scenario->system, scenario->initial, lines).isPossible);
  std::swap(lines[1], lines[4]);
  lines.pop_back();
  EXPECT_FALSE(matchTrace(scenario->system, scenario->initial, lines).isPossible);
}

} // namespace
} // namespace bhlint::model
