#include "runtime-model/replay.h"

#include "runtime-model/explore.h"
#include "runtime-model/machine.h"
#include "runtime-model/program_compiler.h"
#include "runtime-model/scenario.h"
#include "runtime-model/trace.h"

namespace bhlint::model {

const char *replayStateName(ReplayState state) {
  switch (state) {
  case ReplayState::Reproduced: return "reproduced";
  case ReplayState::NotReproduced: return "not-reproduced";
  case ReplayState::NotModelled: return "not-modelled";
  }
  return "";
}

namespace {

/// Puts a System together directly: one handler, in the mechanism that its context is.
class FindingScenario {
public:
  explicit FindingScenario(const ReplayRequest &r) : request(r) {
    system.profile.rt = r.rt;
    system.profile.preemption = false;
    system.profile.lockdep = false;
    system.cpus = 1;
  }

  bool build() {
    system.programs.emplace_back();
    const int program = 0; // its body comes last, when the objects of its context are there
    ReplayEffect caller;
    switch (request.root) {
    case Context::Process: addTask(program); break;
    case Context::BhOff: caller = {"local_bh_disable() of the caller", 0, 1, 0, 0}; break;
    case Context::IrqsOff: caller = {"local_irq_disable() of the caller", 0, 0, 1, 0}; break;
    case Context::Atomic: caller = {"spin_lock() of the caller", 1, 0, 0, 0}; break;
    case Context::RcuRead: caller = {"rcu_read_lock() of the caller", 0, 0, 0, 1}; break;
    case Context::HardIrq: addIrq(program); break;
    case Context::Softirq:
      system.vectorPrograms[static_cast<unsigned>(Vector::NetRx)] = program;
      addTrigger(Act::Raise, static_cast<unsigned>(Vector::NetRx), "raise the softirq");
      break;
    case Context::Completion: addIrq(program); break;
    case Context::Tasklet:
      system.tasklets.push_back({request.rootFunction, program, 0});
      addTrigger(Act::TaskletSchedule, 0, "tasklet_schedule()");
      break;
    case Context::Timer:
      system.timers.push_back({request.rootFunction, TimerKind::Timer, program, -1});
      system.initialTimers.push_back(0);
      break;
    case Context::BhWork: {
      QueueSpec queue;
      queue.name = "system_bh_wq";
      queue.flags = static_cast<std::uint8_t>(QueueKindBits::Bh);
      system.queues.push_back(queue);
      WorkSpec work;
      work.name = request.rootFunction;
      work.program = program;
      system.works.push_back(work);
      addTrigger(Act::WorkQueue, 0, "queue_work(system_bh_wq)");
      break;
    }
    case Context::RcuCallback:
      system.callbacks.push_back({request.rootFunction, CallbackKind::Rcu, program});
      addCaller(Act::CallRcu, "call_rcu()");
      break;
    case Context::Nmi: why = "the model has no NMIs"; return false;
    }
    if (!caller.call.empty())
      addTask(program);
    if (!addBody(caller))
      return false;
    completeSystem(system);
    return true;
  }

  std::string why; ///< it cannot be built

  System system;

private:
  static Instruction step(Act act, std::size_t call, unsigned object = 0) {
    Instruction instruction;
    instruction.act = act;
    instruction.object = static_cast<std::uint8_t>(object);
    instruction.call = static_cast<std::uint16_t>(call);
    return instruction;
  }

  static void add(Program &program, const std::string &call, std::initializer_list<Act> acts) {
    program.calls.push_back(call);
    for (Act act : acts)
      program.code.push_back(step(act, program.calls.size() - 1));
  }

  void addEffect(Program &program, const ReplayEffect &effect) const {
    program.calls.push_back(effect.call);
    const std::size_t call = program.calls.size() - 1;
    auto repeat = [&](int count, Act up, Act down) {
      for (int i = 0; i < std::abs(count); ++i)
        program.code.push_back(step(count > 0 ? up : down, call));
    };
    // A spinlock of RT disables neither preemption nor interrupts; it is a reader of RCU.
    const bool isRtLock = request.rt && effect.preempt != 0;
    repeat(isRtLock ? 0 : effect.irq, Act::IrqDisable, Act::IrqEnable);
    repeat(effect.bottomHalf, Act::BhDisable, Act::BhEnable);
    repeat(effect.preempt, isRtLock ? Act::RcuLock : Act::PreemptDisable, isRtLock ? Act::RcuUnlock : Act::PreemptEnable);
    repeat(effect.rcu, Act::RcuLock, Act::RcuUnlock);
    if (program.code.empty() || program.code.back().call != call)
      program.code.push_back(step(Act::Nop, call));
  }

  /// Arguments for a function of the catalogue: idle objects, and flags that allow to block.
  std::string argument(ArgumentKind kind) {
    auto named = [&](SymbolKind symbol, std::size_t index) {
      symbols["it"] = {symbol, static_cast<unsigned>(index)};
      return std::string("it");
    };
    switch (kind) {
    case ArgumentKind::Gfp: return request.sink == ReplaySink::Forbidden ? "GFP_ATOMIC" : "GFP_KERNEL";
    case ArgumentKind::Queue: return "system_wq";
    case ArgumentKind::Lock:
      system.locks.push_back({"it", LockKind::Mutex, 0});
      return named(SymbolKind::Lock, system.locks.size() - 1);
    case ArgumentKind::Tasklet:
      system.tasklets.push_back({"it", idleProgram(), 0});
      return named(SymbolKind::Tasklet, system.tasklets.size() - 1);
    case ArgumentKind::Work: {
      if (system.queues.empty())
        system.queues.push_back({"system_wq", 0, 0});
      WorkSpec work;
      work.name = "it";
      work.program = idleProgram();
      work.timer = static_cast<int>(system.timers.size()); // it may be a delayed one
      system.timers.push_back({"it", TimerKind::Timer, -1, static_cast<int>(system.works.size())});
      system.works.push_back(work);
      return named(SymbolKind::Work, system.works.size() - 1);
    }
    case ArgumentKind::Timer:
      system.timers.push_back({"it", TimerKind::Timer, idleProgram(), -1});
      return named(SymbolKind::Timer, system.timers.size() - 1);
    case ArgumentKind::Line: return named(SymbolKind::Line, idleLine());
    case ArgumentKind::Action: {
      ActionSpec action;
      action.name = "it";
      action.line = static_cast<std::uint8_t>(idleLine());
      action.primary = idleProgram();
      action.thread = idleProgram();
      system.actions.push_back(action);
      return named(SymbolKind::Action, system.actions.size() - 1);
    }
    case ArgumentKind::Callback:
      system.callbacks.push_back({"it", CallbackKind::Rcu, idleProgram()});
      return named(SymbolKind::Callback, system.callbacks.size() - 1);
    case ArgumentKind::Variable:
      system.variables.push_back({"it", 0});
      return named(SymbolKind::Variable, system.variables.size() - 1);
    }
    return {};
  }

  int idleProgram() {
    Program program;
    program.name = "it";
    add(program, "it", {Act::Nop});
    system.programs.push_back(std::move(program));
    return static_cast<int>(system.programs.size() - 1);
  }

  std::size_t idleLine() {
    LineSpec line;
    line.name = "another line";
    system.lines.push_back(line);
    return system.lines.size() - 1;
  }

  /// Compiles the sink as the catalogue describes it; its steps become one call of `program`.
  bool addDescribedSink(const FunctionText &function, Program &program) {
    std::string text = function.name;
    for (ArgumentKind kind : function.arguments)
      text += " " + argument(kind);
    std::vector<Diagnostic> diagnostics;
    ProgramCompiler compiler(system, symbols, "replay", diagnostics);
    const int compiled = compiler.compile(function.name, {{text, 0, 0}});
    if (!diagnostics.empty()) {
      why = diagnostics.front().message;
      return false;
    }
    program.calls.push_back(request.sinkName + "()");
    for (Instruction instruction : system.programs[static_cast<unsigned>(compiled)].code) {
      instruction.call = static_cast<std::uint16_t>(program.calls.size() - 1);
      program.code.push_back(instruction);
    }
    return true;
  }

  bool addSink(Program &program) {
    const auto described = catalogue().functions.find(request.sinkName);
    if (described != catalogue().functions.end())
      return addDescribedSink(described->second, program);
    if (request.sink == ReplaySink::Forbidden) {
      why = "the model does not know what " + request.sinkName + "() does";
      return false;
    }
    add(program, request.sinkName + "()", {Act::MightSleep});
    return true;
  }

  /// The caller's section, the way to the sink, the sink, and everything dropped again.
  bool addBody(const ReplayEffect &caller) {
    Program body;
    body.name = request.rootFunction;
    std::vector<ReplayEffect> effects;
    if (!caller.call.empty())
      effects.push_back(caller);
    effects.insert(effects.end(), request.effects.begin(), request.effects.end());
    ReplayEffect rest{"(drops what it took)", 0, 0, 0, 0};
    for (const ReplayEffect &effect : effects) {
      addEffect(body, effect);
      rest.preempt -= effect.preempt;
      rest.bottomHalf -= effect.bottomHalf;
      rest.irq -= effect.irq;
      rest.rcu -= effect.rcu;
    }
    if (!addSink(body))
      return false;
    if (rest.preempt != 0 || rest.bottomHalf != 0 || rest.irq != 0 || rest.rcu != 0)
      addEffect(body, rest);
    if (body.code.size() > 250) {
      why = "the way to it is too long";
      return false;
    }
    system.programs[0] = std::move(body);
    return true;
  }

  void addTask(int program) {
    TaskSpec task;
    task.name = "task";
    task.program = program;
    system.tasks.push_back(task);
  }

  void addIrq(int program) {
    LineSpec line;
    line.name = "irq";
    line.events = 1;
    system.lines.push_back(line);
    ActionSpec action;
    action.name = request.rootFunction;
    action.primary = program;
    system.actions.push_back(action);
  }

  /// An interrupt that starts it.
  void addTrigger(Act act, unsigned object, const char *what) {
    Program program;
    program.name = "interrupt";
    program.calls = {what};
    program.code = {step(act, 0, object)};
    system.programs.push_back(std::move(program));
    TimerSpec irq;
    irq.name = "interrupt";
    irq.kind = TimerKind::IrqWorkHard;
    irq.program = static_cast<int>(system.programs.size() - 1);
    system.timers.push_back(irq);
    system.initialTimers.push_back(static_cast<std::uint8_t>(system.timers.size() - 1));
  }

  void addCaller(Act act, const char *what) {
    Program program;
    program.name = "caller";
    program.calls = {what};
    program.code = {step(act, 0)};
    system.programs.push_back(std::move(program));
    addTask(static_cast<int>(system.programs.size() - 1));
  }

  const ReplayRequest &request;
  std::map<std::string, Symbol, std::less<>> symbols;
};

/// What the kernel, or nobody, says when the sink is called. Empty: the sink went well.
std::string wordsAtTheSink(const std::vector<Event> &events, const std::string &sink) {
  bool isAtSink = false;
  for (const Event &event : events) {
    if (event.isProblem && isAtSink)
      return event.text;
    isAtSink = isAtSink || event.text == sink;
  }
  return {};
}

} // namespace

ReplayResult replayFinding(const ReplayRequest &request) {
  ReplayResult result;
  FindingScenario scenario(request);
  if (!scenario.build()) {
    result.why = scenario.why;
    return result;
  }
  Strategy strategy;
  strategy.maxStates = 2000;
  const State initial = initialState(scenario.system);
  const Outcome outcome = explore(scenario.system, initial, strategy);
  const Replay run = replay(scenario.system, initial, outcome.trace);
  result.timeline = timelineText(scenario.system, run.events);
  result.cpus = scenario.system.cpus;
  result.kernelWords = wordsAtTheSink(run.events, request.sinkName + "()");
  result.state = outcome.verdict == Verdict::Fails && !result.kernelWords.empty() ? ReplayState::Reproduced
                                                                                  : ReplayState::NotReproduced;
  result.events = run.events;
  return result;
}

} // namespace bhlint::model
