#include "analysis/facts/random_facts.h"

#include <algorithm>
#include <random>

namespace bhlint::facts {

namespace {

class RandomUnit {
public:
  explicit RandomUnit(std::uint64_t seed) : random(seed) {}

  UnitFacts make(std::uint32_t functionCount);

private:
  // The standard's distributions may differ between libraries; its engine may not.
  std::uint32_t below(std::uint32_t limit) { return limit ? static_cast<std::uint32_t>(random() % limit) : 0; }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <class Enum> Enum any(Enum last) { return static_cast<Enum>(below(static_cast<std::uint32_t>(last) + 1)); }

  std::string word();
  StringId string() { return below(static_cast<std::uint32_t>(unit.strings.size())); }
  SymbolIndex symbol() { return below(static_cast<std::uint32_t>(unit.symbols.size())); }
  Location location() { return {string(), below(100000), below(200)}; }
  std::uint64_t bits() { return chance(50) ? below(4096) : random(); }
  std::vector<StringId> stringList(std::uint32_t limit);
  std::vector<FieldStep> fields();
  Value value();
  ValueKind valueKind();
  std::uint32_t indexFor(ValueKind kind);
  AccessPath path();
  std::uint32_t indexFor(EventKind kind, CallKind call);
  Event event(EventIndex index);
  Edge edge();
  Block block();
  void addFunction();
  Initializer initializer();

  std::mt19937_64 random;
  UnitFacts unit;
  FunctionFacts function;
  std::uint32_t eventCount = 0; ///< of the function that is being made
  std::uint32_t blockCount = 0;
};

std::string RandomUnit::word() {
  std::string out;
  for (std::uint32_t length = 1 + below(24); length; --length)
    out += chance(98) ? static_cast<char>('a' + below(26)) : static_cast<char>(below(256));
  return out;
}

std::vector<StringId> RandomUnit::stringList(std::uint32_t limit) {
  std::vector<StringId> list(below(limit));
  std::generate(list.begin(), list.end(), [this] { return string(); });
  return list;
}

std::vector<FieldStep> RandomUnit::fields() {
  std::vector<FieldStep> steps(below(4));
  std::generate(steps.begin(), steps.end(), [this] { return FieldStep{string(), string()}; });
  return steps;
}

/// Only kinds for which there is something to refer to.
ValueKind RandomUnit::valueKind() {
  ValueKind kind = any(ValueKind::ContextTest);
  bool isLacking = (kind == ValueKind::Parameter && function.parameters.empty()) ||
                   (kind == ValueKind::Local && function.locals.empty()) ||
                   (kind == ValueKind::CallResult && eventCount == 0) ||
                   ((kind == ValueKind::Address || kind == ValueKind::Load) && function.paths.empty());
  return isLacking ? ValueKind::Opaque : kind;
}

std::uint32_t RandomUnit::indexFor(ValueKind kind) {
  switch (kind) {
  case ValueKind::Parameter:
    return below(static_cast<std::uint32_t>(function.parameters.size()));
  case ValueKind::Local:
    return below(static_cast<std::uint32_t>(function.locals.size()));
  case ValueKind::CallResult:
    return below(eventCount);
  case ValueKind::Function:
    return symbol();
  case ValueKind::Address:
  case ValueKind::Load:
    return below(static_cast<std::uint32_t>(function.paths.size()));
  case ValueKind::ContextTest:
    return string();
  case ValueKind::Opaque:
  case ValueKind::Constant:
    break;
  }
  return below(50);
}

Value RandomUnit::value() {
  Value value;
  value.kind = valueKind();
  value.isNegated = chance(20);
  value.index = indexFor(value.kind);
  value.mask = chance(70) ? ~0ull : bits();
  value.bits = chance(70) ? 0 : bits();
  return value;
}

AccessPath RandomUnit::path() {
  AccessPath path;
  path.root = any(RootKind::Unknown);
  if (path.root == RootKind::Parameter && function.parameters.empty())
    path.root = RootKind::Global;
  if ((path.root == RootKind::Local && function.locals.empty()) || (path.root == RootKind::CallResult && !eventCount))
    path.root = RootKind::Unknown;
  std::size_t limit = path.root == RootKind::Parameter ? function.parameters.size()
                      : path.root == RootKind::Local   ? function.locals.size()
                      : path.root == RootKind::Global  ? unit.symbols.size()
                                                       : eventCount;
  path.index = below(static_cast<std::uint32_t>(limit));
  path.rootRecord = string();
  path.fields = fields();
  path.text = string();
  return path;
}

std::uint32_t RandomUnit::indexFor(EventKind kind, CallKind call) {
  if (kind == EventKind::Assign)
    return indexFor(ValueKind::Local);
  if (kind == EventKind::Store || (kind == EventKind::Call && call == CallKind::Field))
    return indexFor(ValueKind::Address);
  return kind == EventKind::Call && call != CallKind::Value ? symbol() : below(50);
}

Event RandomUnit::event(EventIndex index) {
  Event event;
  event.kind = any(EventKind::Macro);
  event.call = any(CallKind::Cleanup);
  if ((event.kind == EventKind::Assign && function.locals.empty()) || function.paths.empty()) {
    event.kind = EventKind::Call;
    event.call = CallKind::Direct;
  }
  event.location = location();
  event.index = indexFor(event.kind, event.call);
  event.value = value();
  for (std::uint32_t n = event.kind == EventKind::Call ? below(5) : 0; n; --n)
    event.arguments.push_back(value());
  event.macro = string();
  if (EventIndex around = below(index); index && function.events[around].kind == EventKind::Macro)
    event.expansion = around;
  return event;
}

Edge RandomUnit::edge() {
  Edge edge;
  edge.to = below(blockCount);
  for (std::uint32_t n = below(3); n; --n)
    edge.guards.push_back({value(), any(Relation::NotEqual), bits()});
  for (std::uint32_t n = function.locals.empty() ? 0 : below(2); n; --n)
    edge.assigns.push_back({indexFor(ValueKind::Local), value()});
  return edge;
}

Block RandomUnit::block() {
  Block block;
  block.firstEvent = below(eventCount + 1);
  block.eventCount = below(std::min(eventCount - block.firstEvent, 4u) + 1);
  for (std::uint32_t n = below(4); n; --n)
    block.edges.push_back(edge());
  return block;
}

void RandomUnit::addFunction() {
  function = {};
  function.symbol = symbol();
  function.location = location();
  function.endLine = below(100000);
  function.parameters = stringList(6);
  for (std::size_t i = 0; i < function.parameters.size(); ++i)
    function.parameterRecords.push_back(string());
  function.locals = stringList(8);
  eventCount = below(30);
  blockCount = 1 + below(12);
  for (std::uint32_t n = below(8); n; --n)
    function.paths.push_back(path());
  for (EventIndex i = 0; i < eventCount; ++i)
    function.events.push_back(event(i));
  for (std::uint32_t n = blockCount; n; --n)
    function.blocks.push_back(block());
  function.isInit = chance(20);
  function.isExit = chance(20);
  function.isInHeader = chance(20);
  function.isInline = chance(20);
  function.isTruncated = chance(10);
  unit.functions.push_back(std::move(function));
}

Initializer RandomUnit::initializer() {
  static constexpr ValueKind kinds[] = {ValueKind::Opaque, ValueKind::Constant, ValueKind::Function,
                                        ValueKind::Address};
  Value value;
  value.kind = kinds[below(4)];
  value.index = value.kind == ValueKind::Function || value.kind == ValueKind::Address ? symbol() : below(9);
  value.bits = bits();
  return {symbol(), string(), fields(), value, location()};
}

UnitFacts RandomUnit::make(std::uint32_t functionCount) {
  for (std::uint32_t n = 8 + functionCount * 12; n; --n)
    unit.strings.push_back(word());
  unit.mainFile = string();
  unit.module = string();
  unit.isBuiltIn = chance(50);
  for (std::uint32_t n = 4 + functionCount * 4; n; --n)
    unit.symbols.push_back({string(), string(), chance(70), chance(5)});
  for (std::uint32_t n = functionCount; n; --n)
    addFunction();
  for (std::uint32_t n = below(functionCount + 2); n; --n)
    unit.initializers.push_back(initializer());
  for (std::uint32_t n = below(4); n; --n)
    unit.suppressions.push_back({location(), string()});
  return std::move(unit);
}

} // namespace

UnitFacts randomFacts(std::uint64_t seed, std::uint32_t functionCount) { return RandomUnit(seed).make(functionCount); }

} // namespace bhlint::facts
