#include "runtime-model/commands.h"
#include "runtime-model/scenario.h"

#include "llvm/Support/raw_ostream.h"

#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

/// "line:column: message" of the only error.
std::string errorOf(const std::string &yaml) {
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = readScenario(yaml, "x.yaml", diagnostics);
  EXPECT_FALSE(scenario) << yaml;
  if (diagnostics.empty())
    return "none";
  return std::to_string(diagnostics[0].line) + ":" + std::to_string(diagnostics[0].column) + ": " +
         diagnostics[0].message;
}

TEST(Scenario, ErrorsAreLocated) {
  EXPECT_EQ(errorOf("cpus: 200\n"), "1:7: expected a number from 1 to 4");
  EXPECT_THAT(errorOf("name: x\nsoftlets: {a: []}\n"),
              testing::AllOf(testing::StartsWith("2:1: unknown section 'softlets'"), testing::HasSubstr("tasklets")));
  EXPECT_EQ(errorOf("handlers: {h: {line: eth, primary: [nop]}}\n"), "1:22: there is no interrupt line 'eth'");
  EXPECT_EQ(errorOf("tasks: {t: [tasklet_schedule rx]}\n"), "1:13: there is no tasklet 'rx'");
  EXPECT_EQ(errorOf("tasks: {t: [frobnicate]}\n"), "1:13: unknown function or step 'frobnicate'");
  EXPECT_EQ(errorOf("locks: {l: spin}\ntasks:\n  t: [mutex_lock]\n"), "3:7: 'mutex_lock' takes 1 argument(s), not 0");
  EXPECT_EQ(errorOf("locks: {l: spinny}\n"), "1:12: a lock is raw, spin, local, mutex or semaphore");
  EXPECT_EQ(errorOf("lines: {a: {}}\ntasklets: {a: [nop]}\n"), "1:9: 'a' is already a tasklet");
  EXPECT_EQ(errorOf("locks: {l: spin}\ntasks: {t: [tasklet_schedule l]}\n"), "2:13: 'l' is a lock, not a tasklet");
  EXPECT_EQ(errorOf("works: {w: [nop]}\ntasks: {t: [queue_delayed_work system_wq w]}\n"), "2:13: 'w' is not delayed work");
  EXPECT_EQ(errorOf("tasks: {t: [kmalloc GFP_SOMETIMES]}\n"), "1:13: unknown allocation flag 'GFP_SOMETIMES'");
  EXPECT_EQ(errorOf("workqueues: {q: {flags: [bh], max_active: 2}}\n"),
            "1:14: a BH workqueue takes no other flag than highpri, and no max_active");
  EXPECT_EQ(errorOf("expect: happiness\n"),
            "1:9: expect is 'holds' or a problem such as 'deadlock', 'lost-event', 'sleep-in-atomic'");
  EXPECT_EQ(errorOf("variables: {a: 300}\n"), "1:16: expected a number from 0 to 255");
  EXPECT_EQ(errorOf("variables: {a: 0}\nfinally: [b == 1]\n"), "2:11: there is no variable 'b'");
  EXPECT_EQ(errorOf("tasks: {t: [goto nowhere]}\n"), "1:13: there is no label 'nowhere'");
  EXPECT_EQ(errorOf("tasks: {t: [nop if sunny]}\n"), "1:13: unknown condition 'sunny'");
}

TEST(Scenario, BadYamlIsAnErrorToo) {
  EXPECT_THAT(errorOf("tasks: {t: [\n"), testing::HasSubstr("end of"));
  EXPECT_THAT(errorOf("- a\n- b\n"), testing::HasSubstr("a scenario is a map"));
  EXPECT_THAT(errorOf("just text"), testing::HasSubstr("a scenario is a map"));
  EXPECT_EQ(errorOf(""), "1:1: a scenario is a map");
  EXPECT_THAT(errorOf("tasks: {t: {does: 3}}\n"), testing::HasSubstr("expected a list of calls"));
}

// What the issue names: an unknown mechanism, a handler that does not exist; 200 CPUs are above.
TEST(Scenario, WhatDoesNotExistIsNamed) {
  EXPECT_THAT(errorOf("mechanisms: {softlet: []}\n"), testing::StartsWith("1:1: unknown section 'mechanisms'; there are: "));
  EXPECT_EQ(errorOf("lines: {l: {type: level}}\nhandlers: {h: {line: l, primary: nosuch}}\n"),
            "2:34: expected a list of calls, [nosuch], not 'nosuch'");
  EXPECT_EQ(errorOf("lines: {l: {type: level}}\nhandlers: {h: {line: l, primary: [nosuch]}}\n"),
            "2:35: unknown function or step 'nosuch'");
  EXPECT_EQ(errorOf("tasks: {t: [free_irq nosuch]}\n"), "1:13: there is no handler 'nosuch'");
}

TEST(Scenario, TooMuchIsRefusedNotTruncated) {
  std::string tasks = "tasks:\n";
  for (int i = 0; i < 60; ++i)
    tasks += "  t" + std::to_string(i) + ": [nop]\n";
  EXPECT_THAT(errorOf(tasks), testing::HasSubstr("at most 20 of kind task"));
  std::string locks = "locks: {";
  for (int i = 0; i < 60; ++i)
    locks += "l" + std::to_string(i) + ": spin, ";
  EXPECT_THAT(errorOf(locks + "z: spin}\n"), testing::HasSubstr("at most"));
  std::string calls = "tasks: {t: [";
  for (int i = 0; i < 400; ++i)
    calls += "nop, ";
  EXPECT_THAT(errorOf(calls + "nop]}\n"), testing::HasSubstr("at most 250 steps"));
}

TEST(Scenario, ProfileCanBeChosen) {
  std::vector<Diagnostic> diagnostics;
  const auto scenario = readScenario("tasks: {t: [nop]}\n", "x.yaml", diagnostics, "preempt-rt");
  ASSERT_TRUE(scenario);
  EXPECT_TRUE(scenario->system.profile.rt);
}

// The same text on PREEMPT_RT: a spinlock sleeps there, and a raw one does not.
TEST(Scenario, RtIsOneSwitch) {
  const char *text = "locks: {r: raw, l: spin}\ntasks: {t: [raw_spin_lock r, spin_lock l, spin_unlock l, raw_spin_unlock r]}\nlockdep: false\n";
  auto problem = [&](const char *profile) {
    std::vector<Diagnostic> diagnostics;
    const auto scenario = readScenario(text, "x.yaml", diagnostics, profile);
    return scenario ? explore(scenario->system, scenario->initial, Strategy()).problem : Problem::Expectation;
  };
  EXPECT_EQ(problem("preempt"), Problem::None);
  EXPECT_EQ(problem("preempt-rt"), Problem::RtLock);
}

// A name that does not exist is an error, not an empty answer.
TEST(Commands, MatrixOfNoContext) {
  std::string text, errors;
  llvm::raw_string_ostream out(text), err(errors);
  MatrixOptions options;
  options.context = "task_spinn";
  EXPECT_EQ(printMatrix(options, nullptr, out, err), Status::CouldNotRun);
  EXPECT_EQ(text, "");
  EXPECT_THAT(errors, testing::HasSubstr("there is no context 'task_spinn'; there are: task kthread"));
}

} // namespace
} // namespace bhlint::model
