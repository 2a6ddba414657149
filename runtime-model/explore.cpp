#include "runtime-model/explore.h"

#include "runtime-model/machine.h"
#include "runtime-model/state_store.h"

#include <algorithm>

namespace bhlint::model {

const char *verdictName(Verdict verdict) {
  switch (verdict) {
  case Verdict::Holds: return "holds, space exhausted";
  case Verdict::HoldsBounded: return "holds, bound reached";
  case Verdict::Fails: return "fails";
  }
  return "";
}

namespace {

std::string taskIn(const System &system, const State &state, unsigned t) {
  const int program = system.programOf(state.tasks[t].base);
  return system.tasks[t].name + (program >= 0 ? " (" + system.programs[static_cast<unsigned>(program)].name + ")" : "");
}

Problem stuckTask(const System &system, const State &state, std::string &why) {
  for (unsigned t = system.cpus; t < system.tasks.size(); ++t) {
    const Task &task = state.tasks[t];
    if (task.state != TaskState::Blocked)
      continue;
    why = taskIn(system, state, t) + " waits for ever";
    if (task.waitFor == WaitFor::Lock)
      return Problem::Deadlock;
    return task.waitFor == WaitFor::Wakeup ? Problem::LostWakeup : Problem::Hang;
  }
  for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
    if (nextInstruction(system, state, cpu)) {
      why = "cpu" + std::to_string(cpu) + " spins for ever";
      return Problem::Deadlock;
    }
  for (unsigned t = system.cpus; t < system.tasks.size(); ++t)
    if (!state.tasks[t].base.isFree() || !state.tasks[t].soft.isFree()) {
      why = taskIn(system, state, t) + " never gets to run";
      return Problem::Hang;
    }
  return Problem::None;
}

bool compare(unsigned left, char comparison, unsigned right) {
  switch (comparison) {
  case '=': return left == right;
  case '!': return left != right;
  case '<': return left < right;
  default: return left > right;
  }
}

} // namespace

Problem finalProblem(const System &system, const State &state, std::string *why) {
  std::string reason;
  Problem problem = stuckTask(system, state, reason);
  if (problem == Problem::None)
    for (const FinalExpectation &expectation : system.finals) {
      const unsigned right = expectation.isVariable ? state.variables[expectation.value] : expectation.value;
      if (compare(state.variables[expectation.variable], expectation.comparison, right))
        continue;
      problem = expectation.problem;
      reason = "at the end " + expectation.text + " does not hold (" +
               system.variables[expectation.variable].name + " = " +
               std::to_string(state.variables[expectation.variable]) + ")";
      break;
    }
  if (why)
    *why = reason;
  return problem;
}

namespace {

/// A step that only looks at its own CPU's atomic state, which every interrupt and every preemption leaves as it was:
/// taking it first reaches the same final states (an ample set of one). Not the last of a program, since that ends a
/// handler, and not one whose guard reads a shared variable.
bool isInvisible(const System &system, const State &state, const Step &step) {
  if (step.kind != 0)
    return false;
  const Instruction *instruction = nextInstruction(system, state, step.cpu);
  switch (instruction->act) {
  case Act::Nop:
  case Act::MightSleep:
  case Act::MightResched:
  case Act::MaySleep:
  case Act::MayLock: break;
  default: return false;
  }
  const Frame &frame = activeFrame(state, step.cpu);
  return instruction->guard.isAlways() && frame.pc + 1u < system.code(frame)->size();
}

struct Origin {
  std::uint32_t parent;
  Step step;
};

std::vector<Step> pathTo(const std::vector<Origin> &origins, std::uint32_t index) {
  std::vector<Step> path;
  for (; index != 0; index = origins[index].parent)
    path.push_back(origins[index].step);
  std::reverse(path.begin(), path.end());
  return path;
}

std::string observed(const System &system, const State &state) {
  std::string text;
  for (unsigned i = 0; i < system.extent.observations && state.observed[i]; ++i)
    text += (i ? " " : "") + system.observations[state.observed[i] - 1u];
  return text;
}

/// Which steps to follow from `state`: all of them, or one that nobody else can see.
std::pair<const Step *, const Step *> chosen(const System &system, const State &state, const Steps &steps, bool reduces) {
  if (reduces)
    for (const Step &step : steps)
      if (isInvisible(system, state, step))
        return {&step, &step + 1};
  return {steps.begin(), steps.end()};
}

/// A successor of the state that is being expanded, before it is known whether it is new.
struct Successor {
  Step step;
  Problem problem;
  bool isSilent;
};

Outcome exploreAll(const System &system, const State &initial, const Strategy &strategy) {
  Outcome outcome;
  StateStore store(system.extent, initial);
  std::vector<Origin> origins{{0, {}}};
  auto fail = [&](Problem problem, std::uint32_t index) {
    outcome.verdict = Verdict::Fails;
    outcome.problem = problem;
    outcome.trace = pathTo(origins, index);
  };
  std::map<std::string, std::uint32_t> seen;
  std::uint32_t firstSilent = 0;
  bool hasSilent = initial.silent != Problem::None, isBounded = false;
  if (initial.problem != Problem::None)
    fail(initial.problem, 0);
  Steps steps;
  std::vector<Successor> successors;
  unsigned depth = 0;
  std::uint32_t levelEnd = 1;
  for (std::uint32_t index = 0; index < store.count() && outcome.verdict != Verdict::Fails; ++index) {
    if (index == levelEnd) {
      levelEnd = store.count();
      ++depth;
    }
    if (store.count() > strategy.maxStates || (strategy.maxDepth && depth >= strategy.maxDepth)) {
      isBounded = true;
      break;
    }
    store.load(index);
    State &state = store.state();
    enabledSteps(system, state, steps);
    if (steps.size() == 0) {
      ++outcome.finals;
      if (const Problem problem = finalProblem(system, state); problem != Problem::None)
        fail(problem, index);
      else if (system.extent.observations)
        seen.try_emplace(observed(system, state), index);
      continue;
    }
    successors.clear();
    const auto [first, last] = chosen(system, state, steps, strategy.reduces);
    for (const Step *step = first; step != last; ++step) {
      Machine machine{system, state};
      applyStep(machine, *step);
      successors.push_back({*step, state.problem, state.silent != Problem::None});
      store.stage();
    }
    for (unsigned i = 0; i < successors.size(); ++i) {
      const Successor &successor = successors[i];
      ++outcome.transitions;
      const StateStore::Found found = store.commit(i);
      if (!found.isNew)
        continue;
      origins.push_back({index, successor.step});
      if (successor.problem != Problem::None) {
        fail(successor.problem, found.index);
        break;
      }
      if (successor.isSilent && !hasSilent) {
        hasSilent = true;
        firstSilent = found.index;
      }
    }
  }
  for (const auto &[text, index] : seen)
    outcome.observations[text] = pathTo(origins, index);
  outcome.states = store.count();
  outcome.bytes = store.bytes() + origins.capacity() * sizeof(Origin);
  if (outcome.verdict == Verdict::Fails)
    return outcome;
  if (isBounded)
    outcome.verdict = Verdict::HoldsBounded;
  else if (outcome.finals == 0)
    fail(Problem::Hang, store.count() - 1); // it runs, but for ever: a live-lock
  if (hasSilent && strategy.silentFails && outcome.verdict != Verdict::Fails)
    fail(Problem::Contract, firstSilent);
  return outcome;
}

/// xorshift64*: the same seed gives the same walks everywhere.
struct Randomness {
  std::uint64_t state;
  std::uint64_t operator()() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1Dull;
  }
};

Outcome walkRandomly(const System &system, const State &initial, const Strategy &strategy) {
  Outcome outcome;
  outcome.verdict = Verdict::HoldsBounded;
  Randomness random{strategy.seed ? strategy.seed : 1};
  const unsigned length = strategy.maxDepth ? strategy.maxDepth : 10000;
  Steps steps;
  for (unsigned walk = 0; walk < strategy.walks; ++walk) {
    State state = initial;
    std::vector<Step> trace;
    Problem problem = state.problem;
    for (unsigned i = 0; i < length && problem == Problem::None; ++i) {
      enabledSteps(system, state, steps);
      if (steps.size() == 0) {
        ++outcome.finals;
        problem = finalProblem(system, state);
        if (problem == Problem::None && system.extent.observations)
          outcome.observations.try_emplace(observed(system, state), trace);
        break;
      }
      trace.push_back(steps[random() % steps.size()]);
      Machine machine{system, state};
      applyStep(machine, trace.back());
      ++outcome.transitions;
      problem = state.problem != Problem::None ? state.problem : strategy.silentFails ? state.silent : Problem::None;
    }
    if (problem != Problem::None) {
      outcome.verdict = Verdict::Fails;
      outcome.problem = problem;
      outcome.trace = std::move(trace);
      break;
    }
  }
  outcome.states = outcome.transitions;
  return outcome;
}

} // namespace

Outcome explore(const System &system, const State &initial, const Strategy &strategy) {
  return strategy.kind == Strategy::Random ? walkRandomly(system, initial, strategy)
                                           : exploreAll(system, initial, strategy);
}

Replay replay(const System &system, const State &initial, const std::vector<Step> &trace) {
  Replay result;
  result.last = initial;
  Steps steps;
  for (const Step &step : trace) {
    enabledSteps(system, result.last, steps);
    if (std::find(steps.begin(), steps.end(), step) == steps.end()) {
      result.isComplete = false;
      return result;
    }
    Machine machine{system, result.last, &result.events};
    applyStep(machine, step);
  }
  result.problem = result.last.problem;
  enabledSteps(system, result.last, steps);
  if (result.problem == Problem::None && steps.size() == 0) {
    std::string why;
    result.problem = finalProblem(system, result.last, &why);
    if (result.problem != Problem::None) {
      Machine machine{system, result.last, &result.events};
      note(machine, 0, std::string(problemName(result.problem)) + ": " + why, true);
    }
  }
  if (result.problem == Problem::None)
    result.problem = result.last.silent;
  return result;
}

} // namespace bhlint::model
