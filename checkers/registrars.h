// Registrars: code that comes by the registration of handlers. Before it, and often for as long as it runs, none of them comes.
#pragma once

#include "checkers/checker.h"

#include <map>
#include <set>

namespace bhlint {

class Registrars {
public:
  explicit Registrars(const Analysis &analysis);
  /// Whether one of `functions` registers, or leads to what registers, a handler of the module that interrupts.
  bool isSettingUp(const std::vector<FunctionId> &functions, NameId module) const;

private:
  const std::set<FunctionId> &settingUp(NameId module) const;

  const Analysis &analysis;
  std::vector<std::vector<FunctionId>> callers;
  std::map<NameId, std::vector<FunctionId>> byFile;
  std::map<NameId, std::vector<std::uint32_t>> rootsOf; ///< by module
  mutable std::map<NameId, std::set<FunctionId>> known; ///< by module, as asked
};

} // namespace bhlint
