#include "analysis/program/unit_bodies.h"
#include "analysis/program/program_tables.h"

#include <algorithm>
#include <cassert>

namespace bhlint {

using facts::EventKind;
using facts::UnitFacts;
using facts::ValueKind;

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
  BodyMaker(UnitBodies &result, const UnitFacts &unit, const LinkIndex &index)
      : result(result), unit(unit), index(index), textUse(unit.strings.size()), symbolUse(unit.symbols.size()),
        isContextField(unit.strings.size(), Unknown), isCovering(unit.strings.size(), Unknown) {}

  /// Slices must not move: all that will be needed is there from the beginning.
  void reserveFor(const std::vector<bool> &wanted) {
    std::size_t names = 0, fields = 0, paths = 0, events = 0, arguments = 0, blocks = 0, edges = 0, guards = 0,
                assigns = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!wanted[i])
        continue;
      const facts::FunctionFacts &function = unit.functions[i];
      names += function.parameters.size() + function.parameterRecords.size();
      paths += function.paths.size();
      for (const facts::AccessPath &path : function.paths)
        fields += path.fields.size();
      events += function.events.size();
      for (const facts::Event &event : function.events)
        arguments += countOf(event);
      blocks += function.blocks.size();
      for (const facts::Block &block : function.blocks) {
        edges += block.edges.size();
        for (const facts::Edge &edge : block.edges) {
          guards += edge.guards.size();
          assigns += edge.assigns.size();
        }
      }
    }
    result.names.reserve(names);
    result.fields.reserve(fields);
    result.paths.reserve(paths);
    result.events.reserve(events);
    result.arguments.reserve(arguments);
    result.blocks.reserve(blocks);
    result.edges.reserve(edges);
    result.guards.reserve(guards);
    result.assigns.reserve(assigns);
  }

  void make(std::size_t number) {
    const facts::FunctionFacts &function = unit.functions[number];
    stamp = static_cast<std::uint32_t>(number) + 1;
    Body &body = result.functions[number].body;
    body.parameters = texts(function.parameters);
    body.parameterRecords = texts(function.parameterRecords);
    body.localCount = static_cast<std::uint32_t>(function.locals.size());
    body.paths = paths(function);
    const std::size_t firstArgument = result.arguments.size(), firstEvent = result.events.size();
    for (const facts::Event &event : function.events)
      addEvent(event, firstArgument);
    body.blocks = blocks(function);
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

  static std::size_t countOf(const facts::Event &event) { return std::min<std::size_t>(event.arguments.size(), 255); }

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

  Operand operand(const facts::Value &value) {
    Operand made;
    made.kind = static_cast<std::uint32_t>(value.kind);
    made.isNegated = value.isNegated;
    made.bits = value.kind == ValueKind::Constant ? bits(0, value.bits) : bits(value.mask, value.bits);
    switch (value.kind) {
    case ValueKind::Function:
      made.index = symbol(NumberUse::Address, value.index);
      break;
    case ValueKind::ContextTest:
      made.index = text(value.index);
      break;
    default:
      made.index = value.index;
    }
    return made;
  }

  llvm::ArrayRef<NameId> texts(const std::vector<facts::StringId> &ids) {
    const std::size_t begin = result.names.size();
    for (facts::StringId id : ids)
      result.names.push_back(text(id));
    return since(result.names, begin);
  }

  llvm::ArrayRef<Path> paths(const facts::FunctionFacts &function) {
    const std::size_t begin = result.paths.size();
    for (const facts::AccessPath &path : function.paths) {
      Path made;
      made.root = path.root;
      made.index = path.root == facts::RootKind::Global ? symbol(NumberUse::Global, path.index) : path.index;
      made.rootRecord = text(path.rootRecord);
      made.text = text(path.text);
      const std::size_t firstField = result.fields.size();
      for (const facts::FieldStep &step : path.fields) {
        text(step.record);
        text(step.field);
        result.fields.push_back({step.record, step.field});
      }
      made.fields = since(result.fields, firstField);
      result.paths.push_back(made);
    }
    return since(result.paths, begin);
  }

  void addEvent(const facts::Event &event, std::size_t firstArgument) {
    BodyEvent made;
    made.kind = event.kind;
    made.call = event.call;
    made.place = {text(event.location.file), event.location.line, event.location.column};
    made.macro = text(event.macro);
    made.expansion = event.expansion;
    made.value = operand(event.value);
    const bool isCall = isDirect(event.kind, event.call);
    made.index = isCall ? symbol(NumberUse::Callee, event.index) : event.index;
    noteAsked(event.macro);
    if (isCall)
      noteAsked(unit.symbols[event.index].name);
    made.firstArgument = static_cast<std::uint32_t>(result.arguments.size() - firstArgument);
    made.argumentCount = static_cast<std::uint8_t>(countOf(event));
    for (std::size_t i = 0; i < made.argumentCount; ++i)
      result.arguments.push_back(operand(event.arguments[i]));
    result.events.push_back(made);
  }

  void noteAsked(facts::StringId name) {
    if (name != 0 && index.isAsked(unit.text(name)))
      result.askedCalls.push_back(name);
  }

  llvm::ArrayRef<BodyBlock> blocks(const facts::FunctionFacts &function) {
    const std::size_t begin = result.blocks.size();
    for (const facts::Block &block : function.blocks) {
      const std::size_t firstEdge = result.edges.size();
      for (const facts::Edge &edge : block.edges)
        addEdge(edge);
      result.blocks.push_back({block.firstEvent, block.eventCount, since(result.edges, firstEdge)});
    }
    return since(result.blocks, begin);
  }

  void addEdge(const facts::Edge &edge) {
    const std::size_t firstGuard = result.guards.size(), firstAssign = result.assigns.size();
    for (const facts::Guard &guard : edge.guards)
      result.guards.push_back({operand(guard.value), guard.relation, guard.operand});
    for (const facts::EdgeAssign &assign : edge.assigns)
      result.assigns.push_back({assign.local, operand(assign.value)});
    result.edges.push_back({edge.to, since(result.guards, firstGuard), since(result.assigns, firstAssign)});
  }

  /// A macro event carries its own name in `macro`, so an outer one with a contract covers inner ones.
  void markCovered(llvm::MutableArrayRef<BodyEvent> events) {
    for (BodyEvent &event : events)
      for (std::uint32_t level = event.expansion; level != noId && !event.isCovered; level = events[level].expansion)
        event.isCovered = saysAll(events[level].macro);
  }

  bool saysAll(facts::StringId macro) {
    Answer &answer = isCovering[macro];
    if (answer == Unknown)
      answer = index.saysAll(unit.text(macro)) ? Yes : No;
    return answer == Yes;
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
    Answer &answer = isContextField[field];
    if (answer == Unknown)
      answer = index.rules.calibration.isContextField(unit.text(field)) ? Yes : No;
    return answer == Yes;
  }

  struct SymbolUse {
    std::uint32_t stamp = 0;
    std::uint32_t kinds = 0; ///< bit i: NumberUse::Kind i
  };
  UnitBodies &result;
  const UnitFacts &unit;
  const LinkIndex &index;
  std::uint32_t stamp = 0;            ///< number of the function at hand, from 1
  std::vector<std::uint32_t> textUse; ///< by StringId: the last function that uses it
  std::vector<SymbolUse> symbolUse;
  std::vector<std::uint32_t> bitUse; ///< by UnitBodies::bits from 1
  IdMap<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> bitIds;
  std::vector<Answer> isContextField, isCovering; ///< by StringId
};

UnitBodies::UnitBodies(const UnitFacts &unit, const LinkIndex &index,
                       llvm::function_ref<bool(std::size_t)> isWanted)
    : functions(unit.functions.size()), bits(1) {
  std::vector<bool> wanted(unit.functions.size());
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
