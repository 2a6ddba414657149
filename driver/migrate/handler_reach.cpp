#include "driver/migrate/handler_reach.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

HandlerReach::HandlerReach(const Run &run, const MigrationGroup &group) : program(*run.program) {
  for (const std::string &name : group.handlers)
    for (FunctionId id : program.named(name))
      if (group.files.count(program.text(program.functions[id].file).str()))
        add(id);
  for (std::size_t i = 0; i < order.size(); ++i)
    if (const Body *body = program.bodyOf(order[i]))
      for (const BodyEvent &event : body->events)
        if (isDirect(event) && program.functions[event.index].effect == noId)
          add(event.index);
}

bool HandlerReach::has(const std::string &name) const {
  return llvm::any_of(order, [&](FunctionId id) { return program.text(program.functions[id].name) == name; });
}

void HandlerReach::add(FunctionId id) {
  if (seen.insert(id).second)
    order.push_back(id);
}

} // namespace bhlint
