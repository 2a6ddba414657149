#include "runtime-model/program_compiler.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <algorithm>

namespace bhlint::model {

const char *symbolKindName(SymbolKind kind) {
  switch (kind) {
  case SymbolKind::Lock: return "lock";
  case SymbolKind::Tasklet: return "tasklet";
  case SymbolKind::Work: return "work";
  case SymbolKind::Queue: return "workqueue";
  case SymbolKind::Timer: return "timer";
  case SymbolKind::Line: return "interrupt line";
  case SymbolKind::Action: return "handler";
  case SymbolKind::Callback: return "RCU callback";
  case SymbolKind::Variable: return "variable";
  case SymbolKind::Task: return "task";
  case SymbolKind::Slot: return "bottom-half slot";
  }
  return "";
}

namespace {

constexpr const char *vectorNames[vectorCount] = {"hi",      "timer",   "net_tx", "net_rx",  "block",
                                                  "irq_poll", "tasklet", "sched",  "hrtimer", "rcu"};

int vectorFromName(llvm::StringRef name) {
  for (unsigned i = 0; i < vectorCount; ++i)
    if (name == vectorNames[i])
      return static_cast<int>(i);
  return -1;
}

std::optional<SymbolKind> symbolOf(Operand operand) {
  switch (operand) {
  case Operand::Lock: return SymbolKind::Lock;
  case Operand::Tasklet: return SymbolKind::Tasklet;
  case Operand::Work:
  case Operand::WorkOnQueue: return SymbolKind::Work;
  case Operand::Queue: return SymbolKind::Queue;
  case Operand::Timer: return SymbolKind::Timer;
  case Operand::Line: return SymbolKind::Line;
  case Operand::Action: return SymbolKind::Action;
  case Operand::Callback: return SymbolKind::Callback;
  case Operand::Variable: return SymbolKind::Variable;
  case Operand::Slot: return SymbolKind::Slot;
  default: return std::nullopt;
  }
}

SymbolKind symbolOf(ArgumentKind kind) {
  switch (kind) {
  case ArgumentKind::Lock: return SymbolKind::Lock;
  case ArgumentKind::Tasklet: return SymbolKind::Tasklet;
  case ArgumentKind::Work: return SymbolKind::Work;
  case ArgumentKind::Queue: return SymbolKind::Queue;
  case ArgumentKind::Timer: return SymbolKind::Timer;
  case ArgumentKind::Line: return SymbolKind::Line;
  case ArgumentKind::Action: return SymbolKind::Action;
  case ArgumentKind::Callback: return SymbolKind::Callback;
  default: return SymbolKind::Variable;
  }
}

} // namespace

void ProgramCompiler::error(const CallText &at, std::string message) {
  errors.push_back({fileName, at.line, at.column, std::move(message)});
}

int ProgramCompiler::builtinQueue(const std::string &name) {
  using Bits = QueueKindBits;
  auto bit = [](Bits b) { return static_cast<int>(b); };
  const int flags = llvm::StringSwitch<int>(name)
                        .Cases("system_wq", "system_percpu_wq", "system_long_wq", 0)
                        .Case("system_highpri_wq", bit(Bits::HighPri))
                        .Cases("system_unbound_wq", "system_dfl_wq", bit(Bits::Unbound))
                        .Case("system_bh_wq", bit(Bits::Bh))
                        .Case("system_bh_highpri_wq", bit(Bits::Bh) | bit(Bits::HighPri))
                        .Default(-1);
  if (flags < 0)
    return -1;
  target.queues.push_back({name, static_cast<std::uint8_t>(flags), 0});
  names[name] = {SymbolKind::Queue, static_cast<unsigned>(target.queues.size() - 1)};
  return static_cast<int>(target.queues.size() - 1);
}

int ProgramCompiler::builtinLock(const std::string &name) {
  const auto it = catalogue().locks.find(name);
  if (it == catalogue().locks.end() || target.locks.size() >= maxLocks)
    return -1;
  target.locks.push_back({name, it->second, 0});
  names[name] = {SymbolKind::Lock, static_cast<unsigned>(target.locks.size() - 1)};
  return static_cast<int>(target.locks.size() - 1);
}

int ProgramCompiler::resolve(const std::string &name, SymbolKind kind, const CallText &at) {
  const auto it = names.find(name);
  if (it == names.end()) {
    int made = -1;
    if (kind == SymbolKind::Queue)
      made = builtinQueue(name);
    else if (kind == SymbolKind::Lock)
      made = builtinLock(name);
    if (made < 0)
      error(at, std::string("there is no ") + symbolKindName(kind) + " '" + name + "'");
    return made;
  }
  if (it->second.kind != kind) {
    error(at, "'" + name + "' is a " + symbolKindName(it->second.kind) + ", not a " + symbolKindName(kind));
    return -1;
  }
  return static_cast<int>(it->second.index);
}

bool ProgramCompiler::resolveOperand(const StepText &step, Operand operand, const std::string &first,
                                     const std::string &second, const CallText &call, Instruction &out) {
  if (operand == Operand::None || operand == Operand::Text)
    return true;
  if (operand == Operand::Vector) {
    const int vector = vectorFromName(first);
    if (vector < 0)
      error(call, "there is no softirq '" + first + "'");
    out.object = static_cast<std::uint8_t>(vector < 0 ? 0 : vector);
    return vector >= 0;
  }
  if (operand == Operand::Slot) {
    unsigned slot = 0;
    if (llvm::StringRef(first).getAsInteger(10, slot) || slot >= 8 || target.slotPrograms[slot] < -1) {
      error(call, "a bottom-half slot is a number from 0 to 7");
      return false;
    }
    out.object = static_cast<std::uint8_t>(slot);
    return true;
  }
  if (operand == Operand::Label) {
    if (step.act == Act::Observe) {
      const auto it = std::find(target.observations.begin(), target.observations.end(), first);
      out.object = static_cast<std::uint8_t>(it - target.observations.begin());
      if (it == target.observations.end())
        target.observations.push_back(first);
    }
    return true;
  }
  const int index = resolve(first, *symbolOf(operand), call);
  if (index < 0)
    return false;
  out.object = static_cast<std::uint8_t>(index);
  if (operand == Operand::WorkOnQueue) {
    if ((out.act == Act::WorkDelay || out.act == Act::WorkModDelay) && target.works[out.object].timer < 0) {
      error(call, "'" + target.works[out.object].name + "' is not delayed work");
      return false;
    }
    const bool isDefault = second.empty();
    const int queue = isDefault ? target.works[out.object].queue : resolve(second, SymbolKind::Queue, call);
    out.argument = static_cast<std::uint8_t>(queue < 0 ? 0 : queue);
    return queue >= 0;
  }
  unsigned value = 1;
  if (!second.empty() && llvm::StringRef(second).getAsInteger(10, value)) {
    error(call, "'" + second + "' is not a number");
    return false;
  }
  out.argument = static_cast<std::uint8_t>(value);
  return true;
}

bool ProgramCompiler::emit(const StepText &step, llvm::ArrayRef<llvm::StringRef> arguments, const CallText &call,
                           Program &program) {
  auto substitute = [&](const std::string &text) {
    unsigned index = 0;
    if (text.size() < 2 || text[0] != '$' || llvm::StringRef(text).drop_front().getAsInteger(10, index))
      return text;
    return index >= 1 && index <= arguments.size() ? arguments[index - 1].str() : std::string();
  };
  const std::string first = substitute(step.operand), second = substitute(step.second);
  Instruction instruction;
  instruction.act = step.act;
  instruction.guard = step.guard;
  instruction.site = step.site;
  instruction.call = static_cast<std::uint16_t>(program.calls.size() - 1);
  instruction.isLast = false;
  const Operand operand = actInfo(step.act).operand;
  if (operand != Operand::None && first.empty()) {
    error(call, std::string("'") + actInfo(step.act).name + "' needs an operand");
    return false;
  }
  if (!resolveOperand(step, operand, first, second, call, instruction))
    return false;
  if (!step.guardVariable.empty()) {
    const int variable = resolve(step.guardVariable, SymbolKind::Variable, call);
    if (variable < 0)
      return false;
    instruction.guard.variable = static_cast<std::uint8_t>(variable + 1);
  }
  if (step.act == Act::Jump)
    jumps.push_back({program.code.size(), first});
  program.code.push_back(instruction);
  return true;
}

void ProgramCompiler::compileFunction(const FunctionText &function, llvm::ArrayRef<llvm::StringRef> arguments,
                                      const CallText &call, Program &program) {
  if (arguments.size() != function.arguments.size()) {
    error(call, "'" + function.name + "' takes " + std::to_string(function.arguments.size()) + " argument(s), not " +
                    std::to_string(arguments.size()));
    return;
  }
  bool isBlocking = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (function.arguments[i] == ArgumentKind::Gfp) {
      const auto flag = catalogue().gfp.find(std::string_view(arguments[i].data(), arguments[i].size()));
      if (flag == catalogue().gfp.end()) {
        error(call, "unknown allocation flag '" + arguments[i].str() + "'");
        return;
      }
      isBlocking = flag->second;
    } else if (resolve(arguments[i].str(), symbolOf(function.arguments[i]), call) < 0) {
      return;
    }
  }
  const std::size_t before = program.code.size();
  for (const StepText &step : function.does) {
    if ((step.onlyIfBlocking && !isBlocking) || (step.onlyIfAtomic && isBlocking))
      continue;
    if (!emit(step, arguments, call, program))
      return;
  }
  if (program.code.size() == before)
    emit(StepText(), {}, call, program); // visible in the timeline although it does nothing here
}

void ProgramCompiler::compileCall(const CallText &call, Program &program) {
  llvm::SmallVector<llvm::StringRef, 8> words;
  llvm::StringRef(call.text).split(words, ' ', -1, false);
  if (words.empty()) {
    error(call, "empty call");
    return;
  }
  if (words.size() == 1 && words[0].ends_with(":")) {
    labels[words[0].drop_back().str()] = static_cast<unsigned>(program.code.size());
    return;
  }
  program.calls.push_back(call.text);
  const auto it = catalogue().functions.find(std::string_view(words[0].data(), words[0].size()));
  const bool isFunction = it != catalogue().functions.end();
  if (!isFunction && !actFromName({words[0].data(), words[0].size()})) {
    error(call, "unknown function or step '" + words[0].str() + "'");
    return;
  }
  if (words[0] == "say") {
    StepText step;
    step.act = Act::Say;
    step.operand = "text";
    emit(step, {}, call, program);
    return;
  }
  if (!isFunction) {
    StepText step;
    std::string message;
    if (!parseStep(call.text, step, message))
      error(call, message);
    else
      emit(step, {}, call, program);
    return;
  }
  // A condition on a whole call is a jump over it.
  const auto *condition = std::find_if(words.begin(), words.end(), [](llvm::StringRef w) { return w == "if" || w == "unless"; });
  std::size_t jump = program.code.size();
  const bool isConditional = condition != words.end();
  if (isConditional) {
    StepText step;
    std::string message;
    const std::string over = "goto . " + llvm::join(llvm::ArrayRef<llvm::StringRef>(condition, words.end()), " ");
    if (!parseStep(over, step, message)) {
      error(call, message);
      return;
    }
    step.guard.isNegated = !step.guard.isNegated;
    if (!emit(step, {}, call, program))
      return;
    jumps.pop_back();
  }
  compileFunction(it->second, llvm::ArrayRef(words.begin() + 1, condition), call, program);
  if (isConditional)
    program.code[jump].object = static_cast<std::uint8_t>(program.code.size());
}

int ProgramCompiler::compile(const std::string &name, const std::vector<CallText> &calls) {
  Program program;
  program.name = name;
  labels.clear();
  jumps.clear();
  for (const CallText &call : calls)
    compileCall(call, program);
  for (const auto &[index, label] : jumps) {
    const auto it = labels.find(label);
    if (it == labels.end())
      error(calls.front(), "there is no label '" + label + "'");
    else
      program.code[index].object = static_cast<std::uint8_t>(it->second);
  }
  if (program.code.size() > 250) {
    error(calls.front(), "a handler has at most 250 steps");
    program.code.clear();
  }
  // A jump to the very end needs something to land on.
  if (!program.code.empty() && std::any_of(program.code.begin(), program.code.end(), [&](const Instruction &i) {
        return i.act == Act::Jump && i.object >= program.code.size();
      })) {
    Instruction nop;
    nop.call = static_cast<std::uint16_t>(program.calls.size());
    program.calls.push_back("return");
    program.code.push_back(nop);
  }
  target.programs.push_back(std::move(program));
  return static_cast<int>(target.programs.size() - 1);
}

} // namespace bhlint::model
