#include "analysis/program/unit_bodies.h"
#include "analysis/facts/flat_unit.h"
#include "analysis/program/program_tables.h"

#include <algorithm>
#include <cassert>

namespace bhlint {

using facts::EventKind;
using facts::FlatUnit;
using facts::ValueKind;
namespace wire = facts::wire;

namespace {

bool isDirect(EventKind kind, facts::CallKind call) {
  return kind == EventKind::Call && (call == facts::CallKind::Direct || call == facts::CallKind::Cleanup);
}

/// The part of an array that was appended since it had `begin` elements.
template <typename T> llvm::ArrayRef<T> since(const std::vector<T> &array, std::size_t begin) {
  return llvm::ArrayRef(array).drop_front(begin);
}

} // namespace

class BodyMaker {
public:
  BodyMaker(UnitBodies &result, const FlatUnit &flat, const LinkIndex &index)
      : result(result), flat(flat), unit(flat.unit()), index(index), textUse(flat.strings().size()),
        symbolUse(unit.symbols()->size()), isContextField(flat.strings().size(), Unknown),
        isCovering(flat.strings().size(), Unknown), isAsked(flat.strings().size(), Unknown) {}

  /// Slices must not move: all that will be needed is there from the beginning.
  void reserveFor(const std::vector<bool> &wanted) {
    facts::FlatPlaces count;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (wanted[i])
        add(flat.functions()[i].begin, i + 1 < wanted.size() ? flat.functions()[i + 1].begin : flat.end(), count);
    result.names.reserve(count.parameters + count.parameterRecords);
    result.fields.reserve(count.fieldSteps);
    result.paths.reserve(count.paths);
    result.events.reserve(count.events);
    result.arguments.reserve(count.arguments);
    result.blocks.reserve(count.blocks);
    result.edges.reserve(count.edges);
    result.guards.reserve(count.guards);
    result.assigns.reserve(count.assigns);
  }

  void make(std::size_t number) {
    const wire::Function &function = *flat.functions()[number].head;
    next = flat.functions()[number].begin;
    stamp = static_cast<std::uint32_t>(number) + 1;
    Body &body = result.functions[number].body;
    body.parameters = texts(*unit.parameters(), next.parameters, function.parameter_count());
    body.parameterRecords = texts(*unit.parameter_records(), next.parameterRecords, function.parameter_record_count());
    body.localCount = function.local_count();
    body.paths = paths(function.path_count());
    const std::size_t firstArgument = result.arguments.size(), firstEvent = result.events.size();
    for (std::uint32_t i = 0; i < function.event_count(); ++i)
      addEvent(*unit.events()->Get(next.events++), firstArgument);
    body.blocks = blocks(function.block_count());
    markCovered(llvm::MutableArrayRef(result.events).drop_front(firstEvent));
    body.events = since(result.events, firstEvent);
    body.arguments = since(result.arguments, firstArgument);
    body.asksForContext = asksForContext(body);
  }

  /// After each function, made or not.
  void end(std::size_t number) {
    result.functions[number].ends = {static_cast<std::uint32_t>(result.uses.size()),
                                     static_cast<std::uint32_t>(result.usedBits.size()),
                                     static_cast<std::uint32_t>(result.askedCalls.size())};
  }

private:
  enum Answer : std::int8_t { Unknown, No, Yes };

  /// Looks at each text once.
  static bool answered(Answer &answer, llvm::function_ref<bool()> look) {
    if (answer == Unknown)
      answer = look() ? Yes : No;
    return answer == Yes;
  }

  static void add(const facts::FlatPlaces &begin, const facts::FlatPlaces &end, facts::FlatPlaces &count) {
    count.parameters += end.parameters - begin.parameters;
    count.parameterRecords += end.parameterRecords - begin.parameterRecords;
    count.fieldSteps += end.fieldSteps - begin.fieldSteps;
    count.paths += end.paths - begin.paths;
    count.events += end.events - begin.events;
    count.arguments += end.arguments - begin.arguments;
    count.blocks += end.blocks - begin.blocks;
    count.edges += end.edges - begin.edges;
    count.guards += end.guards - begin.guards;
    count.assigns += end.assigns - begin.assigns;
  }

  facts::StringId text(facts::StringId id) {
    if (id != 0 && textUse[id] != stamp) {
      textUse[id] = stamp;
      result.uses.push_back({NumberUse::Text, id});
    }
    return id;
  }
  /// A symbol can be used in several ways in one function; each is told.
  std::uint32_t symbol(NumberUse::Kind kind, facts::SymbolIndex symbol) {
    SymbolUse &use = symbolUse[symbol];
    if (use.stamp != stamp)
      use = {stamp, 0};
    if (!(use.kinds & 1u << kind)) {
      use.kinds |= 1u << kind;
      result.uses.push_back({static_cast<std::uint32_t>(kind), symbol});
    }
    return symbol;
  }
  std::uint32_t bits(std::uint64_t mask, std::uint64_t value) {
    if (mask == ~0ull && value == 0) // nearly all
      return 0;
    auto [entry, isNew] = bitIds.try_emplace({mask, value}, static_cast<std::uint32_t>(result.bits.size()));
    if (isNew) {
      result.bits.push_back({mask, value});
      bitUse.push_back(0);
    }
    if (bitUse[entry->second - 1] != stamp) {
      bitUse[entry->second - 1] = stamp;
      result.usedBits.push_back(entry->second);
    }
    return entry->second;
  }

  Operand operand(std::uint32_t id) {
    const wire::Value &value = *unit.values()->Get(id);
    Operand made;
    made.kind = value.kind();
    made.isNegated = value.is_negated();
    made.bits = made.valueKind() == ValueKind::Constant ? bits(0, value.bits()) : bits(value.mask(), value.bits());
    switch (made.valueKind()) {
    case ValueKind::Function:
      made.index = symbol(NumberUse::Address, value.index());
      break;
    case ValueKind::ContextTest:
      made.index = text(value.index());
      break;
    default:
      made.index = value.index();
    }
    return made;
  }

  llvm::ArrayRef<NameId> texts(const flatbuffers::Vector<std::uint32_t> &ids, std::uint32_t first,
                               std::uint32_t count) {
    const std::size_t begin = result.names.size();
    for (std::uint32_t i = first; i < first + count; ++i)
      result.names.push_back(text(ids.Get(i)));
    return since(result.names, begin);
  }

  llvm::ArrayRef<Path> paths(std::uint32_t count) {
    const std::size_t begin = result.paths.size();
    for (const std::uint32_t end = next.paths + count; next.paths < end; ++next.paths) {
      const wire::AccessPath &path = *unit.paths()->Get(next.paths);
      Path made;
      made.root = static_cast<facts::RootKind>(path.root());
      made.index = made.root == facts::RootKind::Global ? symbol(NumberUse::Global, path.index()) : path.index();
      made.rootRecord = text(path.root_record());
      made.text = text(path.text());
      const std::size_t firstField = result.fields.size();
      for (const std::uint32_t last = next.fieldSteps + path.field_count(); next.fieldSteps < last; ++next.fieldSteps) {
        const wire::FieldStep &step = *unit.field_steps()->Get(next.fieldSteps);
        result.fields.push_back({text(step.record()), text(step.field())});
      }
      made.fields = since(result.fields, firstField);
      result.paths.push_back(made);
    }
    return since(result.paths, begin);
  }

  void addEvent(const wire::Event &event, std::size_t firstArgument) {
    BodyEvent made;
    made.kind = static_cast<EventKind>(event.kind());
    made.call = static_cast<facts::CallKind>(event.call());
    made.place = {text(event.location().file()), event.location().line(), event.location().column()};
    made.macro = text(event.macro());
    made.expansion = event.expansion();
    made.value = operand(event.value());
    const bool isCall = isDirect(made.kind, made.call);
    made.index = isCall ? symbol(NumberUse::Callee, event.index()) : event.index();
    noteAsked(event.macro());
    if (isCall)
      noteAsked(unit.symbols()->Get(event.index())->name());
    made.firstArgument = static_cast<std::uint32_t>(result.arguments.size() - firstArgument);
    made.argumentCount = static_cast<std::uint8_t>(std::min<std::uint32_t>(event.argument_count(), 255));
    for (std::uint32_t i = 0; i < made.argumentCount; ++i)
      result.arguments.push_back(operand(unit.arguments()->Get(next.arguments + i)));
    next.arguments += event.argument_count();
    result.events.push_back(made);
  }

  void noteAsked(facts::StringId name) {
    if (name != 0 && answered(isAsked[name], [&] { return index.isAsked(flat.text(name)); }))
      result.askedCalls.push_back(name);
  }

  llvm::ArrayRef<BodyBlock> blocks(std::uint32_t count) {
    const std::size_t begin = result.blocks.size();
    for (const std::uint32_t end = next.blocks + count; next.blocks < end; ++next.blocks) {
      const wire::Block &block = *unit.blocks()->Get(next.blocks);
      const std::size_t firstEdge = result.edges.size();
      for (const std::uint32_t last = next.edges + block.edge_count(); next.edges < last; ++next.edges)
        addEdge(*unit.edges()->Get(next.edges));
      result.blocks.push_back({block.first_event(), block.event_count(), since(result.edges, firstEdge)});
    }
    return since(result.blocks, begin);
  }

  void addEdge(const wire::Edge &edge) {
    const std::size_t firstGuard = result.guards.size(), firstAssign = result.assigns.size();
    for (const std::uint32_t end = next.guards + edge.guard_count(); next.guards < end; ++next.guards) {
      const wire::Guard &guard = *unit.guards()->Get(next.guards);
      result.guards.push_back(
          {operand(guard.value()), static_cast<facts::Relation>(guard.relation()), guard.operand()});
    }
    for (const std::uint32_t end = next.assigns + edge.assign_count(); next.assigns < end; ++next.assigns) {
      const wire::EdgeAssign &assign = *unit.assigns()->Get(next.assigns);
      result.assigns.push_back({assign.local(), operand(assign.value())});
    }
    result.edges.push_back({edge.to(), since(result.guards, firstGuard), since(result.assigns, firstAssign)});
  }

  /// A macro event carries its own name in `macro`, so an outer one with a contract covers inner ones.
  void markCovered(llvm::MutableArrayRef<BodyEvent> events) {
    for (BodyEvent &event : events)
      for (std::uint32_t level = event.expansion; level != noId && !event.isCovered; level = events[level].expansion)
        event.isCovered = saysAll(events[level].macro);
  }

  bool saysAll(facts::StringId macro) {
    return answered(isCovering[macro], [&] { return index.saysAll(flat.text(macro)); });
  }

  bool asksForContext(const Body &body) {
    auto tells = [&](const Operand &value) { return tellsContext(body, value); };
    for (const BodyBlock &block : body.blocks)
      for (const BodyEdge &edge : block.edges)
        if (std::any_of(edge.guards.begin(), edge.guards.end(),
                        [&](const EdgeGuard &guard) { return tells(guard.value); }) ||
            std::any_of(edge.assigns.begin(), edge.assigns.end(),
                        [&](const EdgeAssignment &assign) { return tells(assign.value); }))
          return true;
    return false;
  }

  bool tellsContext(const Body &body, const Operand &value) {
    if (value.valueKind() != ValueKind::Load || body.paths[value.index].fields.empty())
      return false;
    const facts::StringId field = body.paths[value.index].fields.back().field;
    return answered(isContextField[field], [&] { return index.rules.calibration.isContextField(flat.text(field)); });
  }

  struct SymbolUse {
    std::uint32_t stamp = 0;
    std::uint32_t kinds = 0; ///< bit i: NumberUse::Kind i
  };
  UnitBodies &result;
  const FlatUnit &flat;
  const wire::Unit &unit;
  const LinkIndex &index;
  facts::FlatPlaces next;             ///< of the function at hand
  std::uint32_t stamp = 0;            ///< number of the function at hand, from 1
  std::vector<std::uint32_t> textUse; ///< by StringId: the last function that uses it
  std::vector<SymbolUse> symbolUse;
  std::vector<std::uint32_t> bitUse; ///< by UnitBodies::bits from 1
  IdMap<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> bitIds;
  std::vector<Answer> isContextField, isCovering, isAsked; ///< by StringId
};

UnitBodies::UnitBodies(const FlatUnit &unit, const LinkIndex &index, llvm::function_ref<bool(std::size_t)> isWanted)
    : functions(unit.functions().size()), bits(1) {
  std::vector<bool> wanted(unit.functions().size());
  for (std::size_t i = 0; i < wanted.size(); ++i)
    wanted[i] = isWanted(i);
  BodyMaker maker(*this, unit, index);
  maker.reserveFor(wanted);
  [[maybe_unused]] const void *before = events.data();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i])
      maker.make(i);
    maker.end(i);
  }
  assert(before == events.data() && "slices have moved");
}

void UnitBodies::setNumbers(const UnitNumbers &numbers, llvm::ArrayRef<std::uint32_t> bitNumbers) {
  auto renumber = [&](Operand &operand) {
    operand.bits = bitNumbers[operand.bits];
    if (operand.valueKind() == ValueKind::Function)
      operand.index = numbers.functions[operand.index];
    else if (operand.valueKind() == ValueKind::ContextTest)
      operand.index = numbers.names[operand.index];
  };
  for (NameId &name : names)
    name = numbers.names[name];
  for (FieldKey &field : fields)
    field = {numbers.names[field.record], numbers.names[field.field]};
  for (Path &path : paths) {
    if (path.root == facts::RootKind::Global)
      path.index = numbers.globals[path.index];
    path.rootRecord = numbers.names[path.rootRecord];
    path.text = numbers.names[path.text];
  }
  for (BodyEvent &event : events) {
    event.place.file = numbers.names[event.place.file];
    event.macro = numbers.names[event.macro];
    if (isDirect(event.kind, event.call))
      event.index = numbers.functions[event.index];
    renumber(event.value);
  }
  for (Operand &argument : arguments)
    renumber(argument);
  for (EdgeGuard &guard : guards)
    renumber(guard.value);
  for (EdgeAssignment &assign : assigns)
    renumber(assign.value);
  std::vector<MadeFunction>().swap(functions);
  std::vector<NumberUse>().swap(uses);
  std::vector<std::uint32_t>().swap(usedBits);
  std::vector<MaskBits>().swap(bits);
}

} // namespace bhlint
