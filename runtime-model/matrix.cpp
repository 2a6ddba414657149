#include "runtime-model/matrix.h"

#include "runtime-model/data.h"
#include "runtime-model/machine.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/Twine.h"
#include "llvm/ADT/StringSwitch.h"

#include <yaml-cpp/yaml.h>

namespace bhlint::model {

llvm::StringRef cellVerdictName(CellVerdict verdict) {
  switch (verdict) {
  case CellVerdict::Ok: return "ok";
  case CellVerdict::Bug: return "bug";
  case CellVerdict::Hang: return "hang";
  case CellVerdict::Silent: return "silent";
  case CellVerdict::NotApplicable: return "n/a";
  }
  return "";
}

bool agrees(CellVerdict model, CellVerdict kernel) {
  auto isBad = [](CellVerdict v) { return v == CellVerdict::Bug || v == CellVerdict::Hang; };
  return isBad(model) == isBad(kernel) && (model == CellVerdict::NotApplicable) == (kernel == CellVerdict::NotApplicable);
}

namespace {

/// Built-in tables; parsed once. They are part of the program, so a mistake in them is a broken build.
const YAML::Node &contexts() {
  static const YAML::Node node = YAML::Load(contextsYaml().str());
  return node;
}
const YAML::Node &operations() {
  static const YAML::Node node = YAML::Load(operationsYaml().str());
  return node;
}

std::vector<std::string> keys(const YAML::Node &map) {
  std::vector<std::string> names;
  for (const auto &entry : map)
    names.push_back(entry.first.Scalar());
  return names;
}

using RecordKey = std::string; // kernel \t context \t operation

const llvm::StringMap<Judgement> &record() {
  static const llvm::StringMap<Judgement> table = [] {
    llvm::StringMap<Judgement> out;
    llvm::SmallVector<llvm::StringRef, 0> lines;
    kernelMatrixTsv().split(lines, '\n', -1, false);
    for (llvm::StringRef line : lines) {
      llvm::SmallVector<llvm::StringRef, 5> columns;
      line.split(columns, '\t');
      if (line.starts_with("#") || columns.size() != 5)
        continue;
      const bool isSilent = columns[3].empty();
      const CellVerdict verdict = llvm::StringSwitch<CellVerdict>(columns[2])
                                      .Case("OK", CellVerdict::Ok)
                                      .Case("NA", CellVerdict::NotApplicable)
                                      .Cases("HANG", "NOT_REACHED", isSilent ? CellVerdict::Hang : CellVerdict::Bug)
                                      .Default(CellVerdict::Bug);
      llvm::SmallVector<llvm::StringRef, 64> names;
      columns[4].split(names, ' ', -1, false);
      for (llvm::StringRef name : names)
        out[(llvm::Twine(columns[0]) + "\t" + name + "\t" + columns[1]).str()] = {verdict, columns[3].str(), Problem::None};
    }
    return out;
  }();
  return table;
}

Profile profileOf(bool rt, bool smp, bool threadirqs = false, bool tinyRcu = false) {
  Profile profile;
  profile.rt = rt;
  profile.smp = smp;
  profile.threadirqs = threadirqs;
  profile.tinyRcu = tinyRcu;
  profile.preemption = false; // one context at a time is what a cell is about
  return profile;
}

} // namespace

std::vector<std::string> contextNames() { return keys(contexts()); }
std::vector<std::string> operationNames() { return keys(operations()); }

OperationCalls operationCalls(llvm::StringRef context, llvm::StringRef operation) {
  OperationCalls out;
  const YAML::Node node = operations()[operation.str()];
  for (const YAML::Node &call : node["calls"]) {
    if (call.Scalar() != "SELF") {
      out.calls.push_back(call.Scalar());
      continue;
    }
    for (const YAML::Node &own : contexts()[context.str()]["self"])
      out.calls.push_back(own.Scalar());
  }
  for (const auto &work : node["works"])
    if (work.second.IsMap() && work.second["queue"])
      out.queues[work.first.Scalar()] = work.second["queue"].Scalar();
  return out;
}

std::optional<Scenario> cellScenario(llvm::StringRef context, llvm::StringRef operation, const Profile &profile,
                                     std::vector<Diagnostic> &diagnostics) {
  const YAML::Node contextNode = contexts()[context.str()], operationNode = operations()[operation.str()];
  if (!contextNode || !operationNode) {
    diagnostics.push_back({"matrix", 0, 0, "there is no cell " + context.str() + " x " + operation.str()});
    return std::nullopt;
  }
  const YAML::Node calls = operationNode["calls"], self = contextNode["self"];
  const bool needsSelf = calls.size() == 1 && calls[0].Scalar() == "SELF";
  if (needsSelf && !self)
    return std::nullopt;
  ScenarioPieces pieces;
  pieces.fragments = {&contextNode, &operationNode};
  pieces.operation = needsSelf ? &self : &calls;
  pieces.file = "operations.yaml";
  return buildScenario(pieces, profile, diagnostics);
}

namespace {

std::string reason(const Scenario &scenario, const Outcome &outcome) {
  const Replay run = replay(scenario.system, scenario.initial, outcome.trace);
  for (auto it = run.events.rbegin(); it != run.events.rend(); ++it)
    if (it->isProblem)
      return it->text.substr(0, it->text.find('\n'));
  return problemName(outcome.problem);
}

CellVerdict verdictOf(const Outcome &outcome) {
  if (outcome.verdict != Verdict::Fails)
    return CellVerdict::Ok;
  if (outcome.problem == Problem::Contract)
    return CellVerdict::Silent;
  return isReported(outcome.problem) ? CellVerdict::Bug : CellVerdict::Hang;
}

} // namespace

Judgement judgeByModel(llvm::StringRef context, llvm::StringRef operation, const Profile &profile) {
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = cellScenario(context, operation, profile, diagnostics);
  if (!scenario)
    return {CellVerdict::NotApplicable, diagnostics.empty() ? "nothing to wait for here" : toString(diagnostics[0])};
  Strategy strategy;
  strategy.maxStates = 200'000;
  const Outcome outcome = explore(scenario->system, scenario->initial, strategy);
  if (outcome.verdict == Verdict::HoldsBounded)
    return {CellVerdict::NotApplicable, "bound reached"};
  const CellVerdict verdict = verdictOf(outcome);
  return {verdict, verdict == CellVerdict::Ok ? "" : reason(*scenario, outcome), outcome.problem};
}

const std::vector<RecordedKernel> &recordedKernels() {
  static const std::vector<RecordedKernel> kernels = {
      {"uml-preempt", profileOf(false, false)},
      {"uml-preempt-threadirqs", profileOf(false, false, true)},
      {"uml-voluntary-tinyrcu", profileOf(false, false, false, true)},
      {"x86-smp-preempt", profileOf(false, true)},
      {"uml-rt", profileOf(true, false)},
      {"x86-rt-smp", profileOf(true, true)},
  };
  return kernels;
}

Judgement judgeByKernel(llvm::StringRef kernel, llvm::StringRef context, llvm::StringRef operation) {
  const auto it = record().find((llvm::Twine(kernel) + "\t" + context + "\t" + operation).str());
  return it == record().end() ? Judgement() : it->second;
}

std::optional<EntryState> entryState(llvm::StringRef context, const Profile &profile) {
  std::vector<Diagnostic> diagnostics;
  const std::optional<Scenario> scenario = cellScenario(context, "nop", profile, diagnostics);
  if (!scenario)
    return std::nullopt;
  const System &system = scenario->system;
  State state = scenario->initial;
  Steps steps;
  for (unsigned i = 0; i < 1000; ++i) {
    for (unsigned cpu = 0; cpu < system.cpus; ++cpu) {
      const Instruction *next = nextInstruction(system, state, cpu);
      if (!next || next->act != Act::Nop)
        continue;
      const std::uint16_t bits = predicates(system, state, cpu);
      return EntryState{state.cpus[cpu].preemptCount, (bits & inHardirq) != 0, (bits & inSoftirqAny) != 0,
                        (bits & inServing) != 0, (bits & inTask) != 0, (bits & irqsDisabled) != 0,
                        (bits & inAtomic) != 0, currentTask(state, cpu).rcuDepth};
    }
    enabledSteps(system, state, steps);
    if (steps.size() == 0)
      return std::nullopt;
    Machine machine{system, state};
    applyStep(machine, steps[0]);
  }
  return std::nullopt;
}

namespace {

/// The first of `kernels` that has the cell.
std::pair<std::string, Judgement> firstRecord(std::initializer_list<const char *> kernels, llvm::StringRef context,
                                              llvm::StringRef operation) {
  for (const char *kernel : kernels) {
    Judgement judgement = judgeByKernel(kernel, context, operation);
    if (judgement.verdict != CellVerdict::NotApplicable)
      return {kernel, std::move(judgement)};
  }
  return {};
}

/// Rules are about sleeping where that is forbidden. Wait types of locks, waiting for oneself and the like have none.
bool isSubjectOfRules(Problem problem) {
  switch (problem) {
  case Problem::None:
  case Problem::Contract:
  case Problem::Sleep:
  case Problem::SchedulingAtomic:
  case Problem::RcuSwitch: return true;
  default: return false;
  }
}

Cell computeCell(bool rt, const std::string &context, const std::string &operation, const RuleJudge &rules) {
  Cell cell;
  cell.profile = rt ? "preempt-rt" : "preempt";
  cell.context = context;
  cell.operation = operation;
  auto [kernel, recorded] = rt ? firstRecord({"uml-rt", "x86-rt-smp"}, context, operation)
                               : firstRecord({"uml-preempt", "x86-smp-preempt"}, context, operation);
  cell.kernelName = kernel;
  cell.kernel = recorded.verdict;
  const Profile profile = profileOf(rt, llvm::StringRef(kernel).starts_with("x86"));
  const Judgement model = judgeByModel(context, operation, profile);
  cell.model = model.verdict;
  cell.why = model.why;
  if (rules && model.verdict != CellVerdict::NotApplicable) {
    Judgement rule = rules(context, operationCalls(context, operation), profile);
    if (rule.verdict == CellVerdict::Ok && !isSubjectOfRules(model.problem))
      rule = {CellVerdict::NotApplicable, "no rule is about this", Problem::None};
    cell.rule = rule.verdict;
    if (!rule.why.empty())
      cell.why += (cell.why.empty() ? "" : "; ") + rule.why;
  }
  return cell;
}

} // namespace

std::vector<Cell> computeMatrix(const RuleJudge &rules) {
  std::vector<Cell> cells;
  const std::vector<std::string> contextList = contextNames(), operationList = operationNames();
  for (bool rt : {false, true})
    for (const std::string &context : contextList)
      for (const std::string &operation : operationList)
        cells.push_back(computeCell(rt, context, operation, rules));
  return cells;
}

} // namespace bhlint::model
