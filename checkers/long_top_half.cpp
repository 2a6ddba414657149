// Interrupt handlers that wait by doing nothing: everything else on that CPU waits with them.
//
//   bad:   foo_irq():  foo_reset(foo); mdelay(10); foo_start(foo);
//   good:  foo_irq():  foo_mask(foo); schedule_work(&foo->reset);          and the work item sleeps
#include "checkers/checker.h"
#include "checkers/words.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <deque>
#include <map>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr llvm::StringLiteral ruleId = "bh-long-top-half";

class LongTopHalfCheck {
public:
  LongTopHalfCheck(const Analysis &analysis, const Rule &rule)
      : analysis(analysis), program(analysis.program), rule(rule),
        limit(program.rules->calibration.chainLimitOf(rule.id)) {
    for (const DelayContract &delay : program.rules->delays)
      if (NameId name = program.find(delay.function); name != noId)
        delays[name] = &delay;
    for (const FreeContract &print : program.rules->prints)
      if (NameId name = program.find(print.function); name != noId)
        prints.insert(name);
  }

  std::vector<Finding> run() {
    for (std::uint32_t root = 0; root < analysis.contexts.roots.size(); ++root)
      if (analysis.contexts.roots[root].context == Context::HardIrq)
        walk(root);
    std::vector<Finding> findings;
    for (auto &[place, found] : best)
      findings.push_back(tell(found));
    return findings;
  }

private:
  /// How a handler comes to a function, by the fewest calls.
  struct Step {
    FunctionId from = noId; ///< noId: it is the handler
    std::uint32_t event = noId;
    unsigned conditional = 0; ///< calls up to here that their functions may also do without
  };
  using Way = std::vector<std::pair<FunctionId, std::uint32_t>>; ///< calls, the handler's first

  struct Found {
    std::uint32_t root = noId;
    FunctionId function = noId;
    std::uint32_t event = noId;
    Way way;
    std::uint64_t nanoseconds = 0;
    bool isRepeated = false; ///< in a loop: so long each time
    unsigned conditional = 0;
    bool isPolling = false;  ///< too long only by its rounds, which nobody has counted
    bool isPrint = false;
    bool isLess(const Found &other) const {
      return std::make_pair(conditional, way.size()) < std::make_pair(other.conditional, other.way.size());
    }
  };

  void walk(std::uint32_t root) {
    const FunctionId handler = analysis.contexts.roots[root].function;
    const NameId module = program.functions[handler].module;
    std::map<FunctionId, Step> steps{{handler, {}}};
    std::deque<FunctionId> worklist{handler};
    for (; !worklist.empty(); worklist.pop_front()) {
      const FunctionId id = worklist.front();
      const Body *body = program.bodyOf(id);
      for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
        const BodyEvent &event = body->events[e];
        if (event.kind != EventKind::Call || event.call != CallKind::Direct)
          continue;
        const Function &callee = program.functions[event.index];
        if (auto delay = delays.find(callee.name); delay != delays.end())
          judge(root, steps, id, e, *delay->second);
        else if (prints.count(callee.name))
          judgePrint(root, steps, id, e);
        else if (callee.body != noId && (callee.isInHeader || callee.module == module) &&
                 steps.insert({event.index, {id, e, steps[id].conditional + isAvoidable(*body, e)}}).second)
          worklist.push_back(event.index);
      }
    }
  }

  /// How long the call takes; 0: not known.
  std::uint64_t lengthOf(const Body &body, const BodyEvent &event, const DelayContract &delay) const {
    if (delay.argument >= event.argumentCount)
      return 0;
    const Operand &given = body.argumentsOf(event)[delay.argument];
    if (given.valueKind() != ValueKind::Constant || given.isNegated)
      return 0;
    return program.maskBits(given).bits / delay.per * delay.nanoseconds;
  }

  /// Whether the event can come again after it. How often is not in the facts.
  static bool isRepeated(const Body &body, std::uint32_t e) {
    auto has = [&](const BodyBlock &block) { return e >= block.firstEvent && e < block.firstEvent + block.eventCount; };
    const auto home = llvm::find_if(body.blocks, has);
    if (home == body.blocks.end())
      return false;
    std::vector<bool> seen(body.blocks.size());
    std::vector<std::uint32_t> worklist{static_cast<std::uint32_t>(home - body.blocks.begin())};
    const std::uint32_t start = worklist.front();
    while (!worklist.empty()) {
      const std::uint32_t block = worklist.back();
      worklist.pop_back();
      for (const BodyEdge &edge : body.blocks[block].edges) {
        if (edge.to == start)
          return true;
        if (!seen[edge.to]) {
          seen[edge.to] = true;
          worklist.push_back(edge.to);
        }
      }
    }
    return false;
  }

  void judge(std::uint32_t root, const std::map<FunctionId, Step> &steps, FunctionId id, std::uint32_t e,
             const DelayContract &delay) {
    const Body &body = *program.bodyOf(id);
    Found found{root, id, e, {}, lengthOf(body, body.events[e], delay), isRepeated(body, e), 0};
    const std::uint64_t longest = std::uint64_t(1000) * program.rules->calibration.longestTopHalf;
    // Rounds are not in the facts; as many as that poll for something else than a mistake of the device.
    constexpr unsigned rounds = 100;
    found.isPolling = found.nanoseconds < longest;
    if (found.isPolling && (!found.isRepeated || found.nanoseconds * rounds < longest))
      return;
    keep(std::move(found), steps);
  }

  /// Once is a message; in a loop of the handler's own it is as many as the device wants.
  void judgePrint(std::uint32_t root, const std::map<FunctionId, Step> &steps, FunctionId id, std::uint32_t e) {
    const Body &body = *program.bodyOf(id);
    if (program.functions[id].isInHeader || !isRepeated(body, e))
      return;
    Found found{root, id, e, {}, 0, true, 0};
    found.isPrint = true;
    keep(std::move(found), steps);
  }

  void keep(Found found, const std::map<FunctionId, Step> &steps) {
    const FunctionId id = found.function;
    const Body &body = *program.bodyOf(id);
    const std::uint32_t e = found.event;
    found.conditional = steps.at(id).conditional + isAvoidable(body, e);
    for (const Step *step = &steps.at(id); step->from != noId; step = &steps.at(step->from))
      found.way.emplace_back(step->from, step->event);
    std::reverse(found.way.begin(), found.way.end());
    // What a header's function does is its caller's.
    while (program.functions[found.function].isInHeader && !found.way.empty()) {
      std::tie(found.function, found.event) = found.way.back();
      found.way.pop_back();
    }
    auto [known, isNew] = best.try_emplace({found.function, found.event}, found);
    if (!isNew && found.isLess(known->second))
      known->second = std::move(found);
  }

  static std::string inWords(std::uint64_t nanoseconds) {
    const std::uint64_t microseconds = nanoseconds / 1000;
    return microseconds % 1000 == 0 ? std::to_string(microseconds / 1000) + " ms"
                                    : std::to_string(microseconds) + " us";
  }

  Finding tell(const Found &found) const {
    const ContextRoot &root = analysis.contexts.roots[found.root];
    Finding finding = findingAt(program, rule, found.function, found.event);
    finding.context = contextName(Context::HardIrq);
    finding.ambient = Context::HardIrq;
    finding.confidence = root.confidence;
    finding.conditionalCalls = found.conditional;
    finding.root = {nameOf(program, root.function), placeOf(program, root.place), root.why};
    finding.chain.push_back({finding.root.function, finding.root.place, root.why});
    for (const auto &[function, event] : found.way) {
      const BodyEvent &call = program.bodyOf(function)->events[event];
      const std::string caller = nameOf(program, function);
      finding.chain.push_back(
          {caller, placeOf(program, call.place), caller + "() calls " + nameOf(program, call.index) + "()"});
    }
    const std::string length = found.isPrint ? "for the console in each round of a loop"
                                             : inWords(found.nanoseconds) + (found.isRepeated ? " in each round of a loop" : "");
    finding.chain.push_back({finding.function, finding.place,
                             finding.sink + (found.isPrint ? "() may wait " : "() keeps the CPU busy for ") + length});
    if (found.isPolling || found.isPrint) {
      finding.confidence = std::min(finding.confidence, Confidence::Medium);
      finding.assumptions.push_back("how many rounds the loop has is not known");
    }
    if (found.conditional > limit.most) {
      finding.confidence = std::min(finding.confidence, Confidence::Medium);
      finding.assumptions.push_back("calls of the chain depend on conditions, which may exclude each other");
    }
    if (program.rules->calibration.isCore(finding.place.file)) {
      finding.confidence = std::min(finding.confidence, Confidence::Medium);
      finding.assumptions.push_back("it is code that every machine runs");
    }
    finding.evidence = root.evidence;
    finding.suggestion = suggestionOf(rule, "", {});
    finding.message = fill(
        rule.message,
        {{"sink", finding.sink + "()"}, {"function", finding.root.function + "()"}, {"context", length}, {"lock", ""}});
    return finding;
  }

  const Analysis &analysis;
  const Program &program;
  const Rule &rule;
  const ChainLimit limit;
  llvm::DenseMap<NameId, const DelayContract *> delays;
  llvm::DenseSet<NameId> prints;
  std::map<std::pair<FunctionId, std::uint32_t>, Found> best;
};

} // namespace

std::vector<Finding> checkLongTopHalf(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? LongTopHalfCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
