#include "runtime-model/replay.h"

#include "runtime-model/explore.h"
#include "runtime-model/machine.h"
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
    const int program = addProgram();
    switch (request.root) {
    case Context::Process: addTask(program); break;
    case Context::BhOff: wrap(program, Act::BhDisable, "local_bh_disable() of the caller"); break;
    case Context::IrqsOff: wrap(program, Act::IrqDisable, "local_irq_disable() of the caller"); break;
    case Context::Atomic: wrap(program, Act::PreemptDisable, "spin_lock() of the caller"); break;
    case Context::RcuRead: wrap(program, Act::RcuLock, "rcu_read_lock() of the caller"); break;
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
    case Context::Nmi: return false;
    }
    completeSystem(system);
    return true;
  }

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

  void addSink(Program &program) const {
    const std::string call = request.sinkName + "()";
    if (request.sink == ReplaySink::Forbidden)
      add(program, call, {Act::MaySleep}); // only allowed where sleeping is; nothing checks
    else if (request.hasCheck)
      add(program, call, {Act::MightSleep});
    else
      add(program, call, {Act::Sleep});
  }

  int addProgram() {
    Program program;
    program.name = request.rootFunction;
    for (const ReplayEffect &effect : request.effects)
      addEffect(program, effect);
    addSink(program);
    system.programs.push_back(std::move(program));
    return static_cast<int>(system.programs.size() - 1);
  }

  void addTask(int program) {
    TaskSpec task;
    task.name = "task";
    task.program = program;
    system.tasks.push_back(task);
  }

  /// The caller did something first, in a task.
  void wrap(int program, Act act, const char *what) {
    Program &body = system.programs[static_cast<unsigned>(program)];
    body.calls.insert(body.calls.begin(), what);
    for (Instruction &instruction : body.code)
      ++instruction.call;
    body.code.insert(body.code.begin(), step(act, 0));
    addTask(program);
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
};

bool isTheSink(Problem problem) {
  return problem == Problem::Sleep || problem == Problem::SchedulingAtomic || problem == Problem::RcuSwitch ||
         problem == Problem::Contract;
}

std::string lastProblem(const std::vector<Event> &events) {
  for (auto it = events.rbegin(); it != events.rend(); ++it)
    if (it->isProblem)
      return it->text;
  return {};
}

} // namespace

ReplayResult replayFinding(const ReplayRequest &request) {
  ReplayResult result;
  FindingScenario scenario(request);
  if (request.root == Context::Nmi || !scenario.build()) {
    result.why = "the model has no NMIs";
    return result;
  }
  Strategy strategy;
  strategy.maxStates = 2000;
  const State initial = initialState(scenario.system);
  const Outcome outcome = explore(scenario.system, initial, strategy);
  const Replay run = replay(scenario.system, initial, outcome.trace);
  result.timeline = timelineText(scenario.system, run.events);
  result.kernelWords = lastProblem(run.events);
  // A leak at the end, because nothing was dropped again, is not the finding.
  result.state = outcome.verdict == Verdict::Fails && isTheSink(outcome.problem) ? ReplayState::Reproduced
                                                                                 : ReplayState::NotReproduced;
  return result;
}

} // namespace bhlint::model
