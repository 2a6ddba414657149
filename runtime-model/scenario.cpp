#include "runtime-model/scenario.h"

#include "runtime-model/machine.h"
#include "runtime-model/program_compiler.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <algorithm>
#include <functional>
#include <yaml-cpp/yaml.h>

namespace bhlint::model {

namespace {

struct ProblemKey {
  const char *key;
  Problem problem;
};
constexpr ProblemKey problemKeys[] = {
    {"none", Problem::None},
    {"contract", Problem::Contract},
    {"hang", Problem::Hang},
    {"lost-event", Problem::LostEvent},
    {"lost-wakeup", Problem::LostWakeup},
    {"use-after-kill", Problem::UseAfterKill},
    {"reentered", Problem::Reentered},
    {"storm", Problem::Storm},
    {"deadlock", Problem::Deadlock},
    {"leak", Problem::Leak},
    {"warning", Problem::Warning},
    {"rt-lock", Problem::RtLock},
    {"lock-context", Problem::LockContext},
    {"lock-usage", Problem::LockUsage},
    {"rcu-switch", Problem::RcuSwitch},
    {"not-running", Problem::NotRunning},
    {"scheduling-while-atomic", Problem::SchedulingAtomic},
    {"sleep-in-atomic", Problem::Sleep},
    {"expectation", Problem::Expectation},
};

} // namespace

std::optional<Problem> problemFromName(llvm::StringRef name) {
  for (const ProblemKey &entry : problemKeys)
    if (name == entry.key)
      return entry.problem;
  return std::nullopt;
}

llvm::StringRef problemKey(Problem problem) {
  for (const ProblemKey &entry : problemKeys)
    if (entry.problem == problem)
      return entry.key;
  return "none";
}

namespace {

/// Reads fragments into one System: first all names, then all programs, so that order in the file does not matter.
class ScenarioReader {
public:
  ScenarioReader(const ScenarioPieces &p, std::vector<Diagnostic> &diagnostics)
      : pieces(p), errors(diagnostics), compiler(result.system, symbols, p.file, diagnostics) {}

  std::optional<Scenario> read(const Profile &profile) {
    const std::size_t before = errors.size();
    result.system.profile = profile;
    for (const YAML::Node *fragment : pieces.fragments)
      readHead(*fragment);
    for (const YAML::Node *fragment : pieces.fragments)
      declare(*fragment);
    for (const Pending &program : pending)
      *program.target() = compiler.compile(program.name, program.calls);
    for (const YAML::Node *fragment : pieces.fragments)
      readFinals(*fragment);
    if (errors.size() != before)
      return std::nullopt;
    const bool fits = result.system.tasks.size() < maxTasks;
    completeSystem(result.system);
    if (!fits || result.system.tasks.size() >= maxTasks) {
      errors.push_back({pieces.file, 1, 1, "the scenario needs more than " + std::to_string(maxTasks - 1) + " tasks"});
      return std::nullopt;
    }
    runSetup();
    return errors.size() == before ? std::optional<Scenario>(std::move(result)) : std::nullopt;
  }

private:
  struct Pending {
    std::string name;
    std::vector<CallText> calls;
    std::function<int *()> target;
  };

  void error(const YAML::Node &at, std::string message) {
    const YAML::Mark mark = at.Mark(); // none in an empty file
    errors.push_back({pieces.file, mark.is_null() ? 1 : static_cast<unsigned>(mark.line + 1),
                      mark.is_null() ? 1 : static_cast<unsigned>(mark.column + 1), std::move(message)});
  }

  unsigned number(const YAML::Node &node, unsigned least, unsigned most) {
    unsigned value = 0;
    if (!node.IsScalar() || llvm::StringRef(node.Scalar()).getAsInteger(10, value) || value < least || value > most) {
      error(node, "expected a number from " + std::to_string(least) + " to " + std::to_string(most));
      return least;
    }
    return value;
  }
  bool boolean(const YAML::Node &node) {
    if (node.IsScalar() && (node.Scalar() == "true" || node.Scalar() == "false"))
      return node.Scalar() == "true";
    error(node, "expected true or false");
    return false;
  }

  void readHead(const YAML::Node &node) {
    if (!node.IsMap()) {
      error(node, "a scenario is a map");
      return;
    }
    for (const auto &entry : node)
      readHeadEntry(entry.first.Scalar(), entry.first, entry.second);
  }

  void readHeadEntry(const std::string &key, const YAML::Node &keyNode, const YAML::Node &value) {
    System &system = result.system;
    static constexpr const char *known[] = {
        "locks",   "tasklets", "works",  "workqueues", "timers",  "lines",   "handlers", "callbacks", "softirqs",
        "old_bh",  "tasks",    "setup",  "finally",    "variables", "costs", "self",     "what",      "like",
        "kernels", "ids",      "claims", "notes",      "armed",   "before",  "expects",  "trace", "calls", "net", "registered", "on_rt", "latency"};
    if (key == "name")
      result.name = system.name = value.Scalar();
    else if (key == "title")
      result.title = value.Scalar();
    else if (key == "cpus")
      system.cpus = number(value, 1, maxCpus);
    else if (key == "profile")
      readProfile(value);
    else if (key == "smp")
      system.profile.smp = boolean(value);
    else if (key == "lockdep")
      system.profile.lockdep = boolean(value);
    else if (key == "preemption")
      system.profile.preemption = boolean(value);
    else if (key == "threadirqs")
      system.profile.threadirqs = boolean(value);
    else if (key == "expect")
      readExpectation(value);
    else if (std::find(std::begin(known), std::end(known), llvm::StringRef(key)) == std::end(known))
      error(keyNode, "unknown section '" + key + "'; there are: " + llvm::join(std::begin(known), std::end(known), ", "));
  }

  void readProfile(const YAML::Node &value) {
    if (value.Scalar() != "preempt" && value.Scalar() != "preempt-rt")
      error(value, "a profile is preempt or preempt-rt");
    result.system.profile.rt = value.Scalar() == "preempt-rt";
  }

  void readExpectation(const YAML::Node &value) {
    result.hasExpectation = true;
    if (value.Scalar() == "holds")
      return;
    const std::optional<Problem> problem = problemFromName(value.Scalar());
    if (!problem)
      error(value, "expect is 'holds' or a problem such as 'deadlock', 'lost-event', 'sleep-in-atomic'");
    result.expectsFailure = true;
    result.expected = problem.value_or(Problem::None);
  }

  bool name(const YAML::Node &key, SymbolKind kind, std::size_t index, std::size_t most) {
    const std::string text = key.Scalar();
    if (symbols.count(text)) {
      error(key, "'" + text + "' is already a " + symbolKindName(symbols.find(text)->second.kind));
      return false;
    }
    if (index >= most) {
      error(key, std::string("at most ") + std::to_string(most) + " of kind " + symbolKindName(kind));
      return false;
    }
    symbols[text] = {kind, static_cast<unsigned>(index)};
    return true;
  }

  std::vector<CallText> calls(const YAML::Node &list) {
    std::vector<CallText> out;
    if (!list || list.IsNull())
      return out;
    if (!list.IsSequence()) {
      error(list, list.IsScalar() ? "expected a list of calls, [" + list.Scalar() + "], not '" + list.Scalar() + "'"
                                  : std::string("expected a list of calls"));
      return out;
    }
    for (const YAML::Node &item : list) {
      if (!item.IsScalar()) {
        error(item, "a call is a line of text");
        continue;
      }
      const YAML::Node *replacement = item.Scalar() == "OPERATION" ? pieces.operation
                                      : item.Scalar() == "SELF"    ? pieces.self
                                                                   : nullptr;
      if (replacement) {
        for (const YAML::Node &inner : *replacement) {
          if (inner.Scalar() == "SELF" && pieces.self) {
            for (const YAML::Node &deep : *pieces.self)
              out.push_back(callText(deep));
            continue;
          }
          out.push_back(callText(inner));
        }
        continue;
      }
      out.push_back(callText(item));
    }
    return out;
  }
  static CallText callText(const YAML::Node &node) {
    return {node.Scalar(), static_cast<unsigned>(node.Mark().line + 1), static_cast<unsigned>(node.Mark().column + 1)};
  }

  void program(std::string label, const YAML::Node &list, std::function<int *()> target) {
    std::vector<CallText> lines = calls(list);
    if (!lines.empty())
      pending.push_back({std::move(label), std::move(lines), std::move(target)});
  }

  /// The body of an object: a list of calls, or a map with `does` and settings.
  static YAML::Node body(const YAML::Node &value) { return value.IsMap() ? value["does"] : value; }

  void declare(const YAML::Node &node) {
    if (!node.IsMap())
      return;
    System &system = result.system;
    for (const auto &e : node["variables"])
      if (name(e.first, SymbolKind::Variable, system.variables.size(), maxVariables))
        system.variables.push_back({e.first.Scalar(), static_cast<std::uint8_t>(number(e.second, 0, 255))});
    for (const auto &e : node["locks"])
      declareLock(e.first, e.second);
    for (const auto &e : node["workqueues"])
      declareQueue(e.first, e.second);
    for (const auto &e : node["tasklets"])
      declareTasklet(e.first, e.second);
    for (const auto &e : node["timers"])
      declareTimer(e.first, e.second);
    for (const auto &e : node["works"])
      declareWork(e.first, e.second);
    for (const auto &e : node["lines"])
      declareLine(e.first, e.second);
    for (const auto &e : node["handlers"])
      declareHandler(e.first, e.second);
    for (const auto &e : node["callbacks"])
      declareCallback(e.first, e.second);
    for (const auto &e : node["softirqs"])
      declareSoftirq(e.first, e.second);
    for (const auto &e : node["old_bh"])
      declareSlot(e.first, e.second);
    for (const auto &e : node["tasks"])
      declareTask(e.first, e.second);
    if (node["setup"])
      program("setup", node["setup"], [this] { return &setupProgram; });
    for (const YAML::Node &timer : node["armed"])
      armed.push_back(callText(timer));
    for (const auto &e : node["costs"]) {
      double cost = 0;
      if (llvm::StringRef(e.second.Scalar()).getAsDouble(cost) || cost < 0)
        error(e.second, "a cost is a number of microseconds");
      result.costs[e.first.Scalar()] = cost;
    }
  }

  void declareLock(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const YAML::Node kindNode = value.IsMap() ? value["kind"] : value;
    const auto kind = llvm::StringSwitch<std::optional<LockKind>>(kindNode ? kindNode.Scalar() : "")
                          .Case("raw", LockKind::Raw)
                          .Case("spin", LockKind::Spin)
                          .Case("local", LockKind::Local)
                          .Case("mutex", LockKind::Mutex)
                          .Case("semaphore", LockKind::Semaphore)
                          .Default(std::nullopt);
    if (!kind) {
      error(value, "a lock is raw, spin, local, mutex or semaphore");
      return;
    }
    if (name(key, SymbolKind::Lock, system.locks.size(), maxLocks))
      system.locks.push_back({key.Scalar(), *kind, 0});
  }

  void declareQueue(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    QueueSpec queue;
    queue.name = key.Scalar();
    for (const YAML::Node &flag : value["flags"]) {
      const int bit = llvm::StringSwitch<int>(flag.Scalar())
                          .Case("bh", 1).Case("highpri", 2).Case("unbound", 4).Case("ordered", 8).Case("mem_reclaim", 16)
                          .Default(0);
      if (!bit)
        error(flag, "a workqueue flag is bh, highpri, unbound, ordered or mem_reclaim");
      queue.flags |= static_cast<std::uint8_t>(bit);
    }
    if (value["max_active"])
      queue.maxActive = static_cast<std::uint8_t>(number(value["max_active"], 1, 255));
    if (queue.is(QueueKindBits::Ordered))
      queue.maxActive = 1;
    if (queue.is(QueueKindBits::Bh) && (queue.flags & ~3 || queue.maxActive))
      error(key, "a BH workqueue takes no other flag than highpri, and no max_active");
    if (name(key, SymbolKind::Queue, system.queues.size(), 16))
      system.queues.push_back(std::move(queue));
  }

  void declareTasklet(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const std::size_t index = system.tasklets.size();
    if (!name(key, SymbolKind::Tasklet, index, maxTasklets))
      return;
    const unsigned disables = value.IsMap() && value["disabled"] ? number(value["disabled"], 0, 10) : 0;
    system.tasklets.push_back({key.Scalar(), -1, static_cast<std::uint8_t>(disables)});
    program("tasklet " + key.Scalar(), body(value), [this, index] { return &result.system.tasklets[index].program; });
  }

  void declareTimer(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const std::size_t index = system.timers.size();
    TimerSpec timer;
    timer.name = key.Scalar();
    if (value.IsMap() && value["kind"]) {
      const auto kind = llvm::StringSwitch<std::optional<TimerKind>>(value["kind"].Scalar())
                            .Case("timer", TimerKind::Timer)
                            .Case("irqsafe", TimerKind::IrqSafe)
                            .Case("hrtimer", TimerKind::HrDefault)
                            .Case("hrtimer_soft", TimerKind::HrSoft)
                            .Case("hrtimer_hard", TimerKind::HrHard)
                            .Case("irq_work", TimerKind::IrqWork)
                            .Case("irq_work_hard", TimerKind::IrqWorkHard)
                            .Case("ipi", TimerKind::Ipi)
                            .Default(std::nullopt);
      if (!kind)
        error(value["kind"], "a timer is timer, irqsafe, hrtimer, hrtimer_soft, hrtimer_hard, irq_work, irq_work_hard or ipi");
      timer.kind = kind.value_or(TimerKind::Timer);
    }
    if (!name(key, SymbolKind::Timer, index, maxTimers))
      return;
    system.timers.push_back(timer);
    program("timer " + key.Scalar(), body(value), [this, index] { return &result.system.timers[index].program; });
  }

  void declareWork(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const std::size_t index = system.works.size();
    if (!name(key, SymbolKind::Work, index, maxWorks))
      return;
    WorkSpec work;
    work.name = key.Scalar();
    if (value.IsMap()) {
      work.isKthreadWork = value["kthread"] && boolean(value["kthread"]);
      if (value["delayed"] && boolean(value["delayed"]) && system.timers.size() < maxTimers) {
        work.timer = static_cast<int>(system.timers.size());
        TimerSpec timer;
        timer.name = key.Scalar() + ".timer";
        timer.kind = TimerKind::IrqSafe;
        timer.work = static_cast<int>(index);
        system.timers.push_back(timer);
      }
    }
    const YAML::Node queueNode = value.IsMap() ? value["queue"] : YAML::Node(YAML::NodeType::Undefined);
    const CallText at = queueNode ? callText(queueNode) : callText(key);
    const int queue = compiler.resolve(queueNode ? queueNode.Scalar() : "system_wq", SymbolKind::Queue, at);
    work.queue = static_cast<std::uint8_t>(queue < 0 ? 0 : queue);
    system.works.push_back(work);
    program("work " + key.Scalar(), body(value), [this, index] { return &result.system.works[index].program; });
  }

  void declareLine(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    LineSpec line;
    line.name = key.Scalar();
    if (value.IsMap()) {
      if (value["type"] && value["type"].Scalar() != "level" && value["type"].Scalar() != "edge")
        error(value["type"], "a line is level or edge");
      line.isLevel = value["type"] && value["type"].Scalar() == "level";
      line.events = static_cast<std::uint8_t>(value["events"] ? number(value["events"], 0, 200) : 1);
      if (value["cpu"])
        line.cpu = static_cast<std::uint8_t>(number(value["cpu"], 0, system.cpus - 1));
      if (value["auto_enable"])
        line.autoEnable = boolean(value["auto_enable"]);
      if (value["injected"])
        line.isInjected = boolean(value["injected"]);
      if (value["counts"]) {
        const int variable = compiler.resolve(value["counts"].Scalar(), SymbolKind::Variable, callText(value["counts"]));
        line.counter = static_cast<std::uint8_t>(variable + 1);
      }
    }
    if (name(key, SymbolKind::Line, system.lines.size(), maxLines))
      system.lines.push_back(line);
  }

  void declareHandler(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    if (!value.IsMap() || !value["line"]) {
      error(value, "a handler has a line, and a primary or a thread function");
      return;
    }
    const std::size_t index = system.actions.size();
    const int line = compiler.resolve(value["line"].Scalar(), SymbolKind::Line, callText(value["line"]));
    if (line < 0 || !name(key, SymbolKind::Action, index, maxActions))
      return;
    ActionSpec action;
    action.name = key.Scalar();
    action.line = static_cast<std::uint8_t>(line);
    for (const YAML::Node &flag : value["flags"]) {
      const int bit = llvm::StringSwitch<int>(flag.Scalar())
                          .Case("shared", actionShared).Case("oneshot", actionOneshot).Case("no_thread", actionNoThread)
                          .Default(0);
      if (!bit)
        error(flag, "a handler's flag is oneshot, shared or no_thread");
      action.flags |= static_cast<std::uint8_t>(bit);
    }
    if (!value["primary"] && !value["thread"])
      error(value, "a handler has a primary or a thread function");
    system.actions.push_back(action);
    program("irq " + key.Scalar(), value["primary"], [this, index] { return &result.system.actions[index].primary; });
    program("thread " + key.Scalar(), value["thread"], [this, index] { return &result.system.actions[index].thread; });
  }

  void declareCallback(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const std::size_t index = system.callbacks.size();
    CallbackSpec callback;
    callback.name = key.Scalar();
    if (value.IsMap() && value["kind"])
      callback.kind = value["kind"].Scalar() == "srcu" ? CallbackKind::Srcu : CallbackKind::Rcu;
    if (!name(key, SymbolKind::Callback, index, maxCallbacks))
      return;
    system.callbacks.push_back(callback);
    program("RCU callback " + key.Scalar(), body(value), [this, index] { return &result.system.callbacks[index].program; });
  }

  void declareSoftirq(const YAML::Node &key, const YAML::Node &value) {
    const int vector = llvm::StringSwitch<int>(key.Scalar())
                           .Case("net_tx", 2).Case("net_rx", 3).Case("block", 4).Case("irq_poll", 5).Case("sched", 7)
                           .Default(-1);
    if (vector < 0) {
      error(key, "a softirq with a handler of its own is net_tx, net_rx, block, irq_poll or sched");
      return;
    }
    program("softirq " + key.Scalar(), value, [this, vector] { return &result.system.vectorPrograms[vector]; });
  }

  void declareSlot(const YAML::Node &key, const YAML::Node &value) {
    const unsigned slot = number(key, 0, 7);
    program("bottom half " + key.Scalar(), value, [this, slot] { return &result.system.slotPrograms[slot]; });
  }

  void declareTask(const YAML::Node &key, const YAML::Node &value) {
    System &system = result.system;
    const std::size_t index = system.tasks.size();
    if (!name(key, SymbolKind::Task, index, maxTasks))
      return;
    TaskSpec task;
    task.name = key.Scalar();
    if (value.IsMap()) {
      if (value["cpu"])
        task.cpu = static_cast<std::uint8_t>(number(value["cpu"], 0, system.cpus - 1));
      task.hasUserMm = value["user"] && boolean(value["user"]);
    }
    system.tasks.push_back(task);
    // completeSystem() puts its own tasks first but keeps these in order, and the index of the program is kept in them.
    program(key.Scalar(), body(value), [this, index] { return &result.system.tasks[index].program; });
  }

  void readFinals(const YAML::Node &node) {
    if (!node.IsMap())
      return;
    for (const YAML::Node &item : node["finally"]) {
      llvm::SmallVector<llvm::StringRef, 8> words;
      const std::string text = item.Scalar();
      llvm::StringRef(text).split(words, ' ', -1, false);
      FinalExpectation final;
      final.text = text;
      if (words.size() != 3 && !(words.size() == 5 && words[3] == "or")) {
        error(item, "expected 'variable ==|!=|<|> number-or-variable [or problem]'");
        continue;
      }
      const int left = compiler.resolve(words[0].str(), SymbolKind::Variable, callText(item));
      final.comparison = llvm::StringSwitch<char>(words[1]).Case("==", '=').Case("!=", '!').Case("<", '<').Case(">", '>').Default(0);
      if (left < 0 || !final.comparison) {
        if (left >= 0)
          error(item, "expected ==, !=, < or >");
        continue;
      }
      final.variable = static_cast<std::uint8_t>(left);
      unsigned value = 0;
      if (words[2].getAsInteger(10, value)) {
        final.isVariable = true;
        const int right = compiler.resolve(words[2].str(), SymbolKind::Variable, callText(item));
        value = static_cast<unsigned>(std::max(right, 0));
      }
      final.value = static_cast<std::uint8_t>(value);
      if (words.size() == 5) {
        const std::optional<Problem> problem = problemFromName(words[4]);
        if (!problem)
          error(item, "unknown problem '" + words[4].str() + "'");
        final.problem = problem.value_or(Problem::Expectation);
      }
      result.system.finals.push_back(std::move(final));
    }
  }

  /// Runs the setup task alone, always taking the first possible step, before anything else begins.
  void runSetup() {
    System &system = result.system;
    for (const CallText &timer : armed) {
      const int index = compiler.resolve(timer.text, SymbolKind::Timer, timer);
      if (index >= 0)
        system.initialTimers.push_back(static_cast<std::uint8_t>(index));
    }
    result.initial = initialState(system);
    if (setupProgram < 0)
      return;
    // The setup runs as the program of a task that is there only for it.
    System setupSystem = system;
    for (TaskSpec &task : setupSystem.tasks)
      if (task.kind == TaskKind::Plain)
        task.program = -1;
    setupSystem.tasks.push_back({"setup", TaskKind::Plain, setupProgram, 0, 0, false});
    setupSystem.extent.tasks = static_cast<std::uint8_t>(setupSystem.tasks.size());
    for (LineSpec &line : setupSystem.lines)
      line.events = 0;
    State state = initialState(setupSystem);
    for (Timer &timer : state.timers)
      timer.bits &= static_cast<std::uint8_t>(~timerArmed);
    const std::size_t self = setupSystem.tasks.size() - 1;
    Steps steps;
    for (unsigned i = 0; i < 2000 && state.tasks[self].state != TaskState::Done; ++i) {
      enabledSteps(setupSystem, state, steps);
      if (steps.size() == 0)
        break;
      // What the setup started goes on only where the setup waits for it.
      const Step *step = std::find_if(steps.begin(), steps.end(), [&](const Step &s) {
        return s.kind == 1 && s.object == self && llvm::StringRef(mechanisms()[s.mechanism].name) == "scheduler";
      });
      Machine machine{setupSystem, state};
      applyStep(machine, step == steps.end() ? steps[0] : *step);
    }
    if (state.tasks[self].state != TaskState::Done || state.problem != Problem::None) {
      errors.push_back({pieces.file, 1, 1, "the setup does not finish"});
      return;
    }
    state.tasks[self] = Task();
    for (unsigned t = 0; t < system.tasks.size(); ++t)
      if (system.tasks[t].kind == TaskKind::Plain)
        state.tasks[t] = result.initial.tasks[t];
    for (unsigned i = 0; i < system.lines.size(); ++i)
      state.lines[i].events = system.lines[i].events;
    for (unsigned i = 0; i < system.timers.size(); ++i)
      state.timers[i].bits |= result.initial.timers[i].bits;
    result.initial = state;
  }

  const ScenarioPieces &pieces;
  std::vector<Diagnostic> &errors;
  Scenario result;
  std::map<std::string, Symbol, std::less<>> symbols;
  ProgramCompiler compiler;
  std::vector<Pending> pending;
  std::vector<CallText> armed;
  int setupProgram = -1;
};

} // namespace

std::optional<Scenario> buildScenario(const ScenarioPieces &pieces, const Profile &profile,
                                      std::vector<Diagnostic> &diagnostics) {
  try {
    return ScenarioReader(pieces, diagnostics).read(profile);
  } catch (const YAML::Exception &e) {
    diagnostics.push_back({pieces.file, static_cast<unsigned>(e.mark.line + 1), static_cast<unsigned>(e.mark.column + 1),
                           e.msg});
    return std::nullopt;
  }
}

std::optional<Scenario> readScenario(llvm::StringRef yaml, const std::string &file,
                                     std::vector<Diagnostic> &diagnostics, const std::string &profile) {
  try {
    const YAML::Node root = YAML::Load(yaml.str());
    YAML::Node chosen;
    chosen["profile"] = profile;
    ScenarioPieces pieces;
    pieces.fragments = {&root};
    if (!profile.empty())
      pieces.fragments.push_back(&chosen);
    pieces.file = file;
    return buildScenario(pieces, Profile(), diagnostics);
  } catch (const YAML::Exception &e) {
    diagnostics.push_back({file, static_cast<unsigned>(e.mark.line + 1), static_cast<unsigned>(e.mark.column + 1), e.msg});
    return std::nullopt;
  }
}

} // namespace bhlint::model
