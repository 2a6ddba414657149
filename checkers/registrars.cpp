#include "checkers/registrars.h"

namespace bhlint {

Registrars::Registrars(const Analysis &analysis) : analysis(analysis), callers(analysis.program.functions.size()) {
  const Program &program = analysis.program;
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Body *body = program.bodyOf(id);
    if (!body)
      continue;
    byFile[program.functions[id].place.file].push_back(id);
    for (const BodyEvent &event : body->events)
      if (event.kind == facts::EventKind::Call && event.call == facts::CallKind::Direct && program.bodyOf(event.index))
        callers[event.index].push_back(id);
  }
  for (std::uint32_t root = 0; root < analysis.contexts.roots.size(); ++root)
    if (const ContextRoot &entry = analysis.contexts.roots[root]; entry.context != Context::Process)
      rootsOf[program.functions[entry.function].module].push_back(root);
}

bool Registrars::isSettingUp(const std::vector<FunctionId> &functions, NameId module) const {
  const std::set<FunctionId> &leading = settingUp(module);
  for (FunctionId id : functions)
    if (leading.count(id))
      return true;
  return false;
}

/// The functions in which a registration is written, and those of the module that call them, directly or not.
const std::set<FunctionId> &Registrars::settingUp(NameId module) const {
  auto [entry, isNew] = known.try_emplace(module);
  auto roots = rootsOf.find(module);
  if (!isNew || roots == rootsOf.end())
    return entry->second;
  std::set<FunctionId> &result = entry->second;
  std::vector<FunctionId> worklist;
  for (std::uint32_t root : roots->second) {
    const Place &place = analysis.contexts.roots[root].place;
    auto inFile = byFile.find(place.file);
    if (inFile == byFile.end())
      continue;
    for (FunctionId id : inFile->second)
      if (const Function &function = analysis.program.functions[id];
          place.line > function.place.line && place.line <= function.endLine && result.insert(id).second)
        worklist.push_back(id);
  }
  while (!worklist.empty()) {
    const FunctionId id = worklist.back();
    worklist.pop_back();
    for (FunctionId caller : callers[id])
      if (analysis.program.functions[caller].module == module && result.insert(caller).second)
        worklist.push_back(caller);
  }
  return result;
}

} // namespace bhlint
