#include "analysis/facts/flat_unit.h"

#include "llvm/ADT/Twine.h"

#include <cstring>

using namespace llvm;

namespace bhlint::facts {

/// Walks through everything once. Enumerators and counts that don't fit together end it; of indices that are out of
/// range the first is remembered.
class FlatCheck {
public:
  explicit FlatCheck(FlatUnit &flat) : flat(flat), unit(*flat.root) {}

  /// False: the parts do not fit together.
  bool run() { return areAligned() && readStrings() && haveGoodKinds() && walk(); }
  /// Of the first index that is out of range; empty: none is.
  std::string problemText() const {
    if (!problem)
      return {};
    return inFunction == none ? std::string(problem) : ("function " + Twine(inFunction) + ": " + problem).str();
  }

private:
  // Structure ---------------------------------------------------------------------------------------------------------

  /// FlatBuffers' verifier does not see to the alignment of structs in vectors. The library does not align an empty
  /// one.
  template <std::size_t alignment, typename Vector> static bool isAligned(const Vector *vector) {
    return vector->size() == 0 || reinterpret_cast<std::uintptr_t>(vector->Data()) % alignment == 0;
  }
  template <typename Wire> static bool areAligned(const flatbuffers::Vector<const Wire *> *vector) {
    return isAligned<alignof(Wire)>(vector);
  }
  bool areAligned() const {
    return areAligned(unit.values()) && areAligned(unit.symbols()) && areAligned(unit.field_steps()) &&
           areAligned(unit.functions()) && isAligned<4>(unit.parameters()) && isAligned<4>(unit.parameter_records()) &&
           isAligned<4>(unit.locals()) && areAligned(unit.paths()) && areAligned(unit.events()) &&
           isAligned<4>(unit.arguments()) && areAligned(unit.blocks()) && areAligned(unit.edges()) &&
           areAligned(unit.guards()) && areAligned(unit.assigns()) && areAligned(unit.initializers()) &&
           areAligned(unit.suppressions()) && isAligned<4>(unit.string_ends());
  }

  bool readStrings() {
    const char *bytes = reinterpret_cast<const char *>(unit.string_bytes()->data());
    std::uint32_t begin = 0, size = unit.string_bytes()->size();
    flat.texts.reserve(unit.string_ends()->size());
    for (std::uint32_t end : *unit.string_ends()) {
      if (end < begin || end > size)
        return false;
      flat.texts.emplace_back(bytes + begin, end - begin);
      begin = end;
    }
    return begin == size;
  }

  template <typename Enum> static bool isIn(std::uint8_t number, Enum last) {
    return number <= static_cast<std::uint8_t>(last);
  }
  bool haveGoodKinds() const {
    for (const wire::Value *value : *unit.values())
      if (!isIn(value->kind(), ValueKind::ContextTest))
        return false;
    for (const wire::AccessPath *path : *unit.paths())
      if (!isIn(path->root(), RootKind::Unknown))
        return false;
    for (const wire::Event *event : *unit.events())
      if (!isIn(event->kind(), EventKind::Macro) || !isIn(event->call(), CallKind::Cleanup) ||
          event->value() >= unit.values()->size())
        return false;
    for (std::uint32_t value : *unit.arguments())
      if (value >= unit.values()->size())
        return false;
    for (const wire::Guard *guard : *unit.guards())
      if (!isIn(guard->relation(), Relation::NotEqual) || guard->value() >= unit.values()->size())
        return false;
    for (const wire::EdgeAssign *assign : *unit.assigns())
      if (assign->value() >= unit.values()->size())
        return false;
    for (const wire::Initializer *initializer : *unit.initializers())
      if (initializer->value() >= unit.values()->size())
        return false;
    return true;
  }

  /// The next `count` elements of a list belong to whoever asks. False: there are not as many, so that a count from the
  /// file never drives a loop by itself.
  template <typename Vector> static bool take(std::uint32_t count, const Vector *vector, std::uint32_t &next) {
    if (count > vector->size() - next)
      return false;
    next += count;
    return true;
  }

  bool walk() {
    checkUnit();
    flat.functionList.reserve(unit.functions()->size());
    for (const wire::Function *function : *unit.functions()) {
      flat.functionList.push_back({function, next});
      if (!takeFunction(*function))
        return false;
      if (!problem)
        checkFunction(flat.functionList.back());
    }
    flat.places = next;
    for (const wire::Initializer *initializer : *unit.initializers())
      if (!takeInitializer(*initializer))
        return false;
    return isExhausted();
  }

  bool isExhausted() const {
    return next.parameters == unit.parameters()->size() && next.parameterRecords == unit.parameter_records()->size() &&
           next.locals == unit.locals()->size() && next.paths == unit.paths()->size() &&
           next.fieldSteps == unit.field_steps()->size() && next.events == unit.events()->size() &&
           next.arguments == unit.arguments()->size() && next.blocks == unit.blocks()->size() &&
           next.edges == unit.edges()->size() && next.guards == unit.guards()->size() &&
           next.assigns == unit.assigns()->size();
  }

  bool takeFunction(const wire::Function &function) {
    const FlatPlaces begin = next;
    if (!take(function.parameter_count(), unit.parameters(), next.parameters) ||
        !take(function.parameter_record_count(), unit.parameter_records(), next.parameterRecords) ||
        !take(function.local_count(), unit.locals(), next.locals) ||
        !take(function.path_count(), unit.paths(), next.paths) ||
        !take(function.event_count(), unit.events(), next.events) ||
        !take(function.block_count(), unit.blocks(), next.blocks))
      return false;
    for (std::uint32_t i = begin.paths; i < next.paths; ++i)
      if (!take(unit.paths()->Get(i)->field_count(), unit.field_steps(), next.fieldSteps))
        return false;
    for (std::uint32_t i = begin.events; i < next.events; ++i)
      if (!take(unit.events()->Get(i)->argument_count(), unit.arguments(), next.arguments))
        return false;
    for (std::uint32_t i = begin.blocks; i < next.blocks; ++i)
      if (!take(unit.blocks()->Get(i)->edge_count(), unit.edges(), next.edges))
        return false;
    for (std::uint32_t i = begin.edges; i < next.edges; ++i)
      if (!take(unit.edges()->Get(i)->guard_count(), unit.guards(), next.guards) ||
          !take(unit.edges()->Get(i)->assign_count(), unit.assigns(), next.assigns))
        return false;
    return true;
  }

  bool takeInitializer(const wire::Initializer &initializer) {
    const std::uint32_t begin = next.fieldSteps;
    if (!take(initializer.field_count(), unit.field_steps(), next.fieldSteps))
      return false;
    if (!problem &&
        !(isSymbol(initializer.object()) && isString(initializer.object_record()) &&
          areFields(begin, next.fieldSteps) && isInitializerValue(*unit.values()->Get(initializer.value())) &&
          isLocation(initializer.location())))
      problem = "an initializer refers to something out of range", inFunction = none;
    return true;
  }

  // Indices -----------------------------------------------------------------------------------------------------------

  bool isString(StringId id) const { return id < flat.texts.size(); }
  bool isSymbol(SymbolIndex index) const { return index < unit.symbols()->size(); }
  bool isLocation(const wire::Location &location) const { return isString(location.file()); }
  bool areFields(std::uint32_t begin, std::uint32_t end) const {
    for (std::uint32_t i = begin; i < end; ++i)
      if (const wire::FieldStep *step = unit.field_steps()->Get(i);
          !isString(step->record()) || !isString(step->field()))
        return false;
    return true;
  }
  bool areStrings(const flatbuffers::Vector<std::uint32_t> *list, std::uint32_t begin, std::uint32_t count) const {
    for (std::uint32_t i = begin; i < begin + count; ++i)
      if (!isString(list->Get(i)))
        return false;
    return true;
  }

  void checkUnit() {
    if (flat.texts.empty() || !flat.texts[0].empty())
      problem = "string 0 is not the empty string";
    else if (!isString(unit.main_file()) || !isString(unit.module_name()))
      problem = "the main file or module is not a string of the unit";
    for (const wire::Symbol *symbol : *unit.symbols())
      if (!problem && !(isString(symbol->name()) && isString(symbol->file())))
        problem = "a symbol's name or file is not a string of the unit";
    for (const wire::Suppression *suppression : *unit.suppressions())
      if (!problem && !(isLocation(suppression->location()) && isString(suppression->text())))
        problem = "a suppression's place or text is not a string of the unit";
  }

  /// There are no parameters, locals, paths and events outside of functions.
  bool isInitializerValue(const wire::Value &value) const {
    switch (static_cast<ValueKind>(value.kind())) {
    case ValueKind::Opaque:
    case ValueKind::Constant:
      return true;
    case ValueKind::Function:
    case ValueKind::Address:
      return isSymbol(value.index());
    case ValueKind::ContextTest:
      return isString(value.index());
    case ValueKind::Parameter:
    case ValueKind::Local:
    case ValueKind::CallResult:
    case ValueKind::Load:
      return false;
    }
    return false;
  }

  void checkFunction(const FlatUnit::Function &function) {
    head = function.head;
    begin = function.begin;
    problem = problemOfFunction();
    inFunction = static_cast<std::uint32_t>(flat.functionList.size() - 1);
  }

  const char *problemOfFunction() const {
    if (!isSymbol(head->symbol()))
      return "the function's symbol is out of range";
    if (!isLocation(head->location()) || !areStrings(unit.parameters(), begin.parameters, head->parameter_count()) ||
        !areStrings(unit.parameter_records(), begin.parameterRecords, head->parameter_record_count()) ||
        !areStrings(unit.locals(), begin.locals, head->local_count()))
      return "a name or place is not a string of the unit";
    if (head->parameter_count() != head->parameter_record_count())
      return "parameters and their records differ in number";
    if (!arePaths())
      return "an access path refers to something out of range";
    if (!areEvents())
      return "an event refers to something out of range";
    if (hasExpansionCycle())
      return "a macro event encloses itself";
    if (head->block_count() == 0)
      return "there is no entry block";
    if (!areBlocks())
      return "a block or its edges refer to something out of range";
    return nullptr;
  }

  bool isParameter(std::uint32_t index) const { return index < head->parameter_count(); }
  bool isLocal(std::uint32_t index) const { return index < head->local_count(); }
  bool isEventIndex(EventIndex index) const { return index < head->event_count(); }
  bool isPath(PathIndex index) const { return index < head->path_count(); }
  const wire::Event &event(EventIndex index) const { return *unit.events()->Get(begin.events + index); }

  bool isRoot(const wire::AccessPath &path) const {
    switch (static_cast<RootKind>(path.root())) {
    case RootKind::Parameter:
      return isParameter(path.index());
    case RootKind::Local:
      return isLocal(path.index());
    case RootKind::Global:
      return isSymbol(path.index());
    case RootKind::CallResult:
      return isEventIndex(path.index());
    case RootKind::Unknown:
      return true;
    }
    return false;
  }

  bool arePaths() const {
    std::uint32_t step = begin.fieldSteps;
    for (std::uint32_t i = 0; i < head->path_count(); ++i) {
      const wire::AccessPath &path = *unit.paths()->Get(begin.paths + i);
      if (!isRoot(path) || !isString(path.root_record()) || !isString(path.text()) ||
          !areFields(step, step + path.field_count()))
        return false;
      step += path.field_count();
    }
    return true;
  }

  bool isValue(std::uint32_t id) const {
    const wire::Value &value = *unit.values()->Get(id);
    switch (static_cast<ValueKind>(value.kind())) {
    case ValueKind::Opaque:
    case ValueKind::Constant:
      return true;
    case ValueKind::Parameter:
      return isParameter(value.index());
    case ValueKind::Local:
      return isLocal(value.index());
    case ValueKind::CallResult:
      return isEventIndex(value.index());
    case ValueKind::Function:
      return isSymbol(value.index());
    case ValueKind::Address:
    case ValueKind::Load:
      return isPath(value.index());
    case ValueKind::ContextTest:
      return isString(value.index());
    }
    return false;
  }

  bool isCallee(const wire::Event &event) const {
    switch (static_cast<CallKind>(event.call())) {
    case CallKind::Direct:
    case CallKind::Cleanup:
      return isSymbol(event.index());
    case CallKind::Field:
      return isPath(event.index());
    case CallKind::Value:
      return true;
    }
    return false;
  }

  bool isIndex(const wire::Event &event) const {
    switch (static_cast<EventKind>(event.kind())) {
    case EventKind::Call:
      return isCallee(event);
    case EventKind::Assign:
      return isLocal(event.index());
    case EventKind::Store:
      return isPath(event.index());
    case EventKind::Return:
    case EventKind::Macro:
      return true;
    }
    return false;
  }

  bool isExpansion(EventIndex index) const {
    return index == none || (isEventIndex(index) && event(index).kind() == static_cast<std::uint8_t>(EventKind::Macro));
  }

  bool areEvents() const {
    std::uint32_t argument = begin.arguments;
    for (EventIndex i = 0; i < head->event_count(); ++i) {
      const wire::Event &one = event(i);
      if (!isIndex(one) || !isLocation(one.location()) || !isValue(one.value()) || !isString(one.macro()) ||
          !isExpansion(one.expansion()))
        return false;
      for (const std::uint32_t end = argument + one.argument_count(); argument < end; ++argument)
        if (!isValue(unit.arguments()->Get(argument)))
          return false;
    }
    return true;
  }

  /// Readers walk from an event to the macros around it, and must come to an end.
  bool hasExpansionCycle() const {
    const EventIndex count = head->event_count();
    bool isAscending = true;
    for (EventIndex i = 0; i < count; ++i)
      isAscending &= event(i).expansion() == none || event(i).expansion() < i;
    if (isAscending)
      return false;
    std::vector<EventIndex> seenFrom(count, none);
    for (EventIndex start = 0; start < count; ++start)
      for (EventIndex i = start; i != none && seenFrom[i] >= start; i = event(i).expansion()) {
        if (seenFrom[i] == start)
          return true;
        seenFrom[i] = start;
      }
    return false;
  }

  bool areBlocks() const {
    std::uint32_t edge = begin.edges, guard = begin.guards, assign = begin.assigns;
    for (std::uint32_t i = 0; i < head->block_count(); ++i) {
      const wire::Block &block = *unit.blocks()->Get(begin.blocks + i);
      if (std::uint64_t(block.first_event()) + block.event_count() > head->event_count())
        return false;
      for (const std::uint32_t end = edge + block.edge_count(); edge < end; ++edge)
        if (!isEdge(*unit.edges()->Get(edge), guard, assign))
          return false;
    }
    return true;
  }

  /// `guard`, `assign`: where its own begin; afterwards, where they end.
  bool isEdge(const wire::Edge &edge, std::uint32_t &guard, std::uint32_t &assign) const {
    if (edge.to() >= head->block_count())
      return false;
    for (const std::uint32_t end = guard + edge.guard_count(); guard < end; ++guard)
      if (!isValue(unit.guards()->Get(guard)->value()))
        return false;
    for (const std::uint32_t end = assign + edge.assign_count(); assign < end; ++assign)
      if (const wire::EdgeAssign &one = *unit.assigns()->Get(assign); !isLocal(one.local()) || !isValue(one.value()))
        return false;
    return true;
  }

  FlatUnit &flat;
  const wire::Unit &unit;
  FlatPlaces next;
  const char *problem = nullptr;
  std::uint32_t inFunction = none;
  const wire::Function *head = nullptr; ///< of the function at hand
  FlatPlaces begin;
};

FlatUnit::FlatUnit(std::string given) : bytes(std::move(given)) {
  // FlatBuffers reads 8-byte numbers in place, so they must lie on an 8-byte boundary.
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) != 0) {
    aligned.reset(new std::uint64_t[bytes.size() / sizeof(std::uint64_t) + 1]);
    std::memcpy(aligned.get(), bytes.data(), bytes.size());
  }
}

Error FlatUnit::read(std::string &problem) {
  if (bytes.size() >= FLATBUFFERS_MAX_BUFFER_SIZE)
    return createStringError("these are not facts: larger than 2 GiB");
  const auto *data = aligned ? reinterpret_cast<const std::uint8_t *>(aligned.get())
                             : reinterpret_cast<const std::uint8_t *>(bytes.data());
  flatbuffers::Verifier anyVersion(data, bytes.size());
  if (!anyVersion.VerifyBuffer<wire::AnyVersion>(wire::UnitIdentifier()))
    return createStringError("these are not facts, or they are damaged");
  auto version = flatbuffers::GetRoot<wire::AnyVersion>(data)->version();
  if (version != formatVersion)
    return createStringError("the facts are of format " + Twine(version) + ", this program reads format " +
                             Twine(formatVersion));
  flatbuffers::Verifier verifier(data, bytes.size());
  if (!wire::VerifyUnitBuffer(verifier))
    return createStringError("the facts are damaged: they end too early or point outside of themselves");
  root = wire::GetUnit(data);
  FlatCheck check(*this);
  if (!check.run())
    return createStringError("the facts are damaged: their parts do not fit together");
  problem = check.problemText();
  return Error::success();
}

Expected<std::unique_ptr<const FlatUnit>> FlatUnit::open(std::string bytes) {
  std::unique_ptr<FlatUnit> flat(new FlatUnit(std::move(bytes)));
  std::string problem;
  if (Error error = flat->read(problem))
    return error;
  if (!problem.empty())
    return createStringError("the facts are damaged: " + problem);
  return std::unique_ptr<const FlatUnit>(std::move(flat));
}

Error FlatUnit::validate(std::string bytes) {
  std::string problem;
  if (Error error = FlatUnit(std::move(bytes)).read(problem))
    return error;
  return problem.empty() ? Error::success() : createStringError(problem);
}

Symbol FlatUnit::symbol(SymbolIndex index) const {
  const wire::Symbol &symbol = *root->symbols()->Get(index);
  return {symbol.name(), symbol.file(), (symbol.flags() & IsFunction) != 0, (symbol.flags() & IsNoReturn) != 0};
}

Value FlatUnit::value(std::uint32_t id) const {
  const wire::Value &from = *root->values()->Get(id);
  return {static_cast<ValueKind>(from.kind()), from.is_negated(), from.index(), from.mask(), from.bits()};
}

std::vector<Initializer> FlatUnit::initializers() const {
  std::vector<Initializer> made;
  made.reserve(root->initializers()->size());
  std::uint32_t step = places.fieldSteps;
  for (const wire::Initializer *from : *root->initializers()) {
    Initializer &one = made.emplace_back(
        Initializer{from->object(), from->object_record(), {}, value(from->value()), location(from->location())});
    one.fields.reserve(from->field_count());
    for (const std::uint32_t end = step + from->field_count(); step < end; ++step)
      one.fields.push_back({root->field_steps()->Get(step)->record(), root->field_steps()->Get(step)->field()});
  }
  return made;
}

std::vector<Suppression> FlatUnit::suppressions() const {
  std::vector<Suppression> made;
  for (const wire::Suppression *from : *root->suppressions())
    made.push_back({location(from->location()), from->text()});
  return made;
}

} // namespace bhlint::facts
