#include "runtime-model/latency.h"

#include "runtime-model/machine.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <yaml-cpp/yaml.h>

namespace bhlint::model {

double Distribution::percentile(double p) const {
  if (samples.empty())
    return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(p / 100 * static_cast<double>(samples.size())));
  return samples[std::min(rank ? rank - 1 : 0, samples.size() - 1)];
}

namespace {

struct LatencyOptions {
  double period = 100;     ///< mean time between two events, microseconds
  unsigned events = 2000;
  std::uint64_t seed = 1;
};

/// xorshift64*, and an exponential distribution from it: the same everywhere.
class Arrivals {
public:
  explicit Arrivals(const LatencyOptions &o) : mean(o.period), state(o.seed ? o.seed : 1) {}
  double next() {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    const double uniform = static_cast<double>((state * 0x2545F4914F6CDD1Dull) >> 11) * 0x1.0p-53;
    return -mean * std::log1p(-uniform);
  }

private:
  double mean;
  std::uint64_t state;
};

class Simulation {
public:
  Simulation(const Scenario &s, const LatencyOptions &o) : scenario(s), system(s.system), options(o), arrivals(o) {
    state = s.initial;
    for (Line &line : state.lines)
      line.events = 0;
    hasDeferred = std::any_of(system.programs.begin(), system.programs.end(), [&](const Program &p) {
      return isDeferred(p.name);
    });
  }

  LatencyResult run() {
    LatencyResult result;
    result.name = scenario.name;
    double nextArrival = arrivals.next();
    std::uint64_t guard = 0;
    while (++guard < 20'000'000 && state.problem == Problem::None) {
      const int cpu = earliestBusyCpu();
      const bool isArriving = arrived < options.events && (cpu < 0 || nextArrival <= clock[cpu]);
      if (isArriving) {
        arrive(nextArrival, result);
        nextArrival += arrivals.next();
      } else if (cpu < 0) {
        break;
      } else {
        advanceCpu(static_cast<unsigned>(cpu), result);
      }
    }
    result.events = arrived;
    std::sort(result.top.samples.begin(), result.top.samples.end());
    std::sort(result.bottom.samples.begin(), result.bottom.samples.end());
    return result;
  }

private:
  static bool isDeferred(llvm::StringRef program) {
    return program.starts_with("tasklet ") || program.starts_with("work ") || program.starts_with("thread ") ||
           program.starts_with("softirq ");
  }

  double cost(const std::string &call) const {
    const std::string name = llvm::StringRef(call).split(' ').first.str();
    const auto it = scenario.costs.find(name);
    if (it != scenario.costs.end())
      return it->second;
    return llvm::StringSwitch<double>(name)
        .Case("irq_entry", 0.5)
        .Case("softirq_entry", 0.3)
        .Case("context_switch", 1.5)
        .Default(0.05);
  }

  int priority(unsigned task) const {
    const TaskKind kind = system.tasks[task].kind;
    return kind == TaskKind::Idle ? 0 : kind == TaskKind::IrqThread || kind == TaskKind::Secondary ? 2 : 1;
  }

  /// The step that a kernel would take on `cpu`; null when there is nothing to do.
  const Step *choose(unsigned cpu, const Steps &steps) const {
    const Step *best = nullptr;
    int bestRank = -1;
    for (const Step &step : steps) {
      const int rank = step.cpu == cpu ? rankOf(step) : -1;
      if (rank > bestRank) {
        best = &step;
        bestRank = rank;
      }
    }
    return best;
  }

  int rankOf(const Step &step) const {
    const llvm::StringRef mechanism = mechanisms()[step.mechanism].name;
    if (mechanism == "hard IRQ" && step.kind != 0)
      return step.kind == 1 ? -1 : 10; // raising is what arrive() does
    if (mechanism == "scheduler") {
      const int next = priority(step.object), current = priority(state.cpus[step.cpu].task);
      return next > current ? 5 + next : -1;
    }
    return step.kind == 0 ? 4 : 3;
  }

  int earliestBusyCpu() {
    enabledSteps(system, state, steps);
    int best = -1;
    for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
      if (choose(cpu, steps) && (best < 0 || clock[cpu] < clock[best]))
        best = static_cast<int>(cpu);
    return best;
  }

  void arrive(double when, LatencyResult &result) {
    ++arrived;
    Line &line = state.lines[0];
    if (line.bits & lineAsserted)
      ++result.coalesced;
    waitingTop.push_back(when);
    waitingBottom.push_back(when);
    line.bits |= lineAsserted;
    for (unsigned cpu = 0; cpu < system.cpus; ++cpu)
      clock[cpu] = std::max(clock[cpu], isBusy(cpu) ? clock[cpu] : when);
  }

  bool isBusy(unsigned cpu) const { return choose(cpu, steps) != nullptr; }

  double stepCost(const Step &step) const {
    const llvm::StringRef mechanism = mechanisms()[step.mechanism].name;
    if (mechanism == "hard IRQ" && step.kind != 0)
      return cost("irq_entry");
    if (mechanism == "scheduler")
      return cost("context_switch");
    if (step.kind != 0)
      return cost("softirq_entry");
    const Frame &frame = activeFrame(static_cast<const State &>(state), step.cpu);
    const std::vector<Instruction> &code = *system.code(frame);
    const Instruction &instruction = code[frame.pc];
    if (frame.pc && code[frame.pc - 1u].call == instruction.call)
      return 0;
    return cost(system.programs[static_cast<unsigned>(system.programOf(frame))].calls[instruction.call]);
  }

  /// Pays for the next step in slices, so that an interrupt may come in between where interrupts are on.
  void advanceCpu(unsigned cpu, LatencyResult &result) {
    const Step step = *choose(cpu, steps);
    double rest = stepCost(step);
    constexpr double slice = 1.0;
    const bool isSliced = step.kind == 0 && !state.cpus[cpu].irqsOff;
    const Frame frame = activeFrame(static_cast<const State &>(state), cpu);
    const std::uint64_t key = (std::uint64_t(cpu) << 40) | (std::uint64_t(state.cpus[cpu].task) << 32) |
                              (std::uint64_t(frame.runs) << 16) | (std::uint64_t(frame.object) << 8) | frame.pc;
    if (isSliced) {
      rest -= paid[key];
      if (rest > slice) {
        paid[key] += slice;
        clock[cpu] += slice;
        return;
      }
      paid.erase(key);
    }
    clock[cpu] += std::max(rest, 0.0);
    std::vector<Event> events;
    Machine machine{system, state, &events};
    const Frame before = frame;
    const std::string ending = endingProgram(before, step);
    const bool isAcknowledging = acknowledges(step);
    applyStep(machine, step);
    record(events, clock[cpu], result);
    if (isAcknowledging)
      serveTop(clock[cpu], result);
    if (!ending.empty() && isEnded(cpu, before))
      finish(ending, clock[cpu], result);
  }

  std::string endingProgram(const Frame &frame, const Step &step) const {
    if (step.kind != 0)
      return {};
    const int program = system.programOf(frame);
    const bool isLast = frame.pc + 1u >= system.code(frame)->size();
    return isLast && program >= 0 ? system.programs[static_cast<unsigned>(program)].name : std::string();
  }

  bool isEnded(unsigned cpu, const Frame &before) const {
    const Frame &now = activeFrame(state, cpu);
    return !(now.runs == before.runs && now.object == before.object && now.pc == before.pc);
  }

  void record(const std::vector<Event> &events, double when, LatencyResult &result) {
    for (const Event &event : events)
      if (event.text == "begins" && (llvm::StringRef(event.where).starts_with("irq ")))
        serveTop(when, result);
  }

  void serveTop(double when, LatencyResult &result) {
    for (double since : waitingTop)
      result.top.samples.push_back(std::max(when - since, 0.0));
    waitingTop.clear();
  }

  /// An event that came while the handler ran is taken along when the handler quietens the device.
  bool acknowledges(const Step &step) const {
    const Instruction *next = step.kind == 0 ? nextInstruction(system, state, step.cpu) : nullptr;
    return next && (next->act == Act::DeviceAck || next->act == Act::DeviceMask);
  }

  void finish(const std::string &program, double when, LatencyResult &result) {
    const bool isBottom = hasDeferred ? isDeferred(program) : llvm::StringRef(program).starts_with("irq ");
    if (!isBottom)
      return;
    for (double since : waitingBottom)
      if (since <= when)
        result.bottom.samples.push_back(when - since);
    std::erase_if(waitingBottom, [when](double since) { return since <= when; });
  }

  const Scenario &scenario;
  const System &system;
  LatencyOptions options;
  Arrivals arrivals;
  State state;
  Steps steps;
  double clock[maxCpus] = {};
  unsigned arrived = 0;
  bool hasDeferred = false;
  std::vector<double> waitingTop, waitingBottom;
  std::map<std::uint64_t, double> paid;
};

bool readOptions(const YAML::Node &node, const std::string &file, LatencyOptions &options,
                 std::vector<Diagnostic> &diagnostics) {
  auto error = [&](const YAML::Node &at, const char *message) {
    diagnostics.push_back({file, static_cast<unsigned>(at.Mark().line + 1), static_cast<unsigned>(at.Mark().column + 1), message});
    return false;
  };
  const YAML::Node section = node["latency"];
  if (!section || !section.IsMap())
    return error(node, "a scenario for a latency run has a section 'latency: {period: MICROSECONDS, events: N, seed: N}'");
  if (section["period"] && (llvm::StringRef(section["period"].Scalar()).getAsDouble(options.period) || options.period <= 0))
    return error(section["period"], "the period is a number of microseconds above zero");
  if (section["events"] && (llvm::StringRef(section["events"].Scalar()).getAsInteger(10, options.events) ||
                            options.events < 1 || options.events > 1'000'000))
    return error(section["events"], "expected a number from 1 to 1000000");
  if (section["seed"] && llvm::StringRef(section["seed"].Scalar()).getAsInteger(10, options.seed))
    return error(section["seed"], "the seed is a number");
  return true;
}

} // namespace

std::vector<LatencyResult> runLatency(llvm::StringRef yaml, const std::string &file,
                                      std::vector<Diagnostic> &diagnostics) {
  std::vector<LatencyResult> results;
  try {
    for (const YAML::Node &document : YAML::LoadAll(yaml.str())) {
      LatencyOptions options;
      if (!readOptions(document, file, options, diagnostics))
        continue;
      ScenarioPieces pieces;
      pieces.fragments = {&document};
      pieces.file = file;
      const std::optional<Scenario> scenario = buildScenario(pieces, Profile(), diagnostics);
      if (!scenario)
        continue;
      if (scenario->system.lines.empty()) {
        diagnostics.push_back({file, static_cast<unsigned>(document.Mark().line + 1), 1,
                               "a latency run needs an interrupt line"});
        continue;
      }
      results.push_back(Simulation(*scenario, options).run());
    }
  } catch (const YAML::Exception &e) {
    diagnostics.push_back({file, static_cast<unsigned>(e.mark.line + 1), static_cast<unsigned>(e.mark.column + 1), e.msg});
  }
  return results;
}

} // namespace bhlint::model
