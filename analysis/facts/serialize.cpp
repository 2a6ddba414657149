#include "analysis/facts/serialize.h"

#include "analysis/facts/flat_unit.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Hashing.h"

using namespace llvm;

// So that values can be keys while they are numbered.
template <> struct llvm::DenseMapInfo<bhlint::facts::Value> {
  using Value = bhlint::facts::Value;
  static Value marker(std::uint8_t kind) {
    Value value;
    value.kind = static_cast<bhlint::facts::ValueKind>(kind);
    return value;
  }
  static Value getEmptyKey() { return marker(0xff); }
  static Value getTombstoneKey() { return marker(0xfe); }
  static unsigned getHashValue(const Value &v) {
    return static_cast<unsigned>(hash_combine(static_cast<unsigned>(v.kind), v.isNegated, v.index, v.mask, v.bits));
  }
  static bool isEqual(const Value &a, const Value &b) { return a == b; }
};

namespace bhlint::facts {

namespace {

using Flag = FlatUnit;

std::uint32_t flagIf(bool condition, std::uint32_t flag) { return condition ? flag : 0; }

//===-------------------------------------------------------------------------------------------------- writing ---===//

class Writer {
public:
  std::string write(const UnitFacts &unit);

private:
  std::uint32_t valueId(const Value &value);
  static wire::Location place(const Location &l) { return {l.file, l.line, l.column}; }
  void addFields(const std::vector<FieldStep> &fields);
  void addFunction(const FunctionFacts &function);
  void addEvent(const Event &event);
  void addBlock(const Block &block);
  void addSymbols(const UnitFacts &unit);
  void addUnitLists(const UnitFacts &unit);
  std::string finish(const UnitFacts &unit);

  DenseMap<Value, std::uint32_t> valueIds;
  std::vector<wire::Value> values;
  std::vector<wire::Symbol> symbols;
  std::vector<wire::FieldStep> fieldSteps;
  std::vector<wire::Function> functions;
  std::vector<std::uint32_t> parameters, parameterRecords, locals, arguments;
  std::vector<wire::AccessPath> paths;
  std::vector<wire::Event> events;
  std::vector<wire::Block> blocks;
  std::vector<wire::Edge> edges;
  std::vector<wire::Guard> guards;
  std::vector<wire::EdgeAssign> assigns;
  std::vector<wire::Initializer> initializers;
  std::vector<wire::Suppression> suppressions;
};

template <class T> std::uint32_t count(const std::vector<T> &list) { return static_cast<std::uint32_t>(list.size()); }

template <class T> void append(std::vector<T> &to, const std::vector<T> &from) {
  to.insert(to.end(), from.begin(), from.end());
}

std::uint32_t Writer::valueId(const Value &value) {
  auto [it, isNew] = valueIds.try_emplace(value, count(values));
  if (isNew)
    values.emplace_back(value.mask, value.bits, value.index, static_cast<std::uint8_t>(value.kind), value.isNegated);
  return it->second;
}

void Writer::addFields(const std::vector<FieldStep> &fields) {
  for (const FieldStep &step : fields)
    fieldSteps.emplace_back(step.record, step.field);
}

void Writer::addEvent(const Event &event) {
  events.emplace_back(place(event.location), event.index, valueId(event.value), count(event.arguments), event.macro,
                      event.expansion, static_cast<std::uint8_t>(event.kind), static_cast<std::uint8_t>(event.call));
  for (const Value &argument : event.arguments)
    arguments.push_back(valueId(argument));
}

void Writer::addBlock(const Block &block) {
  blocks.emplace_back(block.firstEvent, block.eventCount, count(block.edges));
  for (const Edge &edge : block.edges) {
    edges.emplace_back(edge.to, count(edge.guards), count(edge.assigns));
    for (const Guard &guard : edge.guards)
      guards.emplace_back(guard.operand, valueId(guard.value), static_cast<std::uint8_t>(guard.relation));
    for (const EdgeAssign &assign : edge.assigns)
      assigns.emplace_back(assign.local, valueId(assign.value));
  }
}

void Writer::addFunction(const FunctionFacts &function) {
  std::uint32_t flags = flagIf(function.isInit, Flag::IsInit) | flagIf(function.isExit, Flag::IsExit) |
                        flagIf(function.isInHeader, Flag::IsInHeader) | flagIf(function.isInline, Flag::IsInline) |
                        flagIf(function.isTruncated, Flag::IsTruncated);
  functions.emplace_back(function.symbol, place(function.location), function.endLine, count(function.parameters),
                         count(function.parameterRecords), count(function.locals), count(function.paths),
                         count(function.events), count(function.blocks), flags);
  append(parameters, function.parameters);
  append(parameterRecords, function.parameterRecords);
  append(locals, function.locals);
  for (const AccessPath &path : function.paths) {
    paths.emplace_back(path.index, path.rootRecord, count(path.fields), path.text,
                       static_cast<std::uint8_t>(path.root));
    addFields(path.fields);
  }
  for (const Event &event : function.events)
    addEvent(event);
  for (const Block &block : function.blocks)
    addBlock(block);
}

void Writer::addSymbols(const UnitFacts &unit) {
  for (const Symbol &symbol : unit.symbols)
    symbols.emplace_back(symbol.name, symbol.file,
                         flagIf(symbol.isFunction, Flag::IsFunction) | flagIf(symbol.isNoReturn, Flag::IsNoReturn));
}

void Writer::addUnitLists(const UnitFacts &unit) {
  for (const Initializer &initializer : unit.initializers) {
    initializers.emplace_back(initializer.object, initializer.objectRecord, count(initializer.fields),
                              valueId(initializer.value), place(initializer.location));
    addFields(initializer.fields);
  }
  for (const Suppression &suppression : unit.suppressions)
    suppressions.emplace_back(place(suppression.location), suppression.text);
}

std::string Writer::finish(const UnitFacts &unit) {
  std::vector<std::uint32_t> stringEnds;
  std::vector<std::uint8_t> stringBytes;
  for (const std::string &text : unit.strings) {
    stringBytes.insert(stringBytes.end(), text.begin(), text.end());
    stringEnds.push_back(count(stringBytes));
  }
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  // Each vector must be complete before the table that refers to them is begun, hence the two steps.
  auto root = wire::CreateUnit(
      builder, formatVersion, unit.mainFile, unit.module, flagIf(unit.isBuiltIn, Flag::BuiltIn),
      builder.CreateVector(stringEnds), builder.CreateVector(stringBytes), builder.CreateVectorOfStructs(symbols),
      builder.CreateVectorOfStructs(values), builder.CreateVectorOfStructs(fieldSteps),
      builder.CreateVectorOfStructs(functions), builder.CreateVector(parameters),
      builder.CreateVector(parameterRecords), builder.CreateVector(locals), builder.CreateVectorOfStructs(paths),
      builder.CreateVectorOfStructs(events), builder.CreateVector(arguments), builder.CreateVectorOfStructs(blocks),
      builder.CreateVectorOfStructs(edges), builder.CreateVectorOfStructs(guards),
      builder.CreateVectorOfStructs(assigns), builder.CreateVectorOfStructs(initializers),
      builder.CreateVectorOfStructs(suppressions));
  wire::FinishUnitBuffer(builder, root);
  return std::string(reinterpret_cast<const char *>(builder.GetBufferPointer()), builder.GetSize());
}

std::string Writer::write(const UnitFacts &unit) {
  addSymbols(unit);
  for (const FunctionFacts &function : unit.functions)
    addFunction(function);
  addUnitLists(unit);
  return finish(unit);
}

//===-------------------------------------------------------------------------------------------------- reading ---===//

/// Makes the lists of UnitFacts; everything was checked.
class Reader {
public:
  explicit Reader(const FlatUnit &flat) : flat(flat), unit(flat.unit()) {}
  UnitFacts read();

private:
  template <class Out, class Vector, class Read>
  static void take(std::uint32_t count, const Vector *vector, std::uint32_t &next, std::vector<Out> &out, Read read) {
    out.reserve(count);
    for (const std::uint32_t end = next + count; next < end; ++next)
      out.push_back(read(vector->Get(next)));
  }
  static std::uint32_t number(std::uint32_t n) { return n; }
  AccessPath readPath(const wire::AccessPath &from);
  Event readEvent(const wire::Event &from);
  Edge readEdge(const wire::Edge &from);
  Block readBlock(const wire::Block &from);
  FunctionFacts readFunction(const FlatUnit::Function &from);

  const FlatUnit &flat;
  const wire::Unit &unit;
  FlatPlaces next; ///< of the function at hand
};

AccessPath Reader::readPath(const wire::AccessPath &from) {
  AccessPath path;
  path.root = static_cast<RootKind>(from.root());
  path.index = from.index();
  path.rootRecord = from.root_record();
  take(from.field_count(), unit.field_steps(), next.fieldSteps, path.fields,
       [](const wire::FieldStep *step) { return FieldStep{step->record(), step->field()}; });
  path.text = from.text();
  return path;
}

Event Reader::readEvent(const wire::Event &from) {
  Event event;
  event.kind = static_cast<EventKind>(from.kind());
  event.call = static_cast<CallKind>(from.call());
  event.location = FlatUnit::location(from.location());
  event.index = from.index();
  event.value = flat.value(from.value());
  take(from.argument_count(), unit.arguments(), next.arguments, event.arguments,
       [this](std::uint32_t id) { return flat.value(id); });
  event.macro = from.macro();
  event.expansion = from.expansion();
  return event;
}

Edge Reader::readEdge(const wire::Edge &from) {
  Edge edge;
  edge.to = from.to();
  take(from.guard_count(), unit.guards(), next.guards, edge.guards, [this](const wire::Guard *guard) {
    return Guard{flat.value(guard->value()), static_cast<Relation>(guard->relation()), guard->operand()};
  });
  take(from.assign_count(), unit.assigns(), next.assigns, edge.assigns,
       [this](const wire::EdgeAssign *assign) { return EdgeAssign{assign->local(), flat.value(assign->value())}; });
  return edge;
}

Block Reader::readBlock(const wire::Block &from) {
  Block block;
  block.firstEvent = from.first_event();
  block.eventCount = from.event_count();
  take(from.edge_count(), unit.edges(), next.edges, block.edges,
       [this](const wire::Edge *edge) { return readEdge(*edge); });
  return block;
}

FunctionFacts Reader::readFunction(const FlatUnit::Function &flatFunction) {
  const wire::Function &from = *flatFunction.head;
  next = flatFunction.begin;
  FunctionFacts function;
  function.symbol = from.symbol();
  function.location = FlatUnit::location(from.location());
  function.endLine = from.end_line();
  take(from.parameter_count(), unit.parameters(), next.parameters, function.parameters, number);
  take(from.parameter_record_count(), unit.parameter_records(), next.parameterRecords, function.parameterRecords,
       number);
  take(from.local_count(), unit.locals(), next.locals, function.locals, number);
  take(from.path_count(), unit.paths(), next.paths, function.paths,
       [this](const wire::AccessPath *path) { return readPath(*path); });
  take(from.event_count(), unit.events(), next.events, function.events,
       [this](const wire::Event *event) { return readEvent(*event); });
  take(from.block_count(), unit.blocks(), next.blocks, function.blocks,
       [this](const wire::Block *block) { return readBlock(*block); });
  function.isInit = from.flags() & Flag::IsInit;
  function.isExit = from.flags() & Flag::IsExit;
  function.isInHeader = from.flags() & Flag::IsInHeader;
  function.isInline = from.flags() & Flag::IsInline;
  function.isTruncated = from.flags() & Flag::IsTruncated;
  return function;
}

UnitFacts Reader::read() {
  UnitFacts out;
  out.strings.clear();
  for (StringRef text : flat.strings())
    out.strings.push_back(text.str());
  out.mainFile = unit.main_file();
  out.module = unit.module_name();
  out.isBuiltIn = unit.flags() & Flag::BuiltIn;
  for (SymbolIndex i = 0; i < unit.symbols()->size(); ++i)
    out.symbols.push_back(flat.symbol(i));
  for (const FlatUnit::Function &function : flat.functions())
    out.functions.push_back(readFunction(function));
  out.initializers = flat.initializers();
  out.suppressions = flat.suppressions();
  return out;
}

} // namespace

std::string serialize(const UnitFacts &unit) { return Writer().write(unit); }

Expected<UnitFacts> deserialize(StringRef bytes) {
  Expected<std::unique_ptr<const FlatUnit>> flat = FlatUnit::open(bytes.str());
  if (!flat)
    return flat.takeError();
  return Reader(**flat).read();
}

} // namespace bhlint::facts
