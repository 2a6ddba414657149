#include "analysis/program/callers.h"
#include "analysis/program/learned.h"

#include "llvm/ADT/STLExtras.h"

#include <tuple>

namespace bhlint {

namespace {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

/// What is known of one parameter so far: nothing (no call was seen), one constant, or that it varies.
struct Incoming {
  enum { None, Constant, Varies } state = None;
  std::uint32_t value = 0;

  /// Whether that changed something.
  bool join(const Incoming &other) {
    if (other.state == None || state == Varies ||
        (state == Constant && other.state == Constant && value == other.value))
      return false;
    *this = state == None ? other : Incoming{Varies, 0};
    return true;
  }
};

class CallerScan {
public:
  explicit CallerScan(Program &program) : program(program) {}

  void run() {
    findClosed();
    collectCalls();
    findUnreached();
    collectArguments();
    passOn();
    keepConstants();
  }

private:
  static bool isDirect(const BodyEvent &event) {
    return event.kind == EventKind::Call && (event.call == CallKind::Direct || event.call == CallKind::Cleanup);
  }

  void findClosed() {
    const bool isWhole = program.isWholeKernel;
    isClosed.assign(program.functions.size(), false);
    std::vector<std::uint8_t> definitions(isWhole ? program.strings.size() : 0, 0);
    if (isWhole)
      for (const Function &function : program.functions)
        if (!function.isStatic && function.body != noId && definitions[function.name] < 2)
          ++definitions[function.name];
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const Function &function = program.functions[id];
      if (function.body == noId || function.isAddressTaken || function.isInit || function.isExit)
        continue;
      // Assembly calls core functions; and of a name that is defined twice it isn't certain who is meant.
      bool isLocal = function.isStatic && !function.isInHeader;
      bool isOnlyHere = isWhole && (function.isStatic || definitions[function.name] == 1) &&
                        !program.rules->calibration.isCore(program.text(function.file));
      isClosed[id] = isLocal || isOnlyHere || learnedOf(id);
    }
  }

  /// What a run over the whole kernel knew of the function; null: nothing. Calls that are in sight here are looked at all
  /// the same, since code may have changed.
  const LearnedCallers *learnedOf(FunctionId id) const {
    const Function &function = program.functions[id];
    if (program.isWholeKernel || !program.learned || function.isStatic)
      return nullptr;
    auto known = program.learned->callers.find(
        (program.text(function.name) + "@" + program.text(function.file)).str());
    return known == program.learned->callers.end() ? nullptr : &known->second;
  }

  /// Calls of closed functions, by caller.
  void collectCalls() {
    firstCall.reserve(program.functions.size() + 1);
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      firstCall.push_back(calls.size());
      if (const Body *body = program.bodyOf(id))
        for (const BodyEvent &event : body->events)
          if (isDirect(event) && isClosed[event.index])
            calls.push_back(&event);
    }
    firstCall.push_back(calls.size());
  }

  llvm::ArrayRef<const BodyEvent *> callsIn(FunctionId caller) const {
    return llvm::ArrayRef(calls).slice(firstCall[caller], firstCall[caller + 1] - firstCall[caller]);
  }

  /// Who is called only by who is called by no one is reached by no one either. A group that calls only itself counts
  /// as reached.
  void findUnreached() {
    std::vector<std::uint32_t> callers(program.functions.size(), 0);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      for (const BodyEvent *call : callsIn(id))
        callers[call->index] += call->index != id;
    std::vector<FunctionId> open;
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      const LearnedCallers *learned = isClosed[id] ? learnedOf(id) : nullptr;
      if (isClosed[id] && callers[id] == 0 && (!learned || learned->isUnreached))
        open.push_back(id);
      callers[id] += learned && !learned->isUnreached; // elsewhere
    }
    while (!open.empty()) {
      FunctionId id = open.back();
      open.pop_back();
      program.functions[id].isUnreached = true;
      for (const BodyEvent *call : callsIn(id))
        if (call->index != id && --callers[call->index] == 0)
          open.push_back(call->index);
    }
  }

  std::size_t slotOf(FunctionId function, std::size_t parameter) const { return firstSlot[function] + parameter; }

  void collectArguments() {
    firstSlot.assign(program.functions.size(), 0);
    std::size_t count = 0;
    for (FunctionId id = 0; id < program.functions.size(); ++id) {
      firstSlot[id] = count;
      if (isClosed[id] && !program.functions[id].isUnreached)
        count += program.bodyOf(id)->parameters.size();
    }
    firstSlot.push_back(count);
    incoming.resize(count);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (firstSlot[id] != firstSlot[id + 1])
        if (const LearnedCallers *learned = learnedOf(id); learned && !learned->isUnreached)
          addLearned(id, *learned);
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (!program.functions[id].isUnreached)
        for (const BodyEvent *call : callsIn(id))
          for (std::size_t i = 0; slotOf(call->index, i) < firstSlot[call->index + 1]; ++i)
            addArgument(id, slotOf(call->index, i),
                        i < call->argumentCount ? &program.bodyOf(id)->argumentsOf(*call)[i] : nullptr);
  }

  /// The calls elsewhere: where they don't agree, they say nothing.
  void addLearned(FunctionId id, const LearnedCallers &learned) {
    for (std::size_t slot = firstSlot[id]; slot < firstSlot[id + 1]; ++slot)
      incoming[slot].state = Incoming::Varies;
    for (auto [parameter, value] : learned.constants)
      if (slotOf(id, parameter) < firstSlot[id + 1])
        incoming[slotOf(id, parameter)] = {Incoming::Constant, value};
  }

  void addArgument(FunctionId caller, std::size_t slot, const Operand *argument) {
    // Larger ones, and negative ones, may be other values in the parameter's own type.
    constexpr std::uint64_t largest = 0x7fffffff;
    if (incoming[slot].state == Incoming::Varies)
      return;
    if (argument && argument->valueKind() == ValueKind::Constant && program.maskBits(*argument).bits <= largest)
      incoming[slot].join({Incoming::Constant, static_cast<std::uint32_t>(program.maskBits(*argument).bits)});
    else if (argument && argument->valueKind() == ValueKind::Parameter && argument->bits == 0 && !argument->isNegated &&
             slotOf(caller, argument->index) < firstSlot[caller + 1])
      passedOn.emplace_back(slotOf(caller, argument->index), slot);
    else
      incoming[slot].join({Incoming::Varies, 0});
  }

  /// Each round only takes away, so recursion ends, and what only recursion says is no contradiction.
  void passOn() {
    for (bool changed = true; changed;) {
      changed = false;
      for (auto [from, to] : passedOn)
        changed |= incoming[to].join(incoming[from]);
    }
  }

  void keepConstants() {
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      for (std::size_t slot = firstSlot[id]; slot < firstSlot[id + 1]; ++slot)
        if (incoming[slot].state == Incoming::Constant)
          program.parameterConstants.push_back(
              {id, static_cast<std::uint32_t>(slot - firstSlot[id]), incoming[slot].value});
  }

  Program &program;
  std::vector<bool> isClosed; ///< all calls of it are in sight
  std::vector<const BodyEvent *> calls;
  std::vector<std::size_t> firstCall; ///< by caller, into `calls`
  std::vector<std::size_t> firstSlot;
  std::vector<Incoming> incoming;
  std::vector<std::pair<std::size_t, std::size_t>> passedOn;
};

} // namespace

void settleCallers(Program &program) { CallerScan(program).run(); }

llvm::ArrayRef<ParameterConstant> constantsOf(const Program &program, FunctionId function) {
  auto [first, last] = std::equal_range(
      program.parameterConstants.begin(), program.parameterConstants.end(), ParameterConstant{function, 0, 0},
      [](const ParameterConstant &a, const ParameterConstant &b) { return a.function < b.function; });
  return {program.parameterConstants.data() + (first - program.parameterConstants.begin()),
          static_cast<std::size_t>(last - first)};
}

void bindConstants(const Program &program, FunctionId function, State &entry) {
  for (const ParameterConstant &constant : constantsOf(program, function))
    entry.at({ValueKind::Parameter, constant.parameter}).knowledge = Knowledge::exactly(constant.value);
}

} // namespace bhlint
