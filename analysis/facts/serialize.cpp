#include "analysis/facts/serialize.h"

#include "analysis/facts/facts_generated.h"
#include "analysis/facts/validate.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Hashing.h"

#include <cstring>
#include <memory>

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

enum UnitFlag : std::uint32_t { BuiltIn = 1 };
enum SymbolFlag : std::uint32_t { IsFunction = 1, IsNoReturn = 2 };
enum FunctionFlag : std::uint32_t { IsInit = 1, IsExit = 2, IsInHeader = 4, IsInline = 8, IsTruncated = 16 };

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
  std::uint32_t flags = flagIf(function.isInit, IsInit) | flagIf(function.isExit, IsExit) |
                        flagIf(function.isInHeader, IsInHeader) | flagIf(function.isInline, IsInline) |
                        flagIf(function.isTruncated, IsTruncated);
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
                         flagIf(symbol.isFunction, IsFunction) | flagIf(symbol.isNoReturn, IsNoReturn));
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
  auto root = wire::CreateUnit(builder, formatVersion, unit.mainFile, unit.module, flagIf(unit.isBuiltIn, BuiltIn),
                               builder.CreateVector(stringEnds), builder.CreateVector(stringBytes),
                               builder.CreateVectorOfStructs(symbols), builder.CreateVectorOfStructs(values),
                               builder.CreateVectorOfStructs(fieldSteps), builder.CreateVectorOfStructs(functions),
                               builder.CreateVector(parameters), builder.CreateVector(parameterRecords),
                               builder.CreateVector(locals), builder.CreateVectorOfStructs(paths),
                               builder.CreateVectorOfStructs(events), builder.CreateVector(arguments),
                               builder.CreateVectorOfStructs(blocks), builder.CreateVectorOfStructs(edges),
                               builder.CreateVectorOfStructs(guards), builder.CreateVectorOfStructs(assigns),
                               builder.CreateVectorOfStructs(initializers),
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

/// Hands out the elements of a vector in order: the next `n` belong to whoever asks. A count that asks for more than is
/// left makes it `isBroken` and yields nothing, so counts from the file never drive an allocation or a loop by
/// themselves. FlatBuffers' verifier does not see to the alignment of structs in vectors, hence the check here.
template <class Vector, std::size_t alignment> class Sequence {
public:
  explicit Sequence(const Vector *vector)
      : vector(vector), // the library does not align an empty vector
        isBroken(vector->size() != 0 && reinterpret_cast<std::uintptr_t>(vector->Data()) % alignment != 0) {}

  template <class Out, class Read> void take(std::uint32_t n, std::vector<Out> &out, Read read) {
    if (isBroken || n > vector->size() - next) {
      isBroken = true;
      return;
    }
    out.reserve(n);
    for (std::uint32_t end = next + n; next < end; ++next)
      out.push_back(read((*vector)[next]));
  }

  template <class Out, class Read> void takeAll(std::vector<Out> &out, Read read) {
    take(vector->size() - next, out, read);
  }

  /// Everything was handed out, and nobody asked for more.
  bool isExhausted() const { return !isBroken && next == vector->size(); }

private:
  const Vector *vector;
  std::uint32_t next = 0;
  bool isBroken;
};

template <class Wire> using Structs = Sequence<flatbuffers::Vector<const Wire *>, alignof(Wire)>;
using Numbers = Sequence<flatbuffers::Vector<std::uint32_t>, alignof(std::uint32_t)>;

/// Copies a verified buffer. Enumerators and value numbers that are out of range are remembered in `isBroken` and read
/// as the first one; indices are left to `validate`.
class Reader {
public:
  explicit Reader(const wire::Unit &unit)
      : unit(unit), values(unit.values()), symbols(unit.symbols()), fieldSteps(unit.field_steps()),
        functions(unit.functions()), parameters(unit.parameters()), parameterRecords(unit.parameter_records()),
        locals(unit.locals()), paths(unit.paths()), events(unit.events()), arguments(unit.arguments()),
        blocks(unit.blocks()), edges(unit.edges()), guards(unit.guards()), assigns(unit.assigns()),
        initializers(unit.initializers()), suppressions(unit.suppressions()) {}

  /// False: counts, enumerators or strings don't fit together, and `out` is of no use.
  bool read(UnitFacts &out);

private:
  template <class Enum> Enum enumerator(std::uint8_t number, Enum last) {
    if (number <= static_cast<std::uint8_t>(last))
      return static_cast<Enum>(number);
    isBroken = true;
    return Enum();
  }
  static Location place(const wire::Location &l) { return {l.file(), l.line(), l.column()}; }
  static std::uint32_t number(std::uint32_t n) { return n; }
  Value value(std::uint32_t id);
  Value readValue(const wire::Value &from);
  void readStrings(std::vector<std::string> &out);
  void readFields(std::uint32_t n, std::vector<FieldStep> &out);
  void readUnitLists(UnitFacts &out);
  bool isComplete() const;
  AccessPath readPath(const wire::AccessPath &from);
  Event readEvent(const wire::Event &from);
  Edge readEdge(const wire::Edge &from);
  Block readBlock(const wire::Block &from);
  FunctionFacts readFunction(const wire::Function &from);
  Initializer readInitializer(const wire::Initializer &from);

  const wire::Unit &unit;
  Structs<wire::Value> values;
  Structs<wire::Symbol> symbols;
  Structs<wire::FieldStep> fieldSteps;
  Structs<wire::Function> functions;
  Numbers parameters, parameterRecords, locals;
  Structs<wire::AccessPath> paths;
  Structs<wire::Event> events;
  Numbers arguments;
  Structs<wire::Block> blocks;
  Structs<wire::Edge> edges;
  Structs<wire::Guard> guards;
  Structs<wire::EdgeAssign> assigns;
  Structs<wire::Initializer> initializers;
  Structs<wire::Suppression> suppressions;
  std::vector<Value> valuesById;
  bool isBroken = false;
};

Value Reader::value(std::uint32_t id) {
  if (id < valuesById.size())
    return valuesById[id];
  isBroken = true;
  return {};
}

Value Reader::readValue(const wire::Value &from) {
  Value value;
  value.kind = enumerator(from.kind(), ValueKind::ContextTest);
  value.isNegated = from.is_negated();
  value.index = from.index();
  value.mask = from.mask();
  value.bits = from.bits();
  return value;
}

void Reader::readStrings(std::vector<std::string> &out) {
  const char *bytes = reinterpret_cast<const char *>(unit.string_bytes()->data());
  std::uint32_t begin = 0, size = unit.string_bytes()->size();
  out.clear();
  out.reserve(unit.string_ends()->size());
  for (std::uint32_t end : *unit.string_ends()) {
    if (end < begin || end > size) {
      isBroken = true;
      return;
    }
    out.emplace_back(bytes + begin, end - begin);
    begin = end;
  }
  isBroken |= begin != size;
}

void Reader::readFields(std::uint32_t n, std::vector<FieldStep> &out) {
  fieldSteps.take(n, out, [](const wire::FieldStep *step) { return FieldStep{step->record(), step->field()}; });
}

AccessPath Reader::readPath(const wire::AccessPath &from) {
  AccessPath path;
  path.root = enumerator(from.root(), RootKind::Unknown);
  path.index = from.index();
  path.rootRecord = from.root_record();
  readFields(from.field_count(), path.fields);
  path.text = from.text();
  return path;
}

Event Reader::readEvent(const wire::Event &from) {
  Event event;
  event.kind = enumerator(from.kind(), EventKind::Macro);
  event.call = enumerator(from.call(), CallKind::Cleanup);
  event.location = place(from.location());
  event.index = from.index();
  event.value = value(from.value());
  arguments.take(from.argument_count(), event.arguments, [this](std::uint32_t id) { return value(id); });
  event.macro = from.macro();
  event.expansion = from.expansion();
  return event;
}

Edge Reader::readEdge(const wire::Edge &from) {
  Edge edge;
  edge.to = from.to();
  guards.take(from.guard_count(), edge.guards, [this](const wire::Guard *guard) {
    return Guard{value(guard->value()), enumerator(guard->relation(), Relation::NotEqual), guard->operand()};
  });
  assigns.take(from.assign_count(), edge.assigns, [this](const wire::EdgeAssign *assign) {
    return EdgeAssign{assign->local(), value(assign->value())};
  });
  return edge;
}

Block Reader::readBlock(const wire::Block &from) {
  Block block;
  block.firstEvent = from.first_event();
  block.eventCount = from.event_count();
  edges.take(from.edge_count(), block.edges, [this](const wire::Edge *edge) { return readEdge(*edge); });
  return block;
}

FunctionFacts Reader::readFunction(const wire::Function &from) {
  FunctionFacts function;
  function.symbol = from.symbol();
  function.location = place(from.location());
  function.endLine = from.end_line();
  parameters.take(from.parameter_count(), function.parameters, number);
  parameterRecords.take(from.parameter_record_count(), function.parameterRecords, number);
  locals.take(from.local_count(), function.locals, number);
  paths.take(from.path_count(), function.paths, [this](const wire::AccessPath *path) { return readPath(*path); });
  events.take(from.event_count(), function.events, [this](const wire::Event *event) { return readEvent(*event); });
  blocks.take(from.block_count(), function.blocks, [this](const wire::Block *block) { return readBlock(*block); });
  function.isInit = from.flags() & IsInit;
  function.isExit = from.flags() & IsExit;
  function.isInHeader = from.flags() & IsInHeader;
  function.isInline = from.flags() & IsInline;
  function.isTruncated = from.flags() & IsTruncated;
  return function;
}

Initializer Reader::readInitializer(const wire::Initializer &from) {
  Initializer initializer;
  initializer.object = from.object();
  initializer.objectRecord = from.object_record();
  readFields(from.field_count(), initializer.fields);
  initializer.value = value(from.value());
  initializer.location = place(from.location());
  return initializer;
}

void Reader::readUnitLists(UnitFacts &out) {
  symbols.takeAll(out.symbols, [](const wire::Symbol *symbol) {
    return Symbol{symbol->name(), symbol->file(), (symbol->flags() & IsFunction) != 0,
                  (symbol->flags() & IsNoReturn) != 0};
  });
  functions.takeAll(out.functions, [this](const wire::Function *function) { return readFunction(*function); });
  initializers.takeAll(out.initializers, [this](const wire::Initializer *from) { return readInitializer(*from); });
  suppressions.takeAll(out.suppressions, [](const wire::Suppression *suppression) {
    return Suppression{place(suppression->location()), suppression->text()};
  });
}

bool Reader::isComplete() const {
  return !isBroken && values.isExhausted() && symbols.isExhausted() && fieldSteps.isExhausted() &&
         functions.isExhausted() && parameters.isExhausted() && parameterRecords.isExhausted() &&
         locals.isExhausted() && paths.isExhausted() && events.isExhausted() && arguments.isExhausted() &&
         blocks.isExhausted() && edges.isExhausted() && guards.isExhausted() && assigns.isExhausted() &&
         initializers.isExhausted() && suppressions.isExhausted();
}

bool Reader::read(UnitFacts &out) {
  values.takeAll(valuesById, [this](const wire::Value *from) { return readValue(*from); });
  readStrings(out.strings);
  out.mainFile = unit.main_file();
  out.module = unit.module_name();
  out.isBuiltIn = unit.flags() & BuiltIn;
  readUnitLists(out);
  return isComplete();
}

/// FlatBuffers reads 8-byte numbers in place, so the buffer must lie on an 8-byte boundary; a piece of a file that was
/// mapped or read behind a header need not.
class AlignedBytes {
public:
  explicit AlignedBytes(StringRef bytes) : data(bytes.data()) {
    if (reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) == 0)
      return;
    copy.reset(new std::uint64_t[bytes.size() / sizeof(std::uint64_t) + 1]);
    std::memcpy(copy.get(), bytes.data(), bytes.size());
    data = reinterpret_cast<const char *>(copy.get());
  }
  const std::uint8_t *get() const { return reinterpret_cast<const std::uint8_t *>(data); }

private:
  const char *data;
  std::unique_ptr<std::uint64_t[]> copy;
};

} // namespace

std::string serialize(const UnitFacts &unit) { return Writer().write(unit); }

Expected<UnitFacts> deserialize(StringRef bytes) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return createStringError("these are not facts: larger than 2 GiB");
  AlignedBytes aligned(bytes);
  flatbuffers::Verifier anyVersion(aligned.get(), bytes.size());
  if (!anyVersion.VerifyBuffer<wire::AnyVersion>(wire::UnitIdentifier()))
    return createStringError("these are not facts, or they are damaged");
  auto version = flatbuffers::GetRoot<wire::AnyVersion>(aligned.get())->version();
  if (version != formatVersion)
    return createStringError("the facts are of format " + Twine(version) + ", this program reads format " +
                             Twine(formatVersion));
  flatbuffers::Verifier verifier(aligned.get(), bytes.size());
  if (!wire::VerifyUnitBuffer(verifier))
    return createStringError("the facts are damaged: they end too early or point outside of themselves");
  UnitFacts out;
  if (!Reader(*wire::GetUnit(aligned.get())).read(out))
    return createStringError("the facts are damaged: their parts do not fit together");
  if (Error error = validate(out))
    return createStringError("the facts are damaged: " + toString(std::move(error)));
  return out;
}

} // namespace bhlint::facts
