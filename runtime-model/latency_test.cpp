#include "runtime-model/commands.h"
#include "runtime-model/latency.h"
#include "runtime-model/svg.h"

#include "llvm/Support/MemoryBuffer.h"

#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

std::vector<LatencyResult> run(std::string text = {}) {
  if (text.empty())
    text = (*llvm::MemoryBuffer::getFile(BHLINT_SOURCE_DIR "/runtime-model/scenarios/latency-top-half.yaml"))->getBuffer().str();
  std::vector<Diagnostic> diagnostics;
  std::vector<LatencyResult> results = runLatency(text, "x.yaml", diagnostics);
  for (const Diagnostic &d : diagnostics)
    ADD_FAILURE() << toString(d);
  return results;
}

TEST(Latency, DeferringShortensTheTopHalf) {
  const std::vector<LatencyResult> results = run();
  ASSERT_EQ(results.size(), 4u);
  for (const LatencyResult &result : results) {
    EXPECT_EQ(result.top.samples.size(), result.events) << result.name;
    EXPECT_EQ(result.bottom.samples.size(), result.events) << result.name;
    EXPECT_LE(result.top.percentile(50), result.top.percentile(99));
    EXPECT_LE(result.top.percentile(99), result.top.percentile(100));
  }
  const LatencyResult &all = results[0];
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_LT(results[i].top.percentile(99) * 10, all.top.percentile(99)) << results[i].name;
    EXPECT_LT(results[i].coalesced, all.coalesced) << results[i].name;
  }
  // The order of the seeds' timing tables: a softirq begins sooner than a thread.
  EXPECT_LT(results[1].bottom.percentile(50), results[2].bottom.percentile(50));
  EXPECT_LT(results[1].bottom.percentile(50), results[3].bottom.percentile(50));
}

TEST(Latency, SameSeedSameNumbers) {
  EXPECT_EQ(run()[1].bottom.samples, run()[1].bottom.samples);
}

TEST(Latency, ErrorsAreLocated) {
  std::vector<Diagnostic> diagnostics;
  EXPECT_TRUE(runLatency("name: x\nlatency: {period: -1}\nlines: {a: {}}\n", "x.yaml", diagnostics).empty());
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(toString(diagnostics[0]), "x.yaml:2:19: error: the period is a number of microseconds above zero");
  diagnostics.clear();
  runLatency("tasks: {t: [nop]}\n", "x.yaml", diagnostics);
  ASSERT_EQ(diagnostics.size(), 1u);
}

TEST(Svg, EscapesWhatItQuotes) {
  const std::string svg = curvesSvg({{"<script>&\"", {1, 2, 3}}}, "<b>");
  EXPECT_THAT(svg, testing::Not(testing::HasSubstr("<script>")));
  EXPECT_THAT(svg, testing::HasSubstr("&lt;script&gt;&amp;&quot;"));
  EXPECT_THAT(svg, testing::HasSubstr("</svg>"));
}

} // namespace
} // namespace bhlint::model
