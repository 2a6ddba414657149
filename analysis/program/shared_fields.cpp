#include "analysis/program/shared_fields.h"

#include "analysis/program/node_visit.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

using facts::CallKind;
using facts::EventKind;
using facts::RootKind;
using facts::ValueKind;

std::uint16_t SharedFields::interrupting() {
  return bit(Context::HardIrq) | bit(Context::Softirq) | bit(Context::Tasklet) | bit(Context::Timer) |
         bit(Context::BhWork);
}

namespace {

/// What a path ends in: of an object that others can see, too.
std::optional<FieldKey> fieldAt(const Path &path) {
  if (path.fields.empty() || path.root == RootKind::Unknown)
    return std::nullopt;
  return path.fields.back();
}

std::optional<FieldKey> fieldOf(const Body &body, const Operand &value) {
  return value.valueKind() == ValueKind::Load ? fieldAt(body.paths[value.index]) : std::nullopt;
}

} // namespace

SharedFields::SharedFields(const Program &program, const ContextMap &contexts, const LockTable &locks)
    : program(&program), locks(&locks), isUser(program.functions.size()) {
  for (const FreeContract &row : program.rules->orderings)
    if (NameId name = program.find(row.function); name != noId)
      orderings.insert(name);
  for (const FreeContract &row : program.rules->atomicRecords)
    if (NameId name = program.find(row.function); name != noId)
      atomicRecords.insert(name);
  std::map<FunctionId, Found> found;
  llvm::DenseSet<NameId> modules; // that have something that interrupts
  for (FunctionId id = 0; id < program.functions.size(); ++id)
    if (contexts.ambient[id] & interrupting())
      modules.insert(program.functions[id].module);
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Function &function = program.functions[id];
    const Body *body = program.bodyOf(id);
    if (!body || function.isInHeader || !modules.count(function.module))
      continue;
    Found here = scan(*body, function.module);
    if (function.isInit || function.isExit || contexts.ambient[id] == 0)
      continue;
    note(function.module, contexts.ambient[id], here);
    if (!here.accesses.empty() || !here.asked.empty())
      found.emplace(id, std::move(here));
  }
  for (auto &[id, here] : found) {
    auto isShared = [&, module = program.functions[id].module](FieldKey field) {
      auto use = uses.find({module, field});
      return use != uses.end() && use->second.isShared();
    };
    Places kept;
    for (const FieldAccess &access : here.accesses)
      if (isShared(access.field))
        kept.accesses.push_back(access);
    for (const auto &[block, field] : here.asked)
      if (isShared(field)) {
        kept.asked.resize(program.bodyOf(id)->blocks.size());
        kept.asked[block].push_back(field);
      }
    if (kept.accesses.empty() && kept.asked.empty())
      continue;
    isUser.set(id);
    places.emplace(id, std::move(kept));
  }
}

bool SharedFields::isOrdering(const BodyEvent &event) const {
  return orderings.count(event.macro) || (event.kind == EventKind::Call && event.call == CallKind::Direct &&
                                          orderings.count(program->functions[event.index].name));
}

bool SharedFields::isOfInterest(FieldKey field) const {
  return locks->isInRecord(field.record) && !atomicRecords.count(field.record);
}

SharedFields::Found SharedFields::scan(const Body &body, NameId module) {
  Found result;
  auto leaveOut = [&](std::optional<FieldKey> field) {
    if (field && isOfInterest(*field))
      uses[{module, *field}].isLeftOut = true;
  };
  auto read = [&](std::uint32_t event, const Operand &value, bool isOrdered) {
    std::optional<FieldKey> field = fieldOf(body, value);
    if (value.valueKind() == ValueKind::Address)
      leaveOut(fieldAt(body.paths[value.index]));
    else if (isOrdered)
      leaveOut(field);
    else if (field && isOfInterest(*field))
      result.accesses.push_back({event, *field});
  };
  for (std::uint32_t e = 0; e < body.events.size(); ++e) {
    const BodyEvent &event = body.events[e];
    const bool isOrdered = isOrdering(event);
    if (event.kind == EventKind::Call)
      for (const Operand &argument : body.argumentsOf(event))
        read(e, argument, isOrdered);
    else if (event.kind == EventKind::Assign || event.kind == EventKind::Return)
      read(e, event.value, isOrdered);
    if (event.kind != EventKind::Store)
      continue;
    std::optional<FieldKey> field = fieldAt(body.paths[event.index]);
    const bool isChange = event.value.valueKind() == ValueKind::Load && event.value.index == event.index;
    if (!isChange)
      read(e, event.value, isOrdered);
    if (isOrdered)
      leaveOut(field);
    else if (field && isOfInterest(*field))
      result.accesses.push_back({e, *field, true, isChange});
  }
  for (std::uint32_t b = 0; b < body.blocks.size(); ++b) {
    const std::size_t before = result.asked.size();
    for (const BodyEdge &edge : body.blocks[b].edges)
      for (const EdgeGuard &guard : edge.guards)
        if (std::optional<FieldKey> field = fieldOf(body, guard.value))
          if (isOfInterest(*field) && std::none_of(result.asked.begin() + static_cast<long>(before), result.asked.end(),
                                                   [&](const auto &known) { return known.second == *field; }))
            result.asked.emplace_back(b, *field);
  }
  return result;
}

void SharedFields::note(NameId module, std::uint16_t ambient, const Found &found) {
  const bool isAbove = (ambient & interrupting()) != 0, isBelow = (ambient & bit(Context::Process)) != 0;
  auto add = [&](FieldKey field, bool isWrite) {
    Use &use = uses[{module, field}];
    use.isUsedAbove |= isAbove;
    use.isWrittenAbove |= isAbove && isWrite;
    use.isUsedBelow |= isBelow;
    use.isWrittenBelow |= isBelow && isWrite;
  };
  for (const FieldAccess &access : found.accesses)
    add(access.field, access.isWrite);
  for (const auto &[block, field] : found.asked)
    add(field, false);
}

llvm::ArrayRef<FieldAccess> SharedFields::accessesOf(FunctionId id) const {
  auto found = has(id) ? places.find(id) : places.end();
  return found == places.end() ? llvm::ArrayRef<FieldAccess>() : llvm::ArrayRef<FieldAccess>(found->second.accesses);
}

llvm::ArrayRef<FieldKey> SharedFields::askedBy(FunctionId id, std::uint32_t block) const {
  auto found = has(id) ? places.find(id) : places.end();
  if (found == places.end() || block >= found->second.asked.size())
    return {};
  return found->second.asked[block];
}

} // namespace bhlint
