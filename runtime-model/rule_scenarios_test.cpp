// Each rule names scenarios that prove it: runtime-model/scenarios/NAME.yaml, its bad form, has to go wrong, and
// NAME-fixed.yaml, its good form, has to hold with the space exhausted.
#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

#include "analysis/ruleset/load.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

std::optional<Scenario> named(const std::string &name) {
  const std::string path = BHLINT_SOURCE_DIR "/runtime-model/scenarios/" + name + ".yaml";
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) {
    ADD_FAILURE() << path << ": " << buffer.getError().message();
    return std::nullopt;
  }
  std::vector<Diagnostic> diagnostics;
  std::optional<Scenario> scenario = readScenario((*buffer)->getBuffer(), path, diagnostics);
  for (const Diagnostic &diagnostic : diagnostics)
    ADD_FAILURE() << toString(diagnostic);
  return scenario;
}

/// The kernel function that was being executed when it went wrong: "mutex_lock" of "mutex_lock m".
std::string failingCall(const Replay &run) {
  std::string call;
  for (const Event &event : run.events) {
    if (event.isProblem)
      return call;
    call = llvm::StringRef(event.text).split(' ').first.str();
  }
  return call;
}

TEST(RuleScenarios, BadFormsFailAndGoodFormsHold) {
  const LoadResult loaded = loadRuleSet(*llvm::vfs::getRealFileSystem(), BHLINT_SOURCE_DIR "/rules");
  ASSERT_TRUE(loaded.errors.empty()) << formatRuleError(loaded.errors[0]);
  ASSERT_FALSE(loaded.rules.rules.empty());
  for (const Rule &rule : loaded.rules.rules) {
    EXPECT_FALSE(rule.scenarios.empty()) << rule.id << " names no scenario";
    for (const std::string &name : rule.scenarios) {
      const std::optional<Scenario> bad = named(name), good = named(name + "-fixed");
      if (!bad || !good)
        continue;
      const Outcome failing = explore(bad->system, bad->initial, Strategy());
      EXPECT_EQ(failing.verdict, Verdict::Fails) << name;
      if (rule.kinds.empty()) // not about a call that sleeps; the scenario itself says what goes wrong
        EXPECT_TRUE(bad->expectsFailure && failing.problem == bad->expected)
            << name << ": " << problemName(failing.problem);
      else
        EXPECT_TRUE(isReported(failing.problem) || failing.problem == Problem::Contract)
            << name << ": " << problemName(failing.problem);
      const Outcome holding = explore(good->system, good->initial, Strategy());
      EXPECT_EQ(holding.verdict, Verdict::Holds) << name << "-fixed: " << problemName(holding.problem);

      if (rule.kinds.empty())
        continue;
      // And it goes wrong in a call that is this rule's subject.
      const std::string call = failingCall(replay(bad->system, bad->initial, failing.trace));
      const bool isItsSubject =
          std::any_of(loaded.rules.sleeps.begin(), loaded.rules.sleeps.end(), [&](const SleepContract &contract) {
            return contract.function == call &&
                   std::find(rule.kinds.begin(), rule.kinds.end(), contract.kind) != rule.kinds.end();
          });
      EXPECT_TRUE(isItsSubject) << rule.id << ": " << name << " fails in " << call << "()";
    }
  }
}

} // namespace
} // namespace bhlint::model
