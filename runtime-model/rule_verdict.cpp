#include "runtime-model/rule_verdict.h"

#include "runtime-model/catalogue.h"
#include "runtime-model/data.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <map>
#include <memory>
#include <yaml-cpp/yaml.h>

namespace bhlint::model {

namespace {

/// Where the rules think that the operation runs, and what is held on top of it.
struct RuleState {
  Context ambient = Context::Process;
  AtomicEffect held;
};

/// The one context that a state counts as for SleepContract::forbiddenIn (rule_set.h says in which order).
Context dominantContext(const RuleState &state) {
  const Context ambient = state.ambient;
  const bool isInterrupt = ambient == Context::Nmi || ambient == Context::HardIrq ||
                           (ambient >= Context::Softirq && ambient <= Context::Completion);
  if (isInterrupt)
    return ambient;
  if (ambient == Context::BhOff || state.held.bottomHalf > 0)
    return Context::BhOff;
  if (ambient == Context::IrqsOff || state.held.irq > 0)
    return Context::IrqsOff;
  if (ambient == Context::Atomic || state.held.preempt > 0)
    return Context::Atomic;
  return ambient == Context::RcuRead || state.held.rcu > 0 ? Context::RcuRead : Context::Process;
}

class Judge {
public:
  explicit Judge(const RuleSet &r) : rules(r), contexts(YAML::Load(contextsYaml().str())) {}

  Judgement judge(const std::string &context, const OperationCalls &operation, const Profile &profile) {
    const RuleState state = stateOf(context, profile);
    for (const std::string &call : operation.calls)
      if (Judgement verdict = judgeCall(call, state, operation.queues); verdict.verdict != CellVerdict::Ok)
        return verdict;
    return {CellVerdict::Ok, ""};
  }

private:
  RuleState stateOf(const std::string &name, const Profile &profile) {
    const std::string key = name + (profile.rt ? " rt" : profile.threadirqs ? " threadirqs" : "");
    const auto it = cache.find(key);
    if (it != cache.end())
      return it->second;
    RuleState state;
    const YAML::Node node = contexts[name];
    if (const YAML::Node registered = node["registered"]) {
      state.ambient = ambientOf(registered);
      if (registered["forced"] && (profile.rt || profile.threadirqs))
        state.ambient = Context::BhOff;
    }
    if (node["on_rt"] && profile.rt)
      state.ambient = contextFromName(node["on_rt"].Scalar()).value_or(Context::Process);
    else
      for (const auto &task : node["tasks"])
        addEffects(task.second["does"], state.held);
    cache[key] = state;
    return state;
  }

  static std::string text(const YAML::Node &node) { return node ? node.Scalar() : std::string(); }

  Context ambientOf(const YAML::Node &registered) const {
    const std::string flag = text(registered["flag"]);
    if (const YAML::Node function = registered["function"])
      return callbackContext(function.Scalar(), registered["argument"].as<unsigned>(), flag);
    if (const YAML::Node record = registered["record"])
      return opsContext(record.Scalar(), text(registered["field"]), flag);
    const std::string queue = text(registered["queue"]);
    for (const QueueKind &kind : rules.queueKinds)
      if (kind.global == queue || (kind.allocator == queue && kind.flag == flag))
        return kind.context;
    return Context::Process;
  }

  Context callbackContext(const std::string &function, unsigned argument, const std::string &flag) const {
    for (const CallbackContract &callback : rules.callbacks) {
      if (callback.function != function || callback.argument != argument)
        continue;
      for (const FlagCase &c : callback.cases)
        if (c.isSet && c.flag == flag)
          return c.context;
      return callback.context;
    }
    return Context::Process;
  }

  Context opsContext(const std::string &record, const std::string &field, const std::string &flag) const {
    for (const OpsContract &ops : rules.ops) {
      if (ops.record != record || ops.field != field)
        continue;
      for (const FieldCase &c : ops.cases)
        if (!flag.empty() && llvm::StringRef(c.flag).starts_with(flag))
          return c.context;
      return ops.context;
    }
    return Context::Process;
  }

  /// Sums the effects of the calls before OPERATION.
  void addEffects(const YAML::Node &calls, AtomicEffect &held) const {
    for (const YAML::Node &call : calls) {
      if (call.Scalar() == "OPERATION")
        return;
      const std::string name = llvm::StringRef(call.Scalar()).split(' ').first.str();
      for (const EffectContract &effect : rules.effects)
        if (effect.function == name && effect.when == EffectWhen::Always) {
          held.preempt = static_cast<std::int8_t>(held.preempt + effect.effect.preempt);
          held.bottomHalf = static_cast<std::int8_t>(held.bottomHalf + effect.effect.bottomHalf);
          held.irq = static_cast<std::int8_t>(held.irq + effect.effect.irq);
          held.rcu = static_cast<std::int8_t>(held.rcu + effect.effect.rcu);
        }
    }
    held = {}; // no OPERATION among them: it runs elsewhere
  }

  /// Does the kernel's function ask which kind of queue the work has been on, and is it one that decides where it runs? The
  /// contracts cannot tell then; flush_work() and others do not ask, and sleep for every work.
  bool dependsOnQueue(llvm::ArrayRef<llvm::StringRef> words, const std::map<std::string, std::string> &queues) const {
    const auto function = catalogue().functions.find(std::string_view(words[0].data(), words[0].size()));
    if (function == catalogue().functions.end() ||
        std::none_of(function->second.does.begin(), function->second.does.end(),
                     [](const StepText &step) { return step.act == Act::WorkBhCheck; }))
      return false;
    for (llvm::StringRef word : words.drop_front()) {
      const auto queue = queues.find(word.str());
      if (queue == queues.end())
        continue;
      for (const QueueKind &kind : rules.queueKinds)
        if (kind.global == queue->second)
          return true;
    }
    return false;
  }

  static bool maySleep(llvm::ArrayRef<llvm::StringRef> words, const SleepContract &contract) {
    switch (contract.when) {
    case SleepWhen::Always: return true;
    case SleepWhen::Gfp:
      for (llvm::StringRef word : words.drop_front()) {
        const auto flag = catalogue().gfp.find(std::string_view(word.data(), word.size()));
        if (flag != catalogue().gfp.end())
          return flag->second;
      }
      return false;
    default: return false;
    }
  }

  Judgement judgeCall(const std::string &call, const RuleState &state,
                      const std::map<std::string, std::string> &queues) const {
    llvm::SmallVector<llvm::StringRef, 4> words;
    llvm::StringRef(call).split(words, ' ', -1, false);
    for (const SleepContract &contract : rules.sleeps) {
      if (contract.function != words[0])
        continue;
      const Context context = dominantContext(state);
      const bool sleeps = maySleep(words, contract);
      const bool isForbidden = std::find(contract.forbiddenIn.begin(), contract.forbiddenIn.end(), context) !=
                               contract.forbiddenIn.end();
      if (context != Context::Process && sleeps && dependsOnQueue(words, queues))
        return {CellVerdict::NotApplicable, "rule: which of the contracts holds depends on the queue that the work was on"};
      if ((sleeps && !bhlint::maySleep(context)) || isForbidden)
        return {CellVerdict::Bug, "rule: " + words[0].str() + (sleeps ? " may sleep" : " is not allowed") + " in " +
                                      std::string(contextPhrase(context))};
    }
    return {CellVerdict::Ok, ""};
  }

  const RuleSet &rules;
  YAML::Node contexts;
  std::map<std::string, RuleState> cache;
};

} // namespace

RuleJudge ruleJudge(const RuleSet &rules) {
  auto judge = std::make_shared<Judge>(rules);
  return [judge](const std::string &context, const OperationCalls &operation, const Profile &profile) {
    return judge->judge(context, operation, profile);
  };
}

} // namespace bhlint::model
