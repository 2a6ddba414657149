#include "runtime-model/migration.h"

#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

TEST(Migrations, AreWhatTheMigrationNotesSay) {
  std::vector<Diagnostic> diagnostics;
  const std::vector<MigrationResult> results = proveMigrations(diagnostics);
  for (const Diagnostic &d : diagnostics)
    ADD_FAILURE() << toString(d);
  EXPECT_GE(results.size(), 20u);
  unsigned different = 0;
  for (const MigrationResult &result : results) {
    EXPECT_EQ(result.isEquivalent, result.expectsEquivalent) << result.name << "\n" << result.difference;
    EXPECT_NE(result.before.outcome.verdict, Verdict::HoldsBounded) << result.name;
    EXPECT_NE(result.after.outcome.verdict, Verdict::HoldsBounded) << result.name;
    different += !result.isEquivalent;
    if (!result.isEquivalent) {
      EXPECT_THAT(result.difference, testing::HasSubstr("CPU0")) << "a difference comes with a run that shows it";
    }
  }
  EXPECT_GE(different, 5u);
}

} // namespace
} // namespace bhlint::model
