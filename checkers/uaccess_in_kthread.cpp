// User memory in threads of the kernel: they have no user, and whose memory is reached is nobody's choice.
//
//   bad:   foo_work():  copy_to_user(foo->buffer, foo->data, foo->size);
//   good:  foo_work():  foo->ready = true; wake_up(&foo->wait);        and read() copies
#include "checkers/checker.h"
#include "checkers/known_arguments.h"
#include "checkers/words.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr llvm::StringLiteral ruleId = "bh-uaccess-in-kthread";

class UaccessInKthreadCheck {
public:
  UaccessInKthreadCheck(const Analysis &analysis, const Rule &rule)
      : analysis(analysis), program(analysis.program), rule(rule),
        limit(program.rules->calibration.chainLimitOf(rule.id)) {
    for (const FreeContract &row : program.rules->userBorrows)
      if (NameId name = program.find(row.function); name != noId)
        borrows.insert(name);
  }

  std::vector<Finding> run() {
    findThreads();
    findAccessible();
    for (std::uint32_t root = 0; root < analysis.contexts.roots.size(); ++root)
      if (const ContextRoot &entry = analysis.contexts.roots[root];
          entry.context == Context::Process && threads.count(entry.function))
        walk(root);
    std::vector<Finding> findings;
    for (auto &[place, found] : best)
      findings.push_back(tell(found));
    return findings;
  }

private:
  using Entry = std::pair<FunctionId, KnownArguments>;
  struct Step {
    Entry from{noId, {}}; ///< noId: it is the thread's function
    std::uint32_t event = noId;
    unsigned conditional = 0;
  };
  using Steps = std::map<Entry, Step>;
  struct Found {
    std::uint32_t root = noId;
    FunctionId function = noId;
    std::uint32_t event = noId;
    std::vector<std::pair<FunctionId, std::uint32_t>> way; ///< calls, the thread's first
    unsigned conditional = 0;
    bool isLess(const Found &other) const {
      return std::make_pair(conditional, way.size()) < std::make_pair(other.conditional, other.way.size());
    }
  };

  /// Functions that nothing but threads of the kernel calls through the field, the argument, or the interrupt.
  void findThreads() {
    for (const DeferralField &row : program.rules->deferralFields)
      if (FieldKey key{program.find(row.record), program.find(row.field)}; key.record != noId && key.field != noId)
        for (const auto &[field, binding] : program.bindingsOf(key))
          threads.insert(binding.function);
    std::map<NameId, unsigned> starters;
    for (const FreeContract &row : program.rules->kernelThreads)
      if (NameId name = program.find(row.function); name != noId)
        starters[name] = row.argument;
    for (const InterruptRequest &row : program.rules->interrupts)
      if (NameId name = program.find(row.function); name != noId && row.threadArgument)
        starters[name] = *row.threadArgument;
    for (const Body &body : program.bodies)
      for (const BodyEvent &event : body.events)
        if (event.kind == EventKind::Call && event.call == CallKind::Direct)
          if (auto found = starters.find(program.functions[event.index].name);
              found != starters.end() && found->second < event.argumentCount)
            if (const Operand &function = body.argumentsOf(event)[found->second];
                function.valueKind() == ValueKind::Function)
              threads.insert(function.index);
  }

  bool isFollowed(FunctionId caller, FunctionId callee) const {
    const Function &function = program.functions[callee];
    return function.body != noId && (function.isInHeader || program.functions[caller].isInHeader ||
                                     function.module == program.functions[caller].module);
  }

  /// What leads from threads to user memory by direct calls; the walks need not enter anything else.
  void findAccessible() {
    std::map<FunctionId, std::vector<FunctionId>> callers;
    std::vector<FunctionId> reached(threads.begin(), threads.end()), worklist;
    llvm::BitVector seen(program.functions.size());
    accessible.resize(program.functions.size());
    for (FunctionId id : reached)
      seen.set(id);
    for (std::size_t next = 0; next < reached.size(); ++next) {
      const FunctionId id = reached[next];
      const Body *body = program.bodyOf(id);
      for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
        const BodyEvent &event = body->events[e];
        if (!accessible.test(id) && accessAt(event)) {
          accessible.set(id);
          worklist.push_back(id);
        }
        if (event.kind != EventKind::Call || event.call != CallKind::Direct || !isFollowed(id, event.index))
          continue;
        callers[event.index].push_back(id);
        if (!seen.test(event.index)) {
          seen.set(event.index);
          reached.push_back(event.index);
        }
      }
    }
    while (!worklist.empty()) {
      const FunctionId id = worklist.back();
      worklist.pop_back();
      for (FunctionId caller : callers[id])
        if (!accessible.test(caller)) {
          accessible.set(caller);
          worklist.push_back(caller);
        }
    }
  }

  /// The certain row for what the event accesses user memory by; null: it does not.
  const SleepContract *accessAt(const BodyEvent &event) const {
    std::uint32_t row = noId;
    if (event.isCovered)
      return nullptr;
    if (event.kind == EventKind::Macro) {
      if (auto found = program.macros.find(event.macro); found != program.macros.end())
        row = found->second.sleep;
    } else if (event.kind == EventKind::Call && event.call == CallKind::Direct) {
      row = program.functions[event.index].sleep;
    }
    if (row == noId)
      return nullptr;
    const SleepContract &contract = program.rules->sleeps[row];
    return contract.kind == SleepKind::UserAccess && contract.provenance.confidence == Confidence::High ? &contract
                                                                                                        : nullptr;
  }

  bool borrowsUser(const Body &body) const {
    return llvm::any_of(body.events, [&](const BodyEvent &event) {
      return event.kind == EventKind::Call && event.call == CallKind::Direct &&
             borrows.count(program.functions[event.index].name);
    });
  }

  void walk(std::uint32_t root) {
    constexpr std::size_t most = 2048;
    const FunctionId thread = analysis.contexts.roots[root].function;
    const NameId module = program.functions[thread].module;
    Steps steps;
    std::deque<Entry> worklist{Entry(thread, {})};
    steps[worklist.front()] = {};
    for (; !worklist.empty(); worklist.pop_front()) {
      const Entry entry = worklist.front();
      const Body *body = program.bodyOf(entry.first);
      if (!body || borrowsUser(*body)) // what is between borrowing and giving back isn't told apart
        continue;
      for (std::uint32_t e : eventsWith(program, *body, entry.second)) {
        const BodyEvent &event = body->events[e];
        if (accessAt(event)) {
          judge(root, steps, entry, e);
          continue;
        }
        if (event.kind != EventKind::Call || event.call != CallKind::Direct || event.isCovered)
          continue;
        const Function &callee = program.functions[event.index];
        if (callee.body == noId || !accessible.test(event.index) || !(callee.isInHeader || callee.module == module) ||
            steps.size() >= most)
          continue;
        Entry next{event.index, argumentsAt(program, *body, event, entry.second)};
        if (steps.insert({next, {entry, e, steps[entry].conditional + isAvoidable(*body, e)}}).second)
          worklist.push_back(std::move(next));
      }
    }
  }

  void judge(std::uint32_t root, const Steps &steps, const Entry &entry, std::uint32_t e) {
    Found found{root, entry.first, e, {}, steps.at(entry).conditional + isAvoidable(*program.bodyOf(entry.first), e)};
    for (const Step *step = &steps.at(entry); step->from.first != noId; step = &steps.at(step->from))
      found.way.emplace_back(step->from.first, step->event);
    std::reverse(found.way.begin(), found.way.end());
    while (program.functions[found.function].isInHeader && !found.way.empty()) {
      std::tie(found.function, found.event) = found.way.back();
      found.way.pop_back();
    }
    auto [known, isNew] = best.try_emplace({found.function, found.event}, found);
    if (!isNew && found.isLess(known->second))
      known->second = std::move(found);
  }

  Finding tell(const Found &found) const {
    const ContextRoot &root = analysis.contexts.roots[found.root];
    Finding finding = findingAt(program, rule, found.function, found.event);
    if (finding.sink.empty())
      finding.sink = program.text(program.bodyOf(found.function)->events[found.event].macro).str();
    finding.context = contextName(Context::Process);
    finding.ambient = Context::Process;
    finding.confidence = root.confidence;
    finding.conditionalCalls = found.conditional;
    tellWay(program, root, found.way, finding);
    finding.chain.push_back(
        {finding.function, finding.place, finding.sink + "() accesses a user's memory, and this thread has no user"});
    if (found.conditional > limit.most)
      doubt(finding, "calls of the chain depend on conditions, which may exclude each other");
    if (program.rules->calibration.isCore(finding.place.file))
      doubt(finding, "it is code that every machine runs");
    finding.evidence = root.evidence;
    finding.suggestion = suggestionOf(rule, "", {{"sink", finding.sink + "()"}});
    finding.message = fill(
        rule.message,
        {{"sink", finding.sink + "()"}, {"function", finding.root.function + "()"}, {"context", ""}, {"lock", ""}});
    return finding;
  }

  const Analysis &analysis;
  const Program &program;
  const Rule &rule;
  const ChainLimit limit;
  llvm::DenseSet<NameId> borrows;
  std::set<FunctionId> threads;
  llvm::BitVector accessible;
  std::map<std::pair<FunctionId, std::uint32_t>, Found> best;
};

} // namespace

std::vector<Finding> checkUaccessInKthread(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? UaccessInKthreadCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
