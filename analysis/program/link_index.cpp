#include "analysis/program/link_index.h"

#include "llvm/ADT/StringMap.h"

namespace bhlint {

LinkIndex::LinkIndex(const RuleSet &rules) : rules(rules) {
  for (const EffectContract &effect : rules.effects)
    if (effect.when == EffectWhen::Always)
      covering.insert(effect.function);
    else
      covering.erase(effect.function); // the last one is the one that counts
  for (const SleepContract &contract : rules.sleeps) {
    if (contract.when == SleepWhen::Always || contract.when == SleepWhen::Never)
      covering.insert(contract.function);
    else
      covering.erase(contract.function);
    for (const std::string &name : contract.whenModuleCalls)
      asked.insert(name);
    for (const std::string &name : contract.unlessModuleCalls)
      asked.insert(name);
  }
}

std::vector<bool> LinkIndex::areKnown(llvm::ArrayRef<std::uint64_t> definitions) const {
  std::vector<bool> result(definitions.size());
  std::shared_lock lock(mutex);
  for (std::size_t i = 0; i < definitions.size(); ++i)
    result[i] = known.contains(definitions[i]);
  return result;
}

void LinkIndex::addKnown(llvm::ArrayRef<std::uint64_t> definitions) {
  std::unique_lock lock(mutex);
  known.insert(definitions.begin(), definitions.end());
}

} // namespace bhlint
