#include "analysis/findings/write_text.h"
#include "analysis/findings/sample_finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bhlint {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

template <typename T> std::string text(const T &value) {
  std::string result;
  llvm::raw_string_ostream out(result);
  writeText(value, out);
  return result;
}

TEST(WriteText, HasTheFormOfTheCompiler) {
  EXPECT_EQ(text(sampleFinding()),
            "drivers/foo/bar.c:210:2: error: mutex_lock() may sleep, but bar_flush() runs in tasklet context "
            "[bh-mutex-in-atomic]\n"
            "drivers/foo/bar.c:498:2: note: bar_task() is a tasklet: registered by tasklet_setup() in bar_probe()\n"
            "drivers/foo/bar.c:240:3: note: bar_task() calls bar_flush()\n"
            "drivers/foo/bar.c:210:2: note: mutex_lock() sleeps\n"
            "drivers/foo/bar.c:498:2: note: instead: a workqueue or a threaded IRQ: both run in process context\n");
}

TEST(WriteText, SaysOnceThatALockIsTaken) {
  Finding finding = sampleFinding();
  finding.root = {"bar_flush", {"drivers/foo/bar.c", 205, 2}, "bar_flush() takes &bar->lock with spin_lock()"};
  finding.chain = {{"bar_flush", finding.root.place, finding.root.why},
                   {"bar_flush", {"drivers/foo/bar.c", 210, 2}, "mutex_lock() sleeps"}};
  EXPECT_THAT(text(finding), HasSubstr("[bh-mutex-in-atomic]\n"
                                       "drivers/foo/bar.c:205:2: note: bar_flush() takes &bar->lock with spin_lock()\n"
                                       "drivers/foo/bar.c:210:2: note: mutex_lock() sleeps\n"));
}

TEST(WriteText, SaysWhatALowerConfidenceRestsOn) {
  Finding finding = sampleFinding();
  finding.confidence = Confidence::Medium;
  finding.severity = Severity::Warning;
  finding.assumptions = {"foo_ops.flush may be bar_flush()"};
  finding.replay = ReplayState::NotReproduced;
  EXPECT_THAT(text(finding), HasSubstr("drivers/foo/bar.c:210:2: warning: mutex_lock() may sleep"));
  EXPECT_THAT(text(finding), HasSubstr(":210:2: note: medium confidence: foo_ops.flush may be bar_flush()\n"));
  EXPECT_THAT(text(finding), HasSubstr(":210:2: note: the runtime model did not reproduce it\n"));
}

TEST(WriteText, LeavesOutWhatIsUnknown) {
  Finding finding = sampleFinding();
  finding.root = {};
  finding.suggestion = {};
  finding.chain.clear();
  finding.place.column = 0;
  EXPECT_EQ(text(finding), "drivers/foo/bar.c:210: error: mutex_lock() may sleep, but bar_flush() runs in tasklet "
                           "context [bh-mutex-in-atomic]\n");
}

TEST(WriteText, CannotBeForgedByNamesInTheSource) {
  Finding finding = sampleFinding();
  finding.place.file = "drivers/x.c:1:1: error: forged\n\x1b[2Jy.c";
  EXPECT_THAT(text(finding), HasSubstr("drivers/x.c:1:1: error: forged\\n\\u{1b}[2Jy.c:210:2: error:"));
  EXPECT_THAT(text(finding), Not(HasSubstr("\x1b")));
}

TEST(WriteText, EndsWithACount) {
  Report report;
  report.unitsAnalysed = 1;
  EXPECT_EQ(text(report), "0 findings in 1 unit\n");
  report.findings = {sampleFinding()};
  report.unitsAnalysed = 12;
  report.failedUnits = {{"drivers/foo/broken.c", "'x.h' file not found"}};
  EXPECT_THAT(text(report), ::testing::EndsWith("\n1 finding in 12 units; 1 unit could not be analysed\n"));
}

} // namespace
} // namespace bhlint
