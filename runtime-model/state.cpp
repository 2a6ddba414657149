#include "runtime-model/state.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

namespace bhlint::model {

std::vector<unsigned> usedWords(const Extent &extent) {
  static const State state;
  std::vector<unsigned> words;
  auto add = [&words](const void *begin, std::size_t size) {
    const auto offset = static_cast<unsigned>(static_cast<const std::uint8_t *>(begin) -
                                              reinterpret_cast<const std::uint8_t *>(&state));
    for (unsigned word = offset / 8; size && word <= (offset + size - 1) / 8; ++word)
      if (words.empty() || words.back() < word)
        words.push_back(word);
  };
  add(&state.cpus, extent.cpus * sizeof(Cpu));
  add(&state.tasks, extent.tasks * sizeof(Task));
  add(&state.locks, extent.locks * sizeof(Lock));
  add(&state.tasklets, extent.tasklets * sizeof(Tasklet));
  add(&state.works, extent.works * sizeof(Work));
  add(&state.timers, extent.timers * sizeof(Timer));
  add(&state.lines, extent.lines * sizeof(Line));
  add(&state.callbacks, extent.callbacks * sizeof(Callback));
  add(&state.pools, extent.pools * sizeof(state.pools[0]));
  add(&state.variables, extent.variables);
  add(&state.observed, extent.observations);
  add(&state.problem, 4);
  return words;
}

std::uint64_t hashState(const State &state) {
  return llvm::xxh3_64bits(
      llvm::ArrayRef<std::uint8_t>(reinterpret_cast<const std::uint8_t *>(&state), sizeof(State)));
}

const char *problemName(Problem problem) {
  switch (problem) {
  case Problem::None: return "none";
  case Problem::Contract: return "contract violated, and nothing reports it";
  case Problem::Hang: return "hang";
  case Problem::LostEvent: return "lost event";
  case Problem::LostWakeup: return "lost wake-up";
  case Problem::UseAfterKill: return "handler ran after it was killed, cancelled or freed";
  case Problem::Reentered: return "re-entrance of what must be serialised";
  case Problem::Storm: return "interrupt storm";
  case Problem::Deadlock: return "deadlock";
  case Problem::Leak: return "atomic state leaked by a handler";
  case Problem::Warning: return "kernel warning";
  case Problem::RtLock: return "sleeping lock of PREEMPT_RT in atomic context";
  case Problem::LockContext: return "invalid wait context";
  case Problem::LockUsage: return "inconsistent lock state";
  case Problem::RcuSwitch: return "context switch in an RCU read-side section";
  case Problem::NotRunning: return "blocking operation when not TASK_RUNNING";
  case Problem::SchedulingAtomic: return "scheduling while atomic";
  case Problem::Sleep: return "sleeping function called from invalid context";
  case Problem::Expectation: return "expectation of the scenario failed";
  }
  return "";
}

namespace {

void printFrame(llvm::raw_ostream &out, const char *name, const Frame &frame) {
  if (!frame.isFree())
    out << ' ' << name << '=' << static_cast<unsigned>(frame.runs) << '.' << unsigned(frame.object) << '@'
        << unsigned(frame.pc) << (frame.result ? "!" : "");
}

void printList(llvm::raw_ostream &out, const char *name, const std::uint8_t *list) {
  if (!list[0])
    return;
  out << ' ' << name << '=';
  for (unsigned i = 0; i < queueLength && list[i]; ++i)
    out << (i ? "," : "") << unsigned(list[i] - 1);
}

} // namespace

std::string printState(const State &state, const Extent &extent) {
  std::string text;
  llvm::raw_string_ostream out(text);
  for (unsigned c = 0; c < extent.cpus; ++c) {
    const Cpu &cpu = state.cpus[c];
    out << "cpu" << c << " preempt_count=" << llvm::format_hex_no_prefix(cpu.preemptCount, 8)
        << " irqs=" << (cpu.irqsOff ? "off" : "on") << " current=" << unsigned(cpu.task);
    if (cpu.pending)
      out << " pending=" << llvm::format_hex_no_prefix(cpu.pending, 3);
    if (cpu.snapshot)
      out << " snapshot=" << llvm::format_hex_no_prefix(cpu.snapshot, 3);
    printFrame(out, "hard", cpu.hard);
    printList(out, "hi", cpu.tasklets[0]);
    printList(out, "tasklets", cpu.tasklets[1]);
    printList(out, "bh-hi", cpu.bhWorks[0]);
    printList(out, "bh", cpu.bhWorks[1]);
    out << '\n';
  }
  for (unsigned t = 0; t < extent.tasks; ++t) {
    const Task &task = state.tasks[t];
    if (task.base.isFree() && task.soft.isFree() && !task.isWoken)
      continue;
    out << "task" << t << " state=" << static_cast<unsigned>(task.state) << " rcu=" << unsigned(task.rcuDepth)
        << " bh=" << unsigned(task.bhDisabled) << " woken=" << unsigned(task.isWoken);
    printFrame(out, "base", task.base);
    printFrame(out, "soft", task.soft);
    out << '\n';
  }
  for (unsigned i = 0; i < extent.locks; ++i)
    if (state.locks[i].owner)
      out << "lock" << i << " owner=" << unsigned(state.locks[i].owner) << '\n';
  for (unsigned i = 0; i < extent.tasklets; ++i)
    out << "tasklet" << i << " bits=" << unsigned(state.tasklets[i].bits & 3) << " count="
        << unsigned(state.tasklets[i].disables) << '\n';
  for (unsigned i = 0; i < extent.works; ++i)
    out << "work" << i << " bits=" << unsigned(state.works[i].bits) << " disabled=" << unsigned(state.works[i].disables)
        << " runners=" << unsigned(state.works[i].runners) << '\n';
  for (unsigned i = 0; i < extent.lines; ++i)
    out << "line" << i << " bits=" << unsigned(state.lines[i].bits) << " depth=" << unsigned(state.lines[i].depth)
        << " oneshot=" << unsigned(state.lines[i].oneshot) << '\n';
  for (unsigned i = 0; i < extent.variables; ++i)
    out << "var" << i << '=' << unsigned(state.variables[i]) << '\n';
  if (state.problem != Problem::None)
    out << "problem: " << problemName(state.problem) << " on cpu" << unsigned(state.problemCpu) << '\n';
  return text;
}

} // namespace bhlint::model
