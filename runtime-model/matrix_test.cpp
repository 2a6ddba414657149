#include "runtime-model/matrix.h"
#include "runtime-model/rule_verdict.h"

#include "analysis/ruleset/load.h"

#include "runtime-model/data.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

TEST(Matrix, HasWhatTheRealKernelsWereAsked) {
  EXPECT_GE(operationNames().size(), 120u);
  EXPECT_GE(contextNames().size(), 50u);
  for (const std::string &operation : operationNames())
    for (const std::string &context : contextNames()) {
      std::vector<Diagnostic> diagnostics;
      cellScenario(context, operation, Profile(), diagnostics);
      ASSERT_TRUE(diagnostics.empty()) << context << " x " << operation << ": " << toString(diagnostics[0]);
    }
}

// Preempt count and predicates with which each context is entered, against six real kernels.
TEST(Matrix, EntryStatesAreTheKernels) {
  llvm::SmallVector<llvm::StringRef, 0> lines;
  kernelContextsTsv().split(lines, '\n', -1, false);
  unsigned compared = 0;
  for (llvm::StringRef line : lines) {
    llvm::SmallVector<llvm::StringRef, 10> column;
    line.split(column, '\t');
    if (line.starts_with("#") || column.size() != 10)
      continue;
    for (const RecordedKernel &kernel : recordedKernels()) {
      if (column[0] != kernel.name)
        continue;
      EntryState real;
      ASSERT_FALSE(column[2].getAsInteger(16, real.preemptCount));
      real.hardirq = column[3] == "1";
      real.softirq = column[4] == "1";
      real.serving = column[5] == "1";
      real.task = column[6] == "1";
      real.irqsOff = column[7] == "1";
      real.atomic = column[8] == "1";
      ASSERT_FALSE(column[9].getAsInteger(10, real.rcuDepth));
      const std::optional<EntryState> model = entryState(column[1], kernel.profile);
      ASSERT_TRUE(model) << line.str();
      EXPECT_TRUE(*model == real) << line.str() << " model: " << std::hex << model->preemptCount;
      ++compared;
    }
  }
  EXPECT_GE(compared, 160u);
}

/// Where the model is wrong, and why. netif_rx() disables bottom halves only where they are not off already, and enables them
/// again only then; a description cannot remember that, so the model enables them in a forced thread, whose interrupts are off.
bool isKnownToDiffer(llvm::StringRef kernel, llvm::StringRef context, llvm::StringRef operation) {
  return kernel == "uml-preempt-threadirqs" && operation == "netif_rx" &&
         (context == "hardirq_irq" || context == "hardirq_irq_sim" || context == "irqthread_primary");
}

// Every recorded cell of every recorded kernel. The issue asks for 99 %; a single cell fails here, so that none is lost, and
// one that is known to differ and does not is an error too.
TEST(Matrix, ModelAgreesWithRealKernels) {
  std::size_t compared = 0, agreed = 0;
  for (const RecordedKernel &kernel : recordedKernels())
    for (const std::string &context : contextNames())
      for (const std::string &operation : operationNames()) {
        const Judgement real = judgeByKernel(kernel.name, context, operation);
        if (real.verdict == CellVerdict::NotApplicable)
          continue;
        const Judgement model = judgeByModel(context, operation, kernel.profile);
        ++compared;
        const bool isSame = agrees(model.verdict, real.verdict);
        agreed += isSame;
        EXPECT_EQ(isSame, !isKnownToDiffer(kernel.name, context, operation)) << kernel.name << ": " << context << " x " << operation << ": model "
                            << cellVerdictName(model.verdict).str() << " (" << model.why << "), kernel "
                            << cellVerdictName(real.verdict).str() << " (" << real.why << ")";
      }
  EXPECT_GE(compared, 14000u);
  EXPECT_GE(agreed * 100, compared * 99);
}

TEST(Matrix, RulesAndModelNeverDisagree) {
  const LoadResult loaded = loadRuleSet(*llvm::vfs::getRealFileSystem(), BHLINT_SOURCE_DIR "/rules");
  ASSERT_TRUE(loaded.errors.empty()) << formatRuleError(loaded.errors[0]);
  std::size_t spoken = 0;
  for (const Cell &cell : computeMatrix(ruleJudge(loaded.rules))) {
    if (cell.rule == CellVerdict::NotApplicable || cell.model == CellVerdict::NotApplicable)
      continue;
    ++spoken;
    EXPECT_EQ(cell.rule == CellVerdict::Bug, cell.model != CellVerdict::Ok)
        << cell.profile << ": " << cell.context << " x " << cell.operation << ": rule "
        << cellVerdictName(cell.rule).str() << ", model " << cellVerdictName(cell.model).str() << " (" << cell.why << ")";
  }
  EXPECT_GE(spoken, 15000u);
}

// semantics.md section 9: bugs that no kernel reports.
TEST(Matrix, SilentBugsAreFound) {
  const Profile preempt = recordedKernels()[0].profile;
  auto verdict = [&](const char *context, const char *operation) {
    return judgeByModel(context, operation, preempt).verdict;
  };
  EXPECT_EQ(verdict("task_irqs_off", "msleep"), CellVerdict::Silent);
  EXPECT_EQ(verdict("task_irqs_off", "schedule"), CellVerdict::Silent);
  EXPECT_EQ(verdict("task_irqs_off", "flush_delayed_work_pending"), CellVerdict::Silent);
  EXPECT_EQ(verdict("hardirq_irq", "mutex_trylock"), CellVerdict::Silent);
  EXPECT_EQ(verdict("softirq_timer", "down_write_trylock"), CellVerdict::Silent);
  EXPECT_EQ(verdict("task_spin", "tasklet_disable"), CellVerdict::Silent);
  EXPECT_EQ(verdict("task_spin", "kthread_cancel_work_sync"), CellVerdict::Silent);
  EXPECT_EQ(verdict("task_spin", "down_trylock"), CellVerdict::Ok);
  EXPECT_EQ(verdict("task", "mutex_trylock"), CellVerdict::Ok);
}

TEST(Matrix, WaitingForOneselfHangs) {
  const Profile preempt = recordedKernels()[0].profile;
  for (const char *context : {"hrtimer_default", "irqthread", "kthread_worker", "wq_system", "softirq_bhwork", "softirq_timer"})
    EXPECT_EQ(judgeByModel(context, "self_sync", preempt).verdict, CellVerdict::Hang) << context;
  EXPECT_EQ(judgeByModel("task", "self_sync", preempt).verdict, CellVerdict::NotApplicable);
}

} // namespace
} // namespace bhlint::model
