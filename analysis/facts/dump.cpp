#include "analysis/facts/dump.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <tuple>

using namespace llvm;

namespace bhlint::facts {

namespace {

std::string bad(std::uint64_t index) { return ("<bad " + Twine(index) + ">").str(); }

/// Text from the code under analysis: no line of it may look like a line of ours.
std::string clean(StringRef text) {
  std::string out;
  raw_string_ostream stream(out);
  printEscapedString(text, stream);
  return out;
}

std::string quoted(const std::string &cleaned) { return "\"" + cleaned + "\""; }

std::string hex(std::uint64_t number) { return number < 10 ? utostr(number) : "0x" + utohexstr(number, true); }

/// Names for what belongs to the unit.
class UnitText {
public:
  explicit UnitText(const UnitFacts &unit) : unit(unit) {}

  std::string string(StringId id) const { return id < unit.strings.size() ? clean(unit.strings[id]) : bad(id); }

  /// `name`, or `name@file` for internal linkage.
  std::string symbol(SymbolIndex index) const {
    if (index >= unit.symbols.size())
      return bad(index);
    const Symbol &symbol = unit.symbols[index];
    return string(symbol.name) + (symbol.file ? "@" + string(symbol.file) : "");
  }

  std::string place(const Location &location) const {
    return string(location.file) + ":" + utostr(location.line) + ":" + utostr(location.column);
  }

  std::string fields(const std::vector<FieldStep> &steps) const {
    std::string out;
    for (const FieldStep &step : steps)
      out += "->" + string(step.record) + "." + string(step.field);
    return out;
  }

private:
  const UnitFacts &unit;
};

/// Names for what belongs to one function, and its lines.
class FunctionText {
public:
  FunctionText(const UnitFacts &unit, const FunctionFacts &function)
      : text(unit), symbols(unit.symbols), function(function) {}

  std::string lines() const;

private:
  static std::string numbered(char letter, std::uint32_t index, std::size_t size) {
    return index < size ? letter + utostr(index) : bad(index);
  }
  std::string parameter(std::uint32_t index) const { return numbered('p', index, function.parameters.size()); }
  std::string local(std::uint32_t index) const { return numbered('l', index, function.locals.size()); }
  std::string eventName(EventIndex index) const { return numbered('e', index, function.events.size()); }

  std::string root(const AccessPath &path) const;
  std::string path(PathIndex index) const;
  std::string value(const Value &value) const;
  std::string unmasked(const Value &value) const;
  std::string guard(const Guard &guard) const;
  std::string callee(const Event &event) const;
  std::string action(const Event &event) const;
  std::string heading() const;
  std::string flags() const;
  std::string names() const;
  std::string event(EventIndex index) const;
  std::string edge(const Edge &edge) const;
  std::string block(BlockIndex index) const;

  UnitText text;
  const std::vector<Symbol> &symbols;
  const FunctionFacts &function;
};

std::string FunctionText::root(const AccessPath &path) const {
  switch (path.root) {
  case RootKind::Parameter:
    return parameter(path.index);
  case RootKind::Local:
    return local(path.index);
  case RootKind::Global:
    return text.symbol(path.index);
  case RootKind::CallResult:
    return eventName(path.index);
  case RootKind::Unknown:
    return "?" + (path.rootRecord ? "(" + text.string(path.rootRecord) + ")" : std::string());
  }
  return bad(static_cast<unsigned>(path.root));
}

std::string FunctionText::path(PathIndex index) const {
  if (index >= function.paths.size())
    return bad(index);
  return root(function.paths[index]) + text.fields(function.paths[index].fields);
}

/// The value before mask and bits.
std::string FunctionText::unmasked(const Value &value) const {
  switch (value.kind) {
  case ValueKind::Opaque:
    return "?" + (value.index ? utostr(value.index) : std::string());
  case ValueKind::Constant:
    return hex(value.bits);
  case ValueKind::Parameter:
    return parameter(value.index);
  case ValueKind::Local:
    return local(value.index);
  case ValueKind::CallResult:
    return eventName(value.index);
  case ValueKind::Function:
    return "&" + text.symbol(value.index);
  case ValueKind::Address:
    return "&" + path(value.index);
  case ValueKind::Load:
    return path(value.index);
  case ValueKind::ContextTest:
    return text.string(value.index) + "()";
  }
  return bad(static_cast<unsigned>(value.kind));
}

std::string FunctionText::value(const Value &value) const {
  std::string out = unmasked(value);
  if (value.mask != ~0ull)
    out = "(" + out + " & " + hex(value.mask) + ")";
  if (value.bits && value.kind != ValueKind::Constant)
    out = "(" + out + " | " + hex(value.bits) + ")";
  if (value.isNegated)
    out = "!" + out;
  return out;
}

std::string FunctionText::guard(const Guard &guard) const {
  std::string tested = value(guard.value);
  std::string masked = guard.operand == ~0ull ? tested : tested + " & " + hex(guard.operand);
  switch (guard.relation) {
  case Relation::AnyBit:
    return masked;
  case Relation::NoBit:
    return "!(" + masked + ")";
  case Relation::Equal:
    return tested + " == " + hex(guard.operand);
  case Relation::NotEqual:
    return tested + " != " + hex(guard.operand);
  }
  return bad(static_cast<unsigned>(guard.relation));
}

std::string FunctionText::callee(const Event &event) const {
  switch (event.call) {
  case CallKind::Direct:
    return "call " + text.symbol(event.index);
  case CallKind::Field:
    return "call through " + path(event.index);
  case CallKind::Value:
    return "call through " + value(event.value);
  case CallKind::Cleanup:
    return "cleanup " + text.symbol(event.index);
  }
  return bad(static_cast<unsigned>(event.call));
}

std::string FunctionText::action(const Event &event) const {
  switch (event.kind) {
  case EventKind::Call:
    return callee(event) + "(" +
           join(map_range(event.arguments, [this](const Value &argument) { return value(argument); }), ", ") + ")";
  case EventKind::Assign:
    return local(event.index) + " := " + value(event.value);
  case EventKind::Store:
    return path(event.index) + " := " + value(event.value);
  case EventKind::Return:
    return "return " + value(event.value);
  case EventKind::Macro:
    return "macro";
  }
  return bad(static_cast<unsigned>(event.kind));
}

std::string FunctionText::event(EventIndex index) const {
  if (index >= function.events.size())
    return "    " + bad(index) + "\n";
  const Event &event = function.events[index];
  std::string out = "    e" + utostr(index) + " ";
  // Nearly everything stands in the function's own file.
  if (event.location.file != function.location.file)
    out += text.string(event.location.file) + ":";
  out += utostr(event.location.line) + ":" + utostr(event.location.column) + " " + action(event);
  if (event.macro)
    out += event.kind == EventKind::Macro ? " " + text.string(event.macro) : " via " + text.string(event.macro);
  if (event.expansion != none)
    out += " in " + eventName(event.expansion);
  return out + "\n";
}

std::string FunctionText::edge(const Edge &edge) const {
  std::string out = "    -> " + (edge.to < function.blocks.size() ? utostr(edge.to) : bad(edge.to));
  if (!edge.guards.empty())
    out += " if " + join(map_range(edge.guards, [this](const Guard &g) { return guard(g); }), " && ");
  for (const EdgeAssign &assign : edge.assigns)
    out += "; " + local(assign.local) + " := " + value(assign.value);
  return out + "\n";
}

std::string FunctionText::block(BlockIndex index) const {
  const Block &block = function.blocks[index];
  std::string out = "  block " + utostr(index) + "\n";
  std::uint64_t end = std::uint64_t(block.firstEvent) + block.eventCount;
  if (end > function.events.size())
    return out + "    events " + utostr(block.firstEvent) + " and " + utostr(block.eventCount) + " more " + bad(end) +
           "\n";
  for (EventIndex i = block.firstEvent; i < end; ++i)
    out += event(i);
  for (const Edge &e : block.edges)
    out += edge(e);
  return out;
}

std::string FunctionText::flags() const {
  std::string out;
  if (function.symbol < symbols.size() && symbols[function.symbol].isNoReturn)
    out += " noreturn";
  if (function.isInline)
    out += " inline";
  if (function.isInHeader)
    out += " header";
  if (function.isInit)
    out += " init";
  if (function.isExit)
    out += " exit";
  if (function.isTruncated)
    out += " truncated";
  return out;
}

std::string FunctionText::names() const {
  std::string out;
  for (std::uint32_t i = 0; i < function.parameters.size(); ++i) {
    out += "  p" + utostr(i) + (function.parameters[i] ? " " + text.string(function.parameters[i]) : "");
    if (i < function.parameterRecords.size() && function.parameterRecords[i])
      out += ": " + text.string(function.parameterRecords[i]);
    out += "\n";
  }
  for (std::uint32_t i = 0; i < function.locals.size(); ++i)
    out += "  l" + utostr(i) + (function.locals[i] ? " " + text.string(function.locals[i]) : "") + "\n";
  for (PathIndex i = 0; i < function.paths.size(); ++i) {
    out += "  path " + path(i);
    if (function.paths[i].root != RootKind::Unknown && function.paths[i].rootRecord)
      out += " of " + text.string(function.paths[i].rootRecord);
    out += " " + quoted(text.string(function.paths[i].text)) + "\n";
  }
  return out;
}

std::string FunctionText::heading() const {
  return "function " + text.symbol(function.symbol) + " " + text.place(function.location) + " to " +
         utostr(function.endLine) + flags() + "\n";
}

std::string FunctionText::lines() const {
  std::string out = heading() + names();
  for (BlockIndex i = 0; i < function.blocks.size(); ++i)
    out += block(i);
  return out;
}

class UnitDump {
public:
  explicit UnitDump(const UnitFacts &unit) : unit(unit), text(unit) {}

  std::string all() const {
    std::string out = "unit " + text.string(unit.mainFile) + " module " + quoted(text.string(unit.module)) +
                      (unit.isBuiltIn ? " built-in" : "") + "\n";
    out += sorted(unit.suppressions, [this](const Suppression &s) { return suppression(s); });
    out += sorted(unit.symbols, [this](const Symbol &s) { return symbol(s); });
    out += sorted(unit.initializers, [this](const Initializer &i) { return initializer(i); });
    for (const FunctionFacts *function : sortedFunctions())
      out += "\n" + FunctionText(unit, *function).lines();
    return out;
  }

private:
  template <class List, class ToText> static std::string sorted(const List &list, ToText toText) {
    std::vector<std::string> lines;
    for (const auto &element : list)
      lines.push_back(toText(element));
    std::sort(lines.begin(), lines.end());
    return lines.empty() ? "" : join(lines, "\n") + "\n";
  }

  std::string suppression(const Suppression &s) const {
    return "suppression " + text.place(s.location) + " " + quoted(text.string(s.text));
  }
  std::string symbol(const Symbol &s) const {
    return (s.isFunction ? "symbol function " : "symbol object ") + text.string(s.name) +
           (s.file ? "@" + text.string(s.file) : "") + (s.isNoReturn ? " noreturn" : "");
  }

  std::string initializer(const Initializer &i) const {
    std::string value = "?";
    if (i.value.kind == ValueKind::Constant)
      value = hex(i.value.bits);
    else if (i.value.kind == ValueKind::Function || i.value.kind == ValueKind::Address)
      value = "&" + text.symbol(i.value.index);
    return "initializer " + text.place(i.location) + " " + text.symbol(i.object) +
           (i.objectRecord ? "(" + text.string(i.objectRecord) + ")" : "") + text.fields(i.fields) + " = " + value;
  }

  /// By name, place, and at last the order in the unit, which is the source's.
  std::vector<const FunctionFacts *> sortedFunctions() const {
    std::vector<std::tuple<std::string, std::string, std::uint32_t, std::uint32_t, const FunctionFacts *>> keyed;
    for (const FunctionFacts &function : unit.functions)
      keyed.emplace_back(text.symbol(function.symbol), text.string(function.location.file), function.location.line,
                         function.location.column, &function);
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto &a, const auto &b) {
      return std::tie(std::get<0>(a), std::get<1>(a), std::get<2>(a), std::get<3>(a)) <
             std::tie(std::get<0>(b), std::get<1>(b), std::get<2>(b), std::get<3>(b));
    });
    std::vector<const FunctionFacts *> functions;
    for (const auto &key : keyed)
      functions.push_back(std::get<4>(key));
    return functions;
  }

  const UnitFacts &unit;
  UnitText text;
};

} // namespace

std::string dump(const UnitFacts &unit) { return UnitDump(unit).all(); }

} // namespace bhlint::facts
