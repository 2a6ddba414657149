#include "driver/migrate/use_pattern.h"

#include "driver/migrate/handler_reach.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

constexpr std::size_t mostActors = 2; ///< of each kind: what one more would show, these have shown

constexpr std::uint16_t bitOf(Context context) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(context));
}
constexpr std::uint16_t interruptContexts =
    bitOf(Context::Nmi) | bitOf(Context::HardIrq) | bitOf(Context::IrqsOff) | bitOf(Context::Completion);
constexpr std::uint16_t softirqContexts = bitOf(Context::Softirq) | bitOf(Context::Tasklet) | bitOf(Context::Timer) |
                                          bitOf(Context::BhWork) | bitOf(Context::RcuCallback) | bitOf(Context::BhOff);

bool disables(const UseAction &action) {
  return action.role == DeferralRole::Disable || action.role == DeferralRole::DisableNoWait;
}
bool schedules(const UseAction &action) {
  return action.role == DeferralRole::Schedule || action.role == DeferralRole::ScheduleHigh;
}

template <class T> void addOnce(std::vector<T> &items, const T &item) {
  if (!llvm::is_contained(items, item))
    items.push_back(item);
}

void addActor(std::vector<UseActions> &actors, const UseActions &actions) {
  if (actors.size() < mostActors)
    addOnce(actors, actions);
}

/// What a function does: setups apart, and each thing once.
std::map<std::string, UseActions> actionsByCaller(const MigratedGroup &migrated, const MigrationRules &rules) {
  std::map<std::string, UseActions> callers;
  for (const CallSite &site : migrated.group.calls) {
    const DeferralRole role = rules.calls.find(site.function)->second.role;
    if (role != DeferralRole::Setup && role != DeferralRole::SetupWithData)
      addOnce(callers[site.caller], {role, site.function});
  }
  return callers;
}

std::uint16_t contextsOf(const std::string &function, const MigrationGroup &group, const Run &run) {
  std::uint16_t contexts = 0;
  for (FunctionId id : run.program->named(function))
    if (group.files.count(run.program->text(run.program->functions[id].file).str()))
      contexts |= run.contexts->ambient[id];
  return contexts;
}

} // namespace

UsePattern usePatternOf(const MigratedGroup &migrated, const MigrationRules &rules, const Run &run) {
  const HandlerReach reach(run, migrated.group);
  UsePattern pattern;
  for (const auto &[caller, actions] : actionsByCaller(migrated, rules)) {
    std::uint16_t contexts = contextsOf(caller, migrated.group, run);
    if (reach.has(caller)) {
      for (const UseAction &action : actions)
        addOnce(pattern.handler, action);
      contexts &= static_cast<std::uint16_t>(~bitOf(rules.context));
      if (contexts == 0)
        continue;
    }
    if (contexts & interruptContexts)
      for (const UseAction &action : actions)
        addOnce(pattern.interrupt, action);
    if (contexts & softirqContexts)
      addActor(pattern.softirqs, actions);
    if (contexts == 0 || (contexts & ~(interruptContexts | softirqContexts)))
      addActor(llvm::all_of(actions, schedules) ? pattern.schedulers : pattern.controllers, actions);
  }
  return pattern;
}

UsePattern ofInterruptAlone(UsePattern pattern) {
  UsePattern alone;
  alone.controllers = std::move(pattern.controllers);
  for (std::vector<UseActions> *actors : {&pattern.softirqs, &pattern.schedulers})
    for (const UseActions &actions : *actors)
      llvm::append_range(pattern.interrupt, actions);
  for (const UseAction &action : pattern.interrupt)
    if (schedules(action))
      addOnce(alone.interrupt, action);
  return alone;
}

bool endsDisabled(const UseActions &actions) {
  int depth = 0;
  for (const UseAction &action : actions)
    depth += disables(action) - (action.role == DeferralRole::Enable);
  return depth > 0;
}

static bool cancels(const UseActions &actions) {
  return llvm::any_of(actions, [](const UseAction &action) { return action.role == DeferralRole::Cancel; });
}

/// Enables what another function has disabled; what it disables itself behind that is a way out of an error.
static bool startsDisabled(const UseActions &actions) {
  int depth = 0;
  for (const UseAction &action : actions)
    if ((depth += disables(action) - (action.role == DeferralRole::Enable)) < 0)
      return true;
  return false;
}

static UseActions enablesOf(const UseActions &actions) {
  UseActions enables;
  llvm::copy_if(actions, std::back_inserter(enables),
                [](const UseAction &action) { return action.role == DeferralRole::Enable; });
  return enables;
}

bool UsePattern::hasEvents() const {
  return !interrupt.empty() || !softirqs.empty() || !schedulers.empty() || llvm::any_of(control(), schedules);
}

std::vector<UsePattern> UsePattern::withOneScheduler() const {
  const auto onlySchedules = [](const UseActions &actions) { return !actions.empty() && llvm::all_of(actions, schedules); };
  UsePattern none = *this;
  llvm::erase_if(none.softirqs, onlySchedules);
  llvm::erase_if(none.handler, schedules);
  none.schedulers.clear();
  if (onlySchedules(interrupt))
    none.interrupt.clear();
  std::vector<UsePattern> patterns;
  const auto add = [&](auto UsePattern::*actors, const auto &one) {
    patterns.push_back(none);
    patterns.back().*actors = one;
  };
  if (onlySchedules(interrupt))
    add(&UsePattern::interrupt, interrupt);
  for (const UseActions &actions : softirqs)
    if (onlySchedules(actions)) {
      patterns.push_back(none);
      patterns.back().softirqs.push_back(actions);
    }
  for (const UseActions &actions : schedulers)
    add(&UsePattern::schedulers, std::vector<UseActions>{actions});
  return patterns.empty() ? std::vector<UsePattern>{*this} : patterns;
}

UseActions UsePattern::control() const {
  std::vector<UseActions> disabling, enabling, cancelling;
  UseActions joined;
  for (const UseActions &actions : controllers)
    if (cancels(actions))
      cancelling.push_back(actions);
    else if (endsDisabled(actions))
      disabling.push_back(actions);
    else if (llvm::none_of(actions, disables))
      enabling.push_back(actions);
    else if (startsDisabled(actions))
      enabling.push_back(enablesOf(actions));
    else
      llvm::append_range(joined, actions);
  for (const UseActions &actions : disabling) {
    llvm::append_range(joined, actions);
    if (!enabling.empty())
      llvm::append_range(joined, enabling.front());
  }
  const auto stops = llvm::find_if(cancelling, endsDisabled); // and is started again
  if (disabling.empty() && !enabling.empty() && stops != cancelling.end()) {
    llvm::append_range(joined, *stops);
    llvm::append_range(joined, enabling.front());
  }
  for (const UseActions &actions : cancelling)
    for (const UseAction &action : actions)
      if (action.role != DeferralRole::Enable || endsDisabled(joined)) // which another path has disabled
        joined.push_back(action);
  return joined;
}

namespace {

std::string listOf(const std::vector<std::string> &steps) { return "[" + llvm::join(steps, ", ") + "]"; }

/// The action's calls in the model's words.
std::vector<std::string> stepsOf(const UseAction &action, const FormWording &form) {
  if (form.target.thread) {
    if (form.isOld)
      return {action.function + " t"};
    return {schedules(action) ? "return_wake" : "synchronize_irq irq"};
  }
  const ReplacingCall call = replacingCall(form.group, form.rules, form.target, action.role);
  std::vector<std::string> steps;
  if (form.isOld) {
    if (!form.isLikeOther || call.likeNew.empty())
      return {action.function + " t"};
    for (const std::string &like : call.likeNew)
      steps.push_back(like + " t");
    return steps;
  }
  if (!form.isLikeOther || call.likeOld.empty())
    return {call.function + (call.before.empty() ? "" : " " + call.before) + " t"};
  for (const std::string &like : call.likeOld)
    steps.push_back(like + " t");
  return steps;
}

llvm::StringRef observed(const UseAction &action) {
  return action.role == DeferralRole::Cancel   ? "stopped"
         : action.role == DeferralRole::Enable ? "enabled"
         : disables(action)                    ? "disabled"
                                               : "";
}

std::vector<std::string> stepsOf(const UseActions &actions, const FormWording &form) {
  std::vector<std::string> steps;
  for (const UseAction &action : actions) {
    if (schedules(action))
      steps.push_back("observe scheduled");
    llvm::append_range(steps, stepsOf(action, form));
    if (llvm::StringRef seen = observed(action); !seen.empty())
      steps.push_back(("observe " + seen).str());
  }
  return steps;
}

} // namespace

std::string scenarioOf(const UsePattern &pattern, const FormWording &form, const Surroundings &surroundings) {
  std::string text = "cpus: 2\nsmp: true\nvariables: {inside: 0, again: 0}\n";
  std::vector<std::string> body{"enter inside", "observe run"};
  for (const UseAction &action : pattern.handler)
    for (const std::string &step : stepsOf(action, form))
      body.push_back(step + " if again < 1");
  if (!pattern.handler.empty())
    body.push_back("set again 1");
  body.push_back("leave inside");
  const bool isThread = form.target.thread && !form.isOld;
  if (!isThread)
    text += (form.isOld ? "tasklets: {t: " : "works: {t: ") + listOf(body) + "}\n";
  if (!pattern.interrupt.empty())
    text += "lines: {irq: {cpu: 0, events: " + std::to_string(surroundings.events) +
            "}}\nhandlers: {h: {line: irq, primary: " + listOf(stepsOf(pattern.interrupt, form)) +
            (isThread ? ", thread: " + listOf(body) : "") + "}}\n";
  std::vector<std::string> timers, armed, tasks;
  for (const UseActions &actions : pattern.softirqs) {
    armed.push_back("soft" + std::to_string(timers.size()));
    timers.push_back(armed.back() + ": " + listOf(stepsOf(actions, form)));
  }
  for (const UseActions &actions : pattern.schedulers)
    tasks.push_back("task" + std::to_string(tasks.size()) + ": " + listOf(stepsOf(actions, form)));
  std::vector<std::string> control = stepsOf(pattern.control(), form);
  if (surroundings.isSilenced && !pattern.interrupt.empty())
    control.insert(control.begin(), {"free_irq h", "synchronize_hardirq irq"});
  if (!control.empty())
    tasks.push_back("control: {cpu: 1, does: " + listOf(control) + "}");
  if (!timers.empty())
    text += "timers: {" + llvm::join(timers, ", ") + "}\narmed: [" + llvm::join(armed, ", ") + "]\n";
  if (!tasks.empty())
    text += "tasks: {" + llvm::join(tasks, ", ") + "}\n";
  return text;
}

} // namespace bhlint
