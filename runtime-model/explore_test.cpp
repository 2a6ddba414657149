#include "runtime-model/commands.h"
#include "runtime-model/explore.h"
#include "runtime-model/machine.h"
#include "runtime-model/scenario.h"
#include "runtime-model/state_store.h"

#include "llvm/Support/MemoryBuffer.h"

#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>

namespace bhlint::model {
namespace {

std::string read(const std::string &path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

std::vector<std::string> scenarioFiles() {
  std::vector<std::string> files;
  for (const auto &entry : std::filesystem::directory_iterator(BHLINT_SOURCE_DIR "/runtime-model/scenarios"))
    if (entry.path().extension() == ".yaml" && entry.path().stem().string().rfind("latency-", 0) != 0)
      files.push_back(entry.path().stem().string());
  std::sort(files.begin(), files.end());
  return files;
}

class ScenarioFile : public testing::TestWithParam<std::string> {
protected:
  void SetUp() override {
    const std::string path = BHLINT_SOURCE_DIR "/runtime-model/scenarios/" + GetParam() + ".yaml";
    std::vector<Diagnostic> diagnostics;
    scenario = readScenario(read(path), path, diagnostics);
    for (const Diagnostic &d : diagnostics)
      ADD_FAILURE() << toString(d);
    ASSERT_TRUE(scenario);
  }
  std::optional<Scenario> scenario;
};

INSTANTIATE_TEST_SUITE_P(Model, ScenarioFile, testing::ValuesIn(scenarioFiles()), [](const auto &info) {
  std::string name = info.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

// The verdict, the exact number of states and the exact shortest trace.
TEST_P(ScenarioFile, PrintsWhatIsRecorded) {
  const std::string base = BHLINT_SOURCE_DIR "/runtime-model/scenarios/" + GetParam();
  RunOptions options;
  options.file = base + ".yaml";
  std::string text, errors;
  llvm::raw_string_ostream out(text), err(errors);
  EXPECT_EQ(runScenario(options, out, err), Status::Fine) << errors;
  EXPECT_EQ(text, read(base + ".expected"));
}

TEST_P(ScenarioFile, FailsOrHoldsAsItSays) {
  const Outcome outcome = explore(scenario->system, scenario->initial, Strategy());
  ASSERT_TRUE(scenario->hasExpectation);
  EXPECT_EQ(outcome.verdict, scenario->expectsFailure ? Verdict::Fails : Verdict::Holds);
  EXPECT_EQ(outcome.problem, scenario->expected) << problemName(outcome.problem);
}

TEST_P(ScenarioFile, TraceReplaysToTheSameProblem) {
  const Outcome outcome = explore(scenario->system, scenario->initial, Strategy());
  const Replay run = replay(scenario->system, scenario->initial, outcome.trace);
  EXPECT_TRUE(run.isComplete);
  EXPECT_EQ(run.problem, outcome.problem);
}

TEST_P(ScenarioFile, ReductionKeepsTheVerdict) {
  Strategy full;
  full.reduces = false;
  const Outcome reduced = explore(scenario->system, scenario->initial, Strategy());
  const Outcome complete = explore(scenario->system, scenario->initial, full);
  EXPECT_EQ(reduced.verdict, complete.verdict);
  EXPECT_EQ(reduced.problem, complete.problem);
  if (complete.verdict == Verdict::Holds) {
    EXPECT_LE(reduced.states, complete.states);
  }
  EXPECT_LE(complete.trace.size(), reduced.trace.size()) << "breadth-first without reduction is the shortest there is";
}

TEST_P(ScenarioFile, RandomWalksFindTheSame) {
  Strategy random;
  random.kind = Strategy::Random;
  random.seed = 7;
  const Outcome outcome = explore(scenario->system, scenario->initial, random);
  if (scenario->expectsFailure) {
    ASSERT_EQ(outcome.verdict, Verdict::Fails);
    EXPECT_EQ(outcome.problem, scenario->expected) << problemName(outcome.problem);
    EXPECT_EQ(replay(scenario->system, scenario->initial, outcome.trace).problem, outcome.problem);
    EXPECT_EQ(explore(scenario->system, scenario->initial, random).trace, outcome.trace) << "same seed, same walk";
  } else {
    EXPECT_EQ(outcome.verdict, Verdict::HoldsBounded) << problemName(outcome.problem);
  }
}

// What is loaded is what was staged, also after records and tables have grown; a state is found again and not stored twice.
TEST_P(ScenarioFile, StoredStatesComeBack) {
  StateStore store(scenario->system.extent, scenario->initial);
  std::vector<State> expected{scenario->initial};
  Steps steps;
  for (std::uint32_t index = 0; index < expected.size() && index < 2000; ++index) {
    store.load(index);
    ASSERT_TRUE(store.state() == expected[index]) << index << '\n' << printState(store.state(), scenario->system.extent);
    enabledSteps(scenario->system, store.state(), steps);
    std::vector<State> successors;
    for (const Step &step : steps) {
      Machine machine{scenario->system, store.state()};
      applyStep(machine, step);
      successors.push_back(store.state());
      store.stage();
      ASSERT_TRUE(store.state() == expected[index]) << "staging undoes the step";
    }
    for (unsigned i = 0; i < successors.size(); ++i) {
      const StateStore::Found found = store.commit(i);
      EXPECT_EQ(found.isNew, found.index == expected.size());
      if (found.isNew)
        expected.push_back(successors[i]);
      else
        ASSERT_TRUE(expected[found.index] == successors[i]);
    }
  }
  EXPECT_EQ(store.count(), expected.size());
  for (std::uint32_t i = 0; i < expected.size(); ++i) {
    store.load(i);
    ASSERT_TRUE(store.state() == expected[i]) << i;
  }
}

// A word with more than 256 and more than 65536 values: its index takes a second and a third byte of a record.
TEST(StateStore, RecordsGrowWithTheValuesOfAWord) {
  Extent extent;
  extent.variables = 3;
  const State initial;
  StateStore store(extent, initial);
  constexpr std::uint32_t count = 70'000;
  for (std::uint32_t i = 1; i < count; ++i) {
    store.load(i - 1);
    std::memcpy(store.state().variables, &i, 3);
    store.stage();
    ASSERT_TRUE(store.commit(0).isNew) << i;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    store.load(i);
    std::uint32_t value = 0;
    std::memcpy(&value, store.state().variables, 3);
    ASSERT_EQ(value, i);
    store.stage();
    EXPECT_EQ(store.commit(0).index, i) << "found again";
  }
  EXPECT_EQ(store.count(), count);
}

TEST(Explore, BoundIsNotAProof) {
  const std::string path = BHLINT_SOURCE_DIR "/runtime-model/scenarios/abba-ordered.yaml";
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = readScenario(read(path), path, diagnostics);
  ASSERT_TRUE(scenario);
  Strategy strategy;
  strategy.maxStates = 10;
  EXPECT_EQ(explore(scenario->system, scenario->initial, strategy).verdict, Verdict::HoldsBounded);
  EXPECT_EQ(explore(scenario->system, scenario->initial, Strategy()).verdict, Verdict::Holds);
}

TEST(Explore, EveryInstructionHasOneOwner) {
  std::vector<int> owners(actCount, 0);
  for (const Mechanism &mechanism : mechanisms())
    for (Act act : mechanism.acts)
      ++owners[static_cast<unsigned>(act)];
  for (unsigned i = 0; i < actCount; ++i)
    EXPECT_EQ(owners[i], 1) << actInfo(static_cast<Act>(i)).name;
}

} // namespace
} // namespace bhlint::model
