#include "analysis/map/activity.h"

#include "analysis/map/loops.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::ValueKind;

namespace {

constexpr std::size_t mostIndirectTargets = 4; ///< a call with more of them says little about this driver

/// Whether a row's condition holds for the arguments; nothing: it depends on values that are not known.
std::optional<bool> sleepsFor(const Program &program, const SleepContract &row, const Body &body,
                              const BodyEvent &event) {
  if (row.when == SleepWhen::Always || row.when == SleepWhen::Never)
    return row.when == SleepWhen::Always;
  if (row.argument >= event.argumentCount)
    return std::nullopt;
  const Operand &value = body.argumentsOf(event)[row.argument];
  const MaskBits bits = program.maskBits(value);
  const bool isConstant = value.valueKind() == ValueKind::Constant;
  switch (row.when) {
  case SleepWhen::Gfp:
    if (bits.bits & program.directReclaim)
      return true;
    return isConstant ? std::optional(false) : std::nullopt;
  case SleepWhen::NonZero:
    return isConstant ? std::optional(bits.bits != 0) : std::nullopt;
  case SleepWhen::Zero:
    return isConstant ? std::optional(bits.bits == 0) : std::nullopt;
  default:
    return std::nullopt;
  }
}

/// As textOf(); of a local, where it stands for one thing only.
std::string operandText(const Program &program, const Body &body, const Operand &value) {
  if (value.valueKind() != ValueKind::Local)
    return textOf(program, body, value);
  const std::vector<Operand> values = valuesOf(body, value);
  return values.size() == 1 ? textOf(program, body, values[0]) : std::string();
}

/// The parameter that the operand is, or through which it is reached.
std::uint32_t parameterOf(const Body &body, const Operand &value) {
  if (value.valueKind() == ValueKind::Parameter)
    return value.index;
  if (value.valueKind() != ValueKind::Address && value.valueKind() != ValueKind::Load)
    return noId;
  const Path &path = body.paths[value.index];
  return path.root == facts::RootKind::Parameter ? path.index : noId;
}

/// Facts do not say which argument a macro was given; the first address in its expansion is what it is about.
std::string firstAddressIn(const Program &program, const Body &body, std::uint32_t macro) {
  for (std::uint32_t e = macro + 1; e < body.events.size(); ++e) {
    std::uint32_t level = body.events[e].expansion;
    while (level != noId && level != macro)
      level = body.events[level].expansion;
    if (level != macro)
      continue;
    for (const Operand &argument : body.argumentsOf(body.events[e]))
      if (argument.valueKind() == ValueKind::Address || argument.valueKind() == ValueKind::Load)
        return operandText(program, body, argument);
  }
  return {};
}

/// An allocation in a function of a header whose flags are a parameter: what the caller gives decides.
void decide(const Program &program, const Body &body, const BodyEvent &event, Act &act) {
  if (!act.isSleepUnknown || act.deciding >= event.argumentCount)
    return;
  const Operand &flags = body.argumentsOf(event)[act.deciding];
  act.deciding = flags.valueKind() == ValueKind::Parameter ? flags.index : noId;
  act.sleeps = (program.maskBits(flags).bits & program.directReclaim) != 0;
  act.isSleepUnknown = !act.sleeps && flags.valueKind() != ValueKind::Constant;
}

} // namespace

bool Activity::has(ActKind kind) const {
  return std::any_of(acts.begin(), acts.end(), [&](const Act &act) { return act.kind == kind; });
}

bool Activity::sleeps() const {
  return std::any_of(acts.begin(), acts.end(), [](const Act &act) { return act.sleeps; });
}

void ActivityFinder::addSleep(const SleepContract &row, FunctionId function, const Body &body, std::uint32_t e,
                              OwnActs &result) const {
  if (row.when == SleepWhen::Never || !program.holdsIn(row, program.functions[function].module))
    return;
  const BodyEvent &event = body.events[e];
  const std::optional<bool> sleeps = sleepsFor(program, row, body, event);
  Act act;
  act.kind = row.kind == SleepKind::Allocation ? ActKind::Allocation
             : row.kind == SleepKind::Mutex    ? ActKind::Mutex
                                               : ActKind::Sleep;
  act.sleeps = sleeps.value_or(false);
  act.isSleepUnknown = !sleeps;
  if (!sleeps && row.argument < event.argumentCount &&
      body.argumentsOf(event)[row.argument].valueKind() == ValueKind::Parameter)
    act.deciding = body.argumentsOf(event)[row.argument].index;
  act.with = event.macro != 0 ? program.text(event.macro).str() : row.function;
  if (act.kind == ActKind::Mutex)
    act.what = event.kind == EventKind::Macro ? firstAddressIn(program, body, e)
               : event.argumentCount > 0      ? operandText(program, body, body.argumentsOf(event)[0])
                                              : std::string();
  act.in = function;
  act.place = event.place;
  result.acts.push_back(std::move(act));
}

void ActivityFinder::addLock(std::string lock, FunctionId function, const BodyEvent &event, OwnActs &result,
                             std::uint32_t holder) const {
  Act act;
  act.kind = ActKind::Lock;
  act.holder = holder;
  act.what = std::move(lock);
  act.with = program.text(event.macro != 0 ? event.macro : program.functions[event.index].name).str();
  act.in = function;
  act.place = event.place;
  result.acts.push_back(std::move(act));
}

/// A macro whose row says all. Where an argument decides, the calls of its expansion tell it.
void ActivityFinder::addMacro(FunctionId function, const Body &body, std::uint32_t event, OwnActs &result) const {
  auto found = program.macros.find(body.events[event].macro);
  if (found == program.macros.end())
    return;
  const MacroContract &contract = found->second;
  if (contract.sleep != noId && program.rules->sleeps[contract.sleep].when == SleepWhen::Always)
    addSleep(program.rules->sleeps[contract.sleep], function, body, event, result);
  if (contract.effect == noId)
    return;
  const EffectContract &row = program.rules->effects[contract.effect];
  if (!row.isRelease && row.lockArgument)
    addLock(firstAddressIn(program, body, event), function, body.events[event], result);
}

/// What contracts say of the callee. True: nothing more is to be found inside.
bool ActivityFinder::addContracts(FunctionId function, const Body &body, std::uint32_t e, OwnActs &result) const {
  const BodyEvent &event = body.events[e];
  const Function &called = program.functions[event.index];
  if (called.effect != noId) {
    const EffectContract &row = program.rules->effects[called.effect];
    if (!row.isRelease && row.lockArgument && *row.lockArgument < event.argumentCount) {
      const Operand &lock = body.argumentsOf(event)[*row.lockArgument];
      addLock(operandText(program, body, lock), function, event, result, parameterOf(body, lock));
    }
  }
  // Rows of one function follow each other.
  const std::vector<SleepContract> &rows = program.rules->sleeps;
  for (std::uint32_t i = called.sleep; i < rows.size() && rows[i].function == rows[called.sleep].function; ++i)
    addSleep(rows[i], function, body, e, result);
  return called.effect != noId || called.sleep != noId || called.test != noId;
}

/// What code of a header does is told where the driver calls it, with the driver's names.
void ActivityFinder::addInlined(const Body &body, const BodyEvent &event, FunctionId function, const OwnActs &inlined,
                                OwnActs &result) const {
  for (const Act &act : inlined.acts) {
    if (act.kind == ActKind::Loop)
      continue;
    Act mine = act;
    mine.in = function;
    mine.place = event.place;
    mine.holder = noId;
    if (act.holder != noId && act.holder < event.argumentCount) {
      const Operand &argument = body.argumentsOf(event)[act.holder];
      mine.what = operandText(program, body, argument);
      mine.holder = parameterOf(body, argument);
    } else if (act.kind == ActKind::Lock || act.kind == ActKind::Mutex)
      for (const Operand &argument : body.argumentsOf(event))
        if (std::string text = operandText(program, body, argument); !text.empty()) {
          mine.what = text;
          break;
        }
    decide(program, body, event, mine);
    if (mine.kind != ActKind::Start)
      mine.with = program.text(event.macro != 0 ? event.macro : program.functions[event.index].name).str();
    result.acts.push_back(std::move(mine));
  }
  result.callees.insert(result.callees.end(), inlined.callees.begin(), inlined.callees.end());
}

void ActivityFinder::descend(FunctionId function, const Body &body, const BodyEvent &event, FunctionId callee,
                             OwnActs &result) {
  if (index.leaves.contains(callee))
    return;
  if (program.bodyOf(callee)) {
    if (program.functions[callee].isInHeader && event.call == CallKind::Direct)
      addInlined(body, event, function, ownActs(callee), result);
    else
      result.callees.push_back(callee);
    return;
  }
  // A body that is not here: what was learned of it, where nothing else decides.
  for (const SleepEntry &entry : summaries[callee].sleeps)
    if (entry.guard.empty() && !entry.isForbidden && entry.confidence == Confidence::High &&
        entry.kind != SleepKind::UserAccess) {
      Act act;
      act.kind = ActKind::Sleep;
      act.sleeps = true;
      act.with = program.text(event.macro != 0 ? event.macro : program.functions[callee].name).str();
      act.in = function;
      act.place = event.place;
      result.acts.push_back(std::move(act));
      return;
    }
}

void ActivityFinder::addStarts(FunctionId function, std::uint32_t event, OwnActs &result) const {
  auto found = index.starts.find(function);
  if (found == index.starts.end())
    return;
  for (const StartSite &start : found->second) {
    if (start.event != event)
      continue;
    Act act;
    act.kind = ActKind::Start;
    act.what = index.deferrals[start.deferral].object;
    act.with = program.text(start.site.with).str();
    act.in = function;
    act.place = start.site.place;
    act.deferral = start.deferral;
    result.acts.push_back(std::move(act));
  }
}

void ActivityFinder::addCall(FunctionId function, const Body &body, std::uint32_t e, OwnActs &result) {
  const BodyEvent &event = body.events[e];
  addStarts(function, e, result);
  if (event.call == CallKind::Direct || event.call == CallKind::Cleanup) {
    if (!addContracts(function, body, e, result))
      descend(function, body, event, event.index, result);
    const Function &called = program.functions[event.index];
    for (std::uint32_t i = 0; i < called.callbackCount; ++i) {
      const CallbackContract &row = program.rules->callbacks[called.firstCallback + i];
      if (row.inCallerContext && row.member.empty() && row.argument < event.argumentCount)
        for (FunctionId callback : functionsIn(body, body.argumentsOf(event)[row.argument]))
          result.callees.push_back(callback);
    }
    return;
  }
  const auto targets = resolver.targetsOf(function, e);
  if (targets.size() <= mostIndirectTargets)
    for (const CallTarget &target : targets)
      if (target.confidence >= Confidence::Medium && program.bodyOf(target.function))
        result.callees.push_back(target.function);
}

void ActivityFinder::addLoops(FunctionId function, const Body &body, OwnActs &result) const {
  for (const Place &place : loopsOf(body)) {
    Act act;
    act.kind = ActKind::Loop;
    act.in = function;
    act.place = place;
    result.acts.push_back(std::move(act));
  }
}

const ActivityFinder::OwnActs &ActivityFinder::ownActs(FunctionId function) {
  auto [entry, isNew] = known.try_emplace(function);
  if (!isNew) { // also while it is being made: recursion among inline functions
    static const OwnActs none;
    return entry->second ? *entry->second : none;
  }
  OwnActs result;
  const Body &body = *program.bodyOf(function);
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    const BodyEvent &event = body.events[e];
    if (event.isCovered)
      continue;
    if (event.kind == EventKind::Macro) {
      addMacro(function, body, e, result);
    } else if (event.kind == EventKind::Call) {
      addCall(function, body, e, result);
    }
  }
  addLoops(function, body, result);
  auto made = std::make_unique<OwnActs>(std::move(result));
  return *(known[function] = std::move(made));
}

Activity ActivityFinder::activityOf(FunctionId root) {
  Activity activity;
  std::vector<FunctionId> queue{root};
  activity.functions.insert(root);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const OwnActs &own = ownActs(queue[i]);
    activity.acts.insert(activity.acts.end(), own.acts.begin(), own.acts.end());
    for (FunctionId callee : own.callees)
      if (program.bodyOf(callee) && activity.functions.insert(callee).second)
        queue.push_back(callee);
  }
  // A call may be told twice: as it is, and through a wrapper that is in a header.
  auto key = [](const Act &act) {
    return std::make_tuple(act.kind, act.in, act.place.line, act.place.column, act.what, act.deferral);
  };
  std::vector<Act> unique;
  std::set<decltype(key(Act()))> seen;
  for (Act &act : activity.acts)
    if (seen.insert(key(act)).second)
      unique.push_back(std::move(act));
  activity.acts = std::move(unique);
  return activity;
}

} // namespace bhlint
