// Requests of interrupts whose primary handler, thread and flags do not go together.
//
//   bad:   request_threaded_irq(irq, NULL, foo_thread, 0, "foo", foo);
//   good:  request_threaded_irq(irq, NULL, foo_thread, IRQF_ONESHOT, "foo", foo);
#include "checkers/checker.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <set>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr llvm::StringLiteral ruleId = "bh-threaded-irq";

/// What a function returns, as far as constants tell.
struct Returned {
  std::vector<std::uint64_t> values;
  bool isAll = true; ///< it returns nothing else
  bool mayBe(std::uint64_t value) const { return !isAll || llvm::is_contained(values, value); }
};

class ThreadedIrqCheck {
public:
  ThreadedIrqCheck(const Analysis &analysis, const Rule &rule) : program(analysis.program), rule(rule) {
    auto constant = [&](const std::string &name) {
      auto found = program.constants.find(name);
      return found == program.constants.end() ? std::nullopt : std::optional(found->second);
    };
    oneShot = constant(program.rules->oneShotFlag);
    shared = constant(program.rules->sharedFlag);
    wakeThread = constant(program.rules->wakeThread);
  }

  std::vector<Finding> run() {
    llvm::DenseMap<NameId, const IrqRequest *> requests;
    for (const IrqRequest &request : program.rules->irqRequests)
      if (NameId name = program.find(request.function); name != noId)
        requests[name] = &request;
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && !program.functions[id].isInHeader)
        for (std::uint32_t e = 0; e < body->events.size(); ++e)
          if (const BodyEvent &event = body->events[e];
              event.kind == EventKind::Call && event.call == facts::CallKind::Direct)
            if (auto request = requests.find(program.functions[event.index].name); request != requests.end())
              check(id, e, *body, *request->second);
    return std::move(findings);
  }

private:
  struct Arguments {
    FunctionId handler = noId, thread = noId;
    bool hasNoHandler = false; ///< NULL, for certain
    bool hasNoThread = false;
  };

  void check(FunctionId id, std::uint32_t e, const Body &body, const IrqRequest &request) {
    llvm::ArrayRef<Operand> given = body.argumentsOf(body.events[e]);
    if (std::max({request.handler, request.thread.value_or(0), request.flags}) >= given.size())
      return;
    Arguments arguments;
    read(given[request.handler], arguments.handler, arguments.hasNoHandler);
    if (request.thread)
      read(given[*request.thread], arguments.thread, arguments.hasNoThread);
    else
      arguments.hasNoThread = true;
    if (arguments.hasNoHandler && arguments.thread != noId)
      checkOneShot(id, e, given[request.flags], arguments.thread);
    checkArguments(id, e, given, request, arguments);
    for (FunctionId handler : {arguments.handler, arguments.thread})
      if (handler != noId)
        checkOwnLine(handler, body.events[e]);
    if (arguments.handler != noId && arguments.hasNoThread)
      checkClaim(id, e, arguments.handler, given[request.flags]);
    if (!wakeThread)
      return;
    // A handler that is given no object mostly looks at that first.
    const Operand &object = given.back();
    const bool isObjectNull = object.valueKind() == ValueKind::Constant && program.maskBits(object).bits == 0;
    if (arguments.hasNoThread && arguments.handler != noId && !isObjectNull &&
        llvm::is_contained(returnedBy(arguments.handler).values, *wakeThread))
      report(id, e, arguments.handler, "wakes a thread that there is not: no thread function is given",
             "no-thread");
    if (arguments.thread != noId && arguments.handler != noId && !returnedBy(arguments.handler).mayBe(*wakeThread))
      report(id, e, arguments.thread,
             "never runs: " + nameOf(program, arguments.handler) + "() never asks for the thread", "never-woken");
    if (arguments.thread != noId && llvm::is_contained(returnedBy(arguments.thread).values, *wakeThread))
      report(id, e, arguments.thread, "is the thread, and asks to wake it", "thread-wakes");
  }

  void read(const Operand &value, FunctionId &function, bool &isNull) const {
    if (value.valueKind() == ValueKind::Function)
      function = value.index;
    isNull = value.valueKind() == ValueKind::Constant && program.maskBits(value).bits == 0;
  }

  /// A function where the flags belong; and a shared line of nobody.
  void checkArguments(FunctionId id, std::uint32_t e, llvm::ArrayRef<Operand> given, const IrqRequest &request,
                      const Arguments &arguments) {
    auto isNumber = [&](const Operand &value) {
      return value.valueKind() == ValueKind::Constant && program.maskBits(value).bits != 0;
    };
    const Operand &flags = given[request.flags], &object = given.back();
    if (flags.valueKind() == ValueKind::Function)
      report(id, e, flags.index, "is given where the flags belong", "arguments");
    if (FunctionId handler = arguments.handler != noId ? arguments.handler : arguments.thread;
        handler != noId && shared && isNumber(flags) && (program.maskBits(flags).bits & *shared) != 0 &&
        object.valueKind() == ValueKind::Constant && program.maskBits(object).bits == 0)
      report(id, e, handler, "is for a shared line, and has no object by which it could be told from others: it is refused",
             "no-object");
  }

  /// A handler that waits until it does not run itself.
  void checkOwnLine(FunctionId handler, const BodyEvent &request) {
    const Body *body = program.bodyOf(handler);
    for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
      const BodyEvent &event = body->events[e];
      if (event.kind != EventKind::Call || event.call != facts::CallKind::Direct || event.isCovered)
        continue;
      for (const WaitContract &wait : program.rules->waits) {
        const NameId name = program.functions[event.index].name;
        if (program.find(wait.function) != name || wait.isSelfAllowed || wait.argument >= event.argumentCount ||
            !isRegistrar(wait, request))
          continue;
        const Operand &line = body->argumentsOf(event)[wait.argument];
        if (line.valueKind() == ValueKind::Parameter && line.index == 0 && line.bits == 0 &&
            ownWaits.insert({handler, e}).second)
          report(handler, e, handler, "waits with " + calleeOf(program, event) + "() until it has returned itself", "own-line");
      }
    }
  }

  bool isRegistrar(const WaitContract &wait, const BodyEvent &request) const {
    return llvm::is_contained(wait.registrars, program.text(program.functions[request.index].name)) ||
           (request.macro != 0 && llvm::is_contained(wait.registrars, program.text(request.macro)));
  }

  /// What never says that it was its device is taken for nobody's, and its line is turned off after a while.
  void checkClaim(FunctionId id, std::uint32_t e, FunctionId handler, const Operand &flags) {
    const Returned returned = returnedBy(handler);
    if (!returned.isAll || returned.values.empty() ||
        llvm::any_of(returned.values, [](std::uint64_t value) { return value != 0; }))
      return;
    const bool isAlone = shared && flags.valueKind() == ValueKind::Constant && (program.maskBits(flags).bits & *shared) == 0;
    report(id, e, handler, "never says that an interrupt was its own; the kernel turns off a line that nobody claims",
           "unclaimed", isAlone ? nullptr : "another handler of a shared line may claim it");
  }

  /// Without the flag the line is enabled again before the thread has quietened the device; the kernel refuses unless the
  /// interrupt chip says that it doesn't matter.
  void checkOneShot(FunctionId id, std::uint32_t e, const Operand &flags, FunctionId thread) {
    const MaskBits bits = program.maskBits(flags);
    if (!oneShot || flags.valueKind() != ValueKind::Constant || (bits.bits & *oneShot) != 0)
      return;
    report(id, e, thread, "is the only handler, and the line is not kept masked while it runs", "unmasked",
           "the interrupt's chip may be safe without the flag (MSI), or the interrupt nested in another one's thread");
  }

  void addReturned(const Body &body, const Operand &value, unsigned depth, Returned &result) const {
    if (value.valueKind() == ValueKind::Constant && !value.isNegated) {
      result.values.push_back(program.maskBits(value).bits);
      return;
    }
    if (value.valueKind() != ValueKind::Local || depth > 4 || value.bits != 0 || value.isNegated) {
      result.isAll = false;
      return;
    }
    bool isAssigned = false;
    auto add = [&](std::uint32_t local, const Operand &assigned) {
      if (local != value.index)
        return;
      isAssigned = true;
      addReturned(body, assigned, depth + 1, result);
    };
    for (const BodyEvent &event : body.events)
      if (event.kind == EventKind::Assign)
        add(event.index, event.value);
    for (const BodyBlock &block : body.blocks)
      for (const BodyEdge &edge : block.edges)
        for (const EdgeAssignment &assign : edge.assigns)
          add(assign.local, assign.value);
    result.isAll = result.isAll && isAssigned;
  }

  Returned returnedBy(FunctionId function) const {
    Returned result;
    const Body *body = program.bodyOf(function);
    result.isAll = body != nullptr;
    if (body)
      for (const BodyEvent &event : body->events)
        if (event.kind == EventKind::Return)
          addReturned(*body, event.value, 0, result);
    return result;
  }

  /// `wrong`: which of the rule's cases it is.
  void report(FunctionId id, std::uint32_t e, FunctionId handler, const std::string &what, const char *wrong,
              const char *assumption = nullptr) {
    Finding finding = findingAt(program, rule, id, e);
    const std::string name = nameOf(program, handler) + "()";
    finding.context = contextName(Context::HardIrq);
    finding.ambient = Context::HardIrq;
    finding.root = {nameOf(program, handler), finding.place,
                    name + " is requested by " + finding.sink + "() in " + finding.function + "()"};
    finding.chain.push_back({finding.function, finding.place, finding.root.why});
    finding.chain.push_back({nameOf(program, handler), placeOf(program, program.functions[handler].place), name + " " + what});
    finding.suggestion = suggestionOf(rule, wrong, {{"sink", finding.sink + "()"}, {"use", program.rules->oneShotFlag}});
    auto doubt = [&](const char *why) {
      finding.confidence = Confidence::Medium;
      finding.assumptions.push_back(why);
    };
    if (assumption)
      doubt(assumption);
    if (program.rules->calibration.isCore(program.text(program.functions[handler].file)))
      doubt("it is code that every machine runs");
    finding.message =
        fill(rule.message, {{"sink", finding.sink + "()"}, {"function", name}, {"context", what}, {"lock", ""}});
    findings.push_back(std::move(finding));
  }

  const Program &program;
  const Rule &rule;
  std::optional<std::uint64_t> oneShot, shared, wakeThread;
  std::set<std::pair<FunctionId, std::uint32_t>> ownWaits; ///< that were told
  std::vector<Finding> findings;
};

} // namespace

std::vector<Finding> checkThreadedIrq(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? ThreadedIrqCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
