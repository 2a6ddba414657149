#include "analysis/facts/validate.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

using namespace llvm;

namespace bhlint::facts {

namespace {

/// Checks the lists that belong to the unit itself, and lends the checks of strings and symbols to FunctionCheck.
class UnitCheck {
public:
  explicit UnitCheck(const UnitFacts &unit) : unit(unit) {}

  /// What is wrong, null when nothing is.
  const char *check() const {
    if (unit.strings.empty() || !unit.strings[0].empty())
      return "string 0 is not the empty string";
    if (!isString(unit.mainFile) || !isString(unit.module))
      return "the main file or module is not a string of the unit";
    if (!all_of(unit.symbols, [&](const Symbol &s) { return isString(s.name) && isString(s.file); }))
      return "a symbol's name or file is not a string of the unit";
    if (!all_of(unit.suppressions, [&](const Suppression &s) { return isLocation(s.location) && isString(s.text); }))
      return "a suppression's place or text is not a string of the unit";
    if (!all_of(unit.initializers, [&](const Initializer &i) { return isInitializer(i); }))
      return "an initializer refers to something out of range";
    return nullptr;
  }

  bool isString(StringId id) const { return id < unit.strings.size(); }
  bool isSymbol(SymbolIndex index) const { return index < unit.symbols.size(); }
  bool isLocation(const Location &location) const { return isString(location.file); }
  bool areFields(const std::vector<FieldStep> &fields) const {
    return all_of(fields, [&](const FieldStep &f) { return isString(f.record) && isString(f.field); });
  }

private:
  bool isInitializer(const Initializer &initializer) const {
    return isSymbol(initializer.object) && isString(initializer.objectRecord) && areFields(initializer.fields) &&
           isInitializerValue(initializer.value) && isLocation(initializer.location);
  }

  /// There are no parameters, locals, paths and events outside of functions.
  bool isInitializerValue(const Value &value) const {
    switch (value.kind) {
    case ValueKind::Opaque:
    case ValueKind::Constant:
      return true;
    case ValueKind::Function:
    case ValueKind::Address:
      return isSymbol(value.index);
    case ValueKind::ContextTest:
      return isString(value.index);
    case ValueKind::Parameter:
    case ValueKind::Local:
    case ValueKind::CallResult:
    case ValueKind::Load:
      return false;
    }
    return false;
  }

  const UnitFacts &unit;
};

class FunctionCheck {
public:
  FunctionCheck(const UnitCheck &unit, const FunctionFacts &function) : unit(unit), function(function) {}

  /// What is wrong, null when nothing is.
  const char *check() const {
    if (!unit.isSymbol(function.symbol))
      return "the function's symbol is out of range";
    if (!unit.isLocation(function.location) || !areStrings(function.parameters) ||
        !areStrings(function.parameterRecords) || !areStrings(function.locals))
      return "a name or place is not a string of the unit";
    if (function.parameters.size() != function.parameterRecords.size())
      return "parameters and their records differ in number";
    if (!all_of(function.paths, [&](const AccessPath &p) { return isPathWellFormed(p); }))
      return "an access path refers to something out of range";
    if (!all_of(function.events, [&](const Event &e) { return isEvent(e); }))
      return "an event refers to something out of range";
    if (hasExpansionCycle())
      return "a macro event encloses itself";
    if (function.blocks.empty())
      return "there is no entry block";
    if (!all_of(function.blocks, [&](const Block &b) { return isBlock(b); }))
      return "a block or its edges refer to something out of range";
    return nullptr;
  }

private:
  bool areStrings(const std::vector<StringId> &ids) const {
    return all_of(ids, [&](StringId id) { return unit.isString(id); });
  }
  bool isParameter(std::uint32_t index) const { return index < function.parameters.size(); }
  bool isLocal(std::uint32_t index) const { return index < function.locals.size(); }
  bool isEventIndex(EventIndex index) const { return index < function.events.size(); }
  bool isPath(PathIndex index) const { return index < function.paths.size(); }

  bool isRoot(const AccessPath &path) const {
    switch (path.root) {
    case RootKind::Parameter:
      return isParameter(path.index);
    case RootKind::Local:
      return isLocal(path.index);
    case RootKind::Global:
      return unit.isSymbol(path.index);
    case RootKind::CallResult:
      return isEventIndex(path.index);
    case RootKind::Unknown:
      return true;
    }
    return false;
  }

  bool isPathWellFormed(const AccessPath &path) const {
    return isRoot(path) && unit.isString(path.rootRecord) && unit.isString(path.text) && unit.areFields(path.fields);
  }

  bool isValue(const Value &value) const {
    switch (value.kind) {
    case ValueKind::Opaque:
    case ValueKind::Constant:
      return true;
    case ValueKind::Parameter:
      return isParameter(value.index);
    case ValueKind::Local:
      return isLocal(value.index);
    case ValueKind::CallResult:
      return isEventIndex(value.index);
    case ValueKind::Function:
      return unit.isSymbol(value.index);
    case ValueKind::Address:
    case ValueKind::Load:
      return isPath(value.index);
    case ValueKind::ContextTest:
      return unit.isString(value.index);
    }
    return false;
  }

  bool isCallee(const Event &event) const {
    switch (event.call) {
    case CallKind::Direct:
    case CallKind::Cleanup:
      return unit.isSymbol(event.index);
    case CallKind::Field:
      return isPath(event.index);
    case CallKind::Value:
      return true;
    }
    return false;
  }

  bool isIndex(const Event &event) const {
    switch (event.kind) {
    case EventKind::Call:
      return isCallee(event);
    case EventKind::Assign:
      return isLocal(event.index);
    case EventKind::Store:
      return isPath(event.index);
    case EventKind::Return:
    case EventKind::Macro:
      return true;
    }
    return false;
  }

  bool isExpansion(EventIndex index) const {
    return index == none || (isEventIndex(index) && function.events[index].kind == EventKind::Macro);
  }

  bool isEvent(const Event &event) const {
    return isIndex(event) && unit.isLocation(event.location) && isValue(event.value) &&
           all_of(event.arguments, [&](const Value &v) { return isValue(v); }) && unit.isString(event.macro) &&
           isExpansion(event.expansion);
  }

  /// Readers walk from an event to the macros around it, and must come to an end.
  bool hasExpansionCycle() const {
    const auto &events = function.events;
    bool isAscending = true;
    for (EventIndex i = 0; i < events.size(); ++i)
      isAscending &= events[i].expansion == none || events[i].expansion < i;
    if (isAscending)
      return false;
    std::vector<EventIndex> seenFrom(events.size(), none);
    for (EventIndex start = 0; start < events.size(); ++start)
      for (EventIndex i = start; i != none && seenFrom[i] >= start; i = events[i].expansion) {
        if (seenFrom[i] == start)
          return true;
        seenFrom[i] = start;
      }
    return false;
  }

  bool isEdge(const Edge &edge) const {
    return edge.to < function.blocks.size() && all_of(edge.guards, [&](const Guard &g) { return isValue(g.value); }) &&
           all_of(edge.assigns, [&](const EdgeAssign &a) { return isLocal(a.local) && isValue(a.value); });
  }

  bool isBlock(const Block &block) const {
    return std::uint64_t(block.firstEvent) + block.eventCount <= function.events.size() &&
           all_of(block.edges, [&](const Edge &e) { return isEdge(e); });
  }

  const UnitCheck &unit;
  const FunctionFacts &function;
};

} // namespace

Error validate(const UnitFacts &unit) {
  UnitCheck unitCheck(unit);
  if (const char *problem = unitCheck.check())
    return createStringError(problem);
  for (std::size_t i = 0; i < unit.functions.size(); ++i)
    if (const char *problem = FunctionCheck(unitCheck, unit.functions[i]).check())
      return createStringError("function " + Twine(i) + ": " + problem);
  return Error::success();
}

} // namespace bhlint::facts
