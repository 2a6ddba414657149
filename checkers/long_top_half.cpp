// Interrupt handlers that wait by doing nothing: everything else on that CPU waits with them.
//
//   bad:   foo_irq():  foo_reset(foo); mdelay(10); foo_start(foo);
//   good:  foo_irq():  foo_mask(foo); schedule_work(&foo->reset);          and the work item sleeps
#include "checkers/checker.h"
#include "checkers/device_loops.h"
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
        limit(program.rules->calibration.chainLimitOf(rule.id)), loops(program) {
    for (const DelayContract &copy : program.rules->copies)
      if (NameId name = program.find(copy.function); name != noId)
        copies[name] = &copy;
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

  enum class Kind : std::uint8_t {
    Delay,
    Polling, ///< too long only by its rounds, which nobody has counted
    Print,
    Copy,   ///< as long as the device, or whoever else, says
    Device, ///< in a loop that only the device ends
  };

  struct Found {
    std::uint32_t root = noId;
    FunctionId function = noId;
    std::uint32_t event = noId;
    CallWay way;
    std::uint64_t nanoseconds = 0;
    bool isRepeated = false; ///< in a loop: so long each time
    unsigned conditional = 0;
    Kind kind = Kind::Delay;
    unsigned per = 1; ///< of the amount that `nanoseconds` is for
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
      judgeLoops(root, steps, id);
      for (std::uint32_t e = 0; body && e < body->events.size(); ++e) {
        const BodyEvent &event = body->events[e];
        if (event.kind != EventKind::Call || event.call != CallKind::Direct)
          continue;
        const Function &callee = program.functions[event.index];
        if (auto delay = delays.find(callee.name); delay != delays.end())
          judge(root, steps, id, e, *delay->second);
        else if (auto copy = copies.find(callee.name); copy != copies.end())
          judgeCopy(root, steps, id, e, *copy->second);
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
    const std::uint64_t longest = longestTopHalf();
    // Rounds are not in the facts; as many as that poll for something else than a mistake of the device.
    constexpr unsigned rounds = 100;
    if (found.nanoseconds < longest)
      found.kind = Kind::Polling;
    if (found.kind == Kind::Polling && (!found.isRepeated || found.nanoseconds * rounds < longest))
      return;
    keep(std::move(found), steps);
  }

  std::uint64_t longestTopHalf() const { return std::uint64_t(1000) * program.rules->calibration.longestTopHalf; }

  /// Constant amounts are counted; how large others get is somebody else's say.
  void judgeCopy(std::uint32_t root, const std::map<FunctionId, Step> &steps, FunctionId id, std::uint32_t e,
                 const DelayContract &copy) {
    const Body &body = *program.bodyOf(id);
    const BodyEvent &event = body.events[e];
    // In a header it is what the amount was given to that copies: its caller was asked.
    if (copy.argument >= event.argumentCount || program.functions[id].isInHeader)
      return;
    Found found{root, id, e, {}, lengthOf(body, event, copy), isRepeated(body, e), 0};
    const Operand &amount = body.argumentsOf(event)[copy.argument];
    const bool isCounted = amount.valueKind() == ValueKind::Constant && !amount.isNegated;
    if (isCounted && found.nanoseconds < longestTopHalf())
      return;
    if (!isCounted) {
      found.kind = Kind::Copy;
      found.nanoseconds = copy.nanoseconds;
      found.per = copy.per;
    }
    keep(std::move(found), steps);
  }

  void judgeLoops(std::uint32_t root, const std::map<FunctionId, Step> &steps, FunctionId id) {
    if (program.functions[id].isInHeader)
      return;
    auto [known, isNew] = deviceLoops.try_emplace(id);
    if (isNew)
      known->second = loops.of(id);
    for (std::uint32_t e : known->second) {
      Found found{root, id, e, {}, 0, true, 0};
      found.kind = Kind::Device;
      keep(std::move(found), steps);
    }
  }

  /// Once is a message; in a loop of the handler's own it is as many as the device wants.
  void judgePrint(std::uint32_t root, const std::map<FunctionId, Step> &steps, FunctionId id, std::uint32_t e) {
    const Body &body = *program.bodyOf(id);
    if (program.functions[id].isInHeader || !isRepeated(body, e))
      return;
    Found found{root, id, e, {}, 0, true, 0};
    found.kind = Kind::Print;
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

  static std::string lengthInWords(const Found &found) {
    const std::string rounds = found.isRepeated ? " in each round of a loop" : "";
    switch (found.kind) {
    case Kind::Delay:
    case Kind::Polling:
      return inWords(found.nanoseconds) + rounds;
    case Kind::Print:
      return "for the console" + rounds;
    case Kind::Copy:
      return "about " + std::to_string(std::max<std::uint64_t>(1, found.nanoseconds / found.per)) +
             " ns for each unit of an amount that is not a constant" + rounds;
    case Kind::Device:
      return "for a register in a loop that only the device ends,";
    }
    return {};
  }

  static std::string whatIn(const Found &found) {
    switch (found.kind) {
    case Kind::Print:
      return "may wait ";
    case Kind::Device:
      return "is asked ";
    default:
      return "keeps the CPU busy for ";
    }
  }

  static std::string assumptionOf(const Found &found) {
    switch (found.kind) {
    case Kind::Copy:
      return "how much is copied is not known";
    case Kind::Device:
      return "how long the device keeps it going is not known";
    default:
      return "how many rounds the loop has is not known";
    }
  }

  Finding tell(const Found &found) const {
    const ContextRoot &root = analysis.contexts.roots[found.root];
    Finding finding = findingAt(program, rule, found.function, found.event);
    finding.context = contextName(Context::HardIrq);
    finding.ambient = Context::HardIrq;
    finding.confidence = root.confidence;
    finding.conditionalCalls = found.conditional;
    tellWay(program, root, found.way, finding);
    const std::string length = lengthInWords(found);
    finding.chain.push_back({finding.function, finding.place, finding.sink + "() " + whatIn(found) + length});
    if (found.kind != Kind::Delay) {
      const bool isMostlyShort = found.kind == Kind::Print || found.kind == Kind::Copy;
      finding.confidence = std::min(finding.confidence, isMostlyShort ? Confidence::Low : Confidence::Medium);
      finding.assumptions.push_back(assumptionOf(found));
    }
    if (found.conditional > limit.most)
      doubt(finding, "calls of the chain depend on conditions, which may exclude each other");
    if (program.rules->calibration.isCore(finding.place.file))
      doubt(finding, "it is code that every machine runs");
    finding.evidence = root.evidence;
    finding.suggestion = suggestionOf(rule,
                                      found.kind == Kind::Device ? "device"
                                      : found.kind == Kind::Copy ? "copy"
                                                                 : "",
                                      {});
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
  llvm::DenseMap<NameId, const DelayContract *> copies;
  llvm::DenseSet<NameId> prints;
  const DeviceLoops loops;
  std::map<FunctionId, std::vector<std::uint32_t>> deviceLoops; ///< as asked
  std::map<std::pair<FunctionId, std::uint32_t>, Found> best;
};

} // namespace

std::vector<Finding> checkLongTopHalf(const Analysis &analysis) {
  const Rule *rule = analysis.program.rules->find(ruleId.str());
  return rule ? LongTopHalfCheck(analysis, *rule).run() : std::vector<Finding>();
}

} // namespace bhlint
