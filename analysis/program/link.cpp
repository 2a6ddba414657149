#include "analysis/program/callers.h"
#include "analysis/program/field_domains.h"
#include "analysis/program/link_unit.h"
#include "analysis/program/program_tables.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace {

using facts::UnitFacts;
using facts::ValueKind;

/// Bodies of one static (or header) function in several units may differ: the preprocessor made them so.
using InternalKey = std::tuple<NameId, NameId, std::uint64_t>; // name, file, hash of the body

class Linker {
public:
  Linker(Program &program, const RuleSet &rules) : program(program), tables(program), rules(rules) {
    program.rules = &rules;
  }

  /// One unit at a time: the facts of a whole tree need more room than the program made of them.
  void run(UnitSource next) {
    indexContracts();
    std::vector<FunctionId> symbolIds;
    while (const LinkUnit *unit = next()) {
      ++program.unitCount;
      declare(*unit, symbolIds);
      join(unit->facts, symbolIds);
    }
    settleReferences();
    for (Function &function : program.functions)
      attachContracts(function);
    sortBindings(program);
    program.isWholeKernel = isWholeKernel();
    settleCallers(program);
    enumerateFields(program);
    attachLearned(tables);
  }

private:
  NameId intern(llvm::StringRef text) { return tables.intern(text); }
  NameId intern(const UnitFacts &unit, facts::StringId id) {
    if (id == 0)
      return 0;
    NameId &known = unitNames[id];
    if (known == 0)
      known = tables.intern(unit.strings[id], (*unitHashes)[id]);
    return known;
  }
  /// Objects that are linked into the kernel have a module name of their own each; their folder is what belongs
  /// together.
  NameId moduleOf(const UnitFacts &unit) {
    if (!unit.isBuiltIn)
      return intern(unit, unit.module);
    return intern(llvm::sys::path::parent_path(unit.text(unit.mainFile)));
  }
  FieldKey key(const UnitFacts &unit, const facts::FieldStep &step) {
    return {intern(unit, step.record), intern(unit, step.field)};
  }
  Place place(const UnitFacts &unit, const facts::Location &location) {
    return {intern(unit, location.file), location.line, location.column};
  }

  /// Numbers for everything that the unit defines. join() goes on with the unit's names.
  void declare(const LinkUnit &linked, std::vector<FunctionId> &ids) {
    const UnitFacts &unit = linked.facts;
    unitNames.assign(unit.strings.size(), 0);
    unitHashes = &linked.stringHashes;
    ids.assign(unit.symbols.size(), noId);
    NameId module = moduleOf(unit);
    const std::uint64_t ofModule = llvm::xxh3_64bits(unit.text(unit.module));
    for (std::size_t i = 0; i < unit.functions.size(); ++i) {
      const facts::FunctionFacts &function = unit.functions[i];
      const facts::Symbol &symbol = unit.symbols[function.symbol];
      NameId name = intern(unit, symbol.name);
      NameId file = intern(unit, function.location.file);
      bool isInternal = symbol.file != 0;
      // An external function may be defined once per module; inline ones in every unit that includes their header.
      // A source that several modules include is each one's own.
      const bool isIncluded = isInternal && !function.isInHeader && function.location.file != unit.mainFile;
      const std::uint64_t discriminator =
          isInternal || function.isInHeader ? linked.shapes[i] ^ (isIncluded ? ofModule : 0) : ofModule;
      auto [entry, isNew] = definitions.try_emplace(InternalKey{name, file, discriminator}, noId);
      if (isNew) {
        entry->second = tables.addFunction(name, isInternal);
        Function &result = program.functions[entry->second];
        result.file = file;
        result.module = module;
        result.place = place(unit, function.location);
        result.endLine = function.endLine;
        result.isInHeader = function.isInHeader;
        result.isInit = function.isInit;
        result.isExit = function.isExit;
        result.isNoReturn = symbol.isNoReturn;
        if (!isInternal)
          externals[name].push_back(entry->second);
      }
      ids[function.symbol] = entry->second;
    }
  }

  FunctionId resolve(const UnitFacts &unit, facts::SymbolIndex index, std::vector<FunctionId> &ids) {
    if (ids[index] != noId)
      return ids[index];
    const facts::Symbol &symbol = unit.symbols[index];
    NameId name = intern(unit, symbol.name);
    if (symbol.file != 0) { // static, declared but its body was not extracted
      auto [entry, isNew] = undefinedStatics.try_emplace({name, intern(unit, symbol.file)}, noId);
      if (isNew)
        entry->second = declareFunction(name, true, symbol.isNoReturn);
      return ids[index] = entry->second;
    }
    // Which definition that is, if any, is known when all units were seen.
    auto [entry, isNew] = references.try_emplace({name, moduleOf(unit)}, noId);
    if (isNew)
      entry->second = declareFunction(name, false, symbol.isNoReturn);
    return ids[index] = entry->second;
  }

  FunctionId declareFunction(NameId name, bool isStatic, bool isNoReturn) {
    FunctionId id = tables.addFunction(name, isStatic);
    program.functions[id].isNoReturn = isNoReturn;
    return id;
  }

  /// References become the function that they mean: the module's own definition, else the first one, else one function
  /// that is only declared, for all modules. Then numbers have no gaps.
  void settleReferences() {
    std::vector<FunctionId> meant(program.functions.size());
    for (FunctionId id = 0; id < meant.size(); ++id)
      meant[id] = id;
    std::vector<std::pair<FunctionId, NameId>> inOrder; // with the module that refers
    for (const auto &[key, id] : references)
      inOrder.emplace_back(id, key.second);
    std::sort(inOrder.begin(), inOrder.end());
    for (auto [id, module] : inOrder) {
      std::vector<FunctionId> &candidates = externals[program.functions[id].name];
      if (candidates.empty()) {
        candidates.push_back(id);
        continue;
      }
      meant[id] = candidates.front();
      for (FunctionId candidate : candidates)
        if (program.functions[candidate].module == module) {
          meant[id] = candidate;
          break;
        }
      program.functions[meant[id]].isAddressTaken |= program.functions[id].isAddressTaken;
    }
    std::vector<FunctionId> number(meant.size(), noId);
    std::vector<Function> kept;
    for (FunctionId id = 0; id < meant.size(); ++id)
      if (meant[id] == id) {
        number[id] = static_cast<FunctionId>(kept.size());
        kept.push_back(program.functions[id]);
      }
    for (FunctionId &id : meant)
      id = number[id];
    program.functions = std::move(kept);
    for (Body &body : program.bodies)
      renumber(body, meant);
    auto renumberBinding = [&](FieldBinding &binding) {
      binding.function = meant[binding.function];
      if (binding.setter != noId)
        binding.setter = meant[binding.setter];
    };
    for (auto &[key, binding] : program.fieldBindings)
      renumberBinding(binding);
    for (auto &[object, binding] : program.arrayBindings)
      renumberBinding(binding);
  }

  static void renumber(Operand &operand, const std::vector<FunctionId> &numbers) {
    if (operand.valueKind() == ValueKind::Function)
      operand.index = numbers[operand.index];
  }

  static void renumber(Body &body, const std::vector<FunctionId> &numbers) {
    for (BodyEvent &event : body.events) {
      if (event.kind == facts::EventKind::Call &&
          (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup))
        event.index = numbers[event.index];
      renumber(event.value, numbers);
    }
    for (Operand &argument : body.arguments)
      renumber(argument, numbers);
    for (BodyBlock &block : body.blocks)
      for (BodyEdge &edge : block.edges) {
        for (EdgeGuard &guard : edge.guards)
          renumber(guard.value, numbers);
        for (EdgeAssignment &assign : edge.assigns)
          renumber(assign.value, numbers);
      }
  }

  std::uint32_t globalOf(const UnitFacts &unit, facts::SymbolIndex index) {
    const facts::Symbol &symbol = unit.symbols[index];
    return tables.globalOf(intern(unit, symbol.name), intern(unit, symbol.file));
  }

  Operand operand(const UnitFacts &unit, const facts::Value &value, std::vector<FunctionId> &ids) {
    Operand result;
    result.kind = static_cast<std::uint32_t>(value.kind);
    result.isNegated = value.isNegated;
    result.bits = value.kind == ValueKind::Constant ? tables.internBits(0, value.bits)
                                                    : tables.internBits(value.mask, value.bits);
    switch (value.kind) {
    case ValueKind::Function:
      result.index = resolve(unit, value.index, ids);
      program.functions[result.index].isAddressTaken = true;
      break;
    case ValueKind::ContextTest:
      result.index = intern(unit, value.index);
      break;
    default:
      result.index = value.index;
    }
    return result;
  }

  void indexContracts() {
    for (std::uint32_t i = 0; i < rules.tests.size(); ++i)
      program.tests[intern(rules.tests[i].name)] = i;
    auto macro = [&](const std::string &name) -> MacroContract & { return program.macros[intern(name)]; };
    for (std::uint32_t i = 0; i < rules.sleeps.size(); ++i)
      macro(rules.sleeps[i].function).sleep = i;
    for (std::uint32_t i = 0; i < rules.effects.size(); ++i)
      macro(rules.effects[i].function).effect = i;
    for (std::uint32_t i = 0; i < rules.callbacks.size(); ++i) {
      MacroContract &entry = macro(rules.callbacks[i].function);
      if (entry.firstCallback == noId)
        entry.firstCallback = i;
      ++entry.callbackCount;
    }
    for (const SleepContract &contract : rules.sleeps) {
      for (const std::string &name : contract.whenModuleCalls)
        askedCallees.insert(intern(name));
      for (const std::string &name : contract.unlessModuleCalls)
        askedCallees.insert(intern(name));
    }
    for (std::uint32_t i = 0; i < rules.queues.size(); ++i)
      queueIds[intern(rules.queues[i].function)] = i;
  }

  /// What boots the kernel is here, and nine in ten of what it calls: parts of a tree have it at most by itself.
  bool isWholeKernel() const {
    return llvm::any_of(program.functions, [&](const Function &function) {
      if (function.body == noId || function.isStatic ||
          !llvm::is_contained(rules.calibration.earlyBoot, program.text(function.name)))
        return false;
      unsigned calls = 0, known = 0;
      for (const BodyEvent &event : program.bodies[function.body].events)
        if (event.kind == facts::EventKind::Call && event.call == facts::CallKind::Direct) {
          ++calls;
          known += program.functions[event.index].body != noId;
        }
      return known * 10 >= calls * 9;
    });
  }

  void attachContracts(Function &function) {
    // A driver's own static function may have the name of a kernel one; a contract is about the kernel's.
    if (function.isStatic && !function.isInHeader)
      return;
    if (auto found = program.macros.find(function.name); found != program.macros.end()) {
      std::uint32_t sleep = found->second.sleep;
      bool isDefined = function.file != 0;
      if (sleep != noId && !(rules.sleeps[sleep].isFallback && isDefined))
        function.sleep = sleep;
      function.effect = found->second.effect;
      function.firstCallback = found->second.firstCallback;
      function.callbackCount = found->second.callbackCount;
    }
    if (auto found = program.tests.find(function.name); found != program.tests.end())
      function.test = found->second;
    if (auto found = queueIds.find(function.name); found != queueIds.end())
      function.queue = found->second;
    function.isNoReturn |= llvm::is_contained(rules.calibration.neverReturn, program.strings[function.name]);
    function.isLastReference = llvm::is_contained(rules.calibration.lastReference, program.strings[function.name]);
  }

  /// Bodies, with unit numbers replaced.
  void join(const UnitFacts &unit, std::vector<FunctionId> &ids) {
    NameId module = moduleOf(unit);
    ++program.moduleUnits[module];
    for (const facts::FunctionFacts &function : unit.functions) {
      FunctionId id = ids[function.symbol];
      if (program.functions[id].body != noId)
        continue; // a header function that another unit brought
      program.functions[id].body = static_cast<std::uint32_t>(program.bodies.size());
      program.bodies.push_back(makeBody(unit, function, ids));
      bindStores(program.bodies.back(), id, module);
    }
    for (const facts::Initializer &initializer : unit.initializers)
      bindInitializer(unit, initializer, ids, module);
    for (const facts::Suppression &suppression : unit.suppressions)
      program.suppressions.push_back({place(unit, suppression.location), std::string(unit.text(suppression.text))});
  }

  Body makeBody(const UnitFacts &unit, const facts::FunctionFacts &function, std::vector<FunctionId> &ids) {
    Body body;
    for (facts::StringId name : function.parameters)
      body.parameters.push_back(intern(unit, name));
    for (facts::StringId name : function.parameterRecords)
      body.parameterRecords.push_back(intern(unit, name));
    body.localCount = static_cast<std::uint32_t>(function.locals.size());
    body.paths.reserve(function.paths.size());
    body.events.reserve(function.events.size());
    body.blocks.reserve(function.blocks.size());
    for (const facts::AccessPath &path : function.paths) {
      Path result;
      result.root = path.root;
      result.index = path.root == facts::RootKind::Global ? globalOf(unit, path.index) : path.index;
      result.rootRecord = intern(unit, path.rootRecord);
      result.text = intern(unit, path.text);
      for (const facts::FieldStep &step : path.fields)
        result.fields.push_back(key(unit, step));
      body.paths.push_back(std::move(result));
    }
    for (const facts::Event &event : function.events)
      body.events.push_back(makeEvent(unit, event, ids, body));
    for (const facts::Block &block : function.blocks) {
      BodyBlock result;
      result.firstEvent = block.firstEvent;
      result.eventCount = block.eventCount;
      for (const facts::Edge &edge : block.edges) {
        BodyEdge target;
        target.to = edge.to;
        for (const facts::Guard &guard : edge.guards)
          target.guards.push_back({operand(unit, guard.value, ids), guard.relation, guard.operand});
        for (const facts::EdgeAssign &assign : edge.assigns)
          target.assigns.push_back({assign.local, operand(unit, assign.value, ids)});
        result.edges.push_back(std::move(target));
      }
      body.blocks.push_back(std::move(result));
    }
    markCovered(body);
    body.asksForContext = asksForContext(body);
    return body;
  }

  bool asksForContext(const Body &body) {
    auto tells = [&](const Operand &value) { return tellsContext(body, value); };
    for (const BodyBlock &block : body.blocks)
      for (const BodyEdge &edge : block.edges)
        if (llvm::any_of(edge.guards, [&](const EdgeGuard &guard) { return tells(guard.value); }) ||
            llvm::any_of(edge.assigns, [&](const EdgeAssignment &assign) { return tells(assign.value); }))
          return true;
    return false;
  }

  bool tellsContext(const Body &body, const Operand &value) {
    if (value.valueKind() != facts::ValueKind::Load)
      return false;
    const Path &path = body.paths[value.index];
    if (path.fields.empty())
      return false;
    auto [it, isNew] = contextFields.try_emplace(path.fields.back().field, false);
    if (isNew)
      it->second = rules.calibration.isContextField(program.text(it->first));
    return it->second;
  }

  BodyEvent makeEvent(const UnitFacts &unit, const facts::Event &event, std::vector<FunctionId> &ids, Body &body) {
    BodyEvent result;
    result.kind = event.kind;
    result.call = event.call;
    result.place = place(unit, event.location);
    result.macro = intern(unit, event.macro);
    result.expansion = event.expansion;
    result.value = operand(unit, event.value, ids);
    bool isDirect = event.kind == facts::EventKind::Call &&
                    (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup);
    result.index = isDirect ? resolve(unit, event.index, ids) : event.index;
    for (NameId name : {result.macro, isDirect ? program.functions[result.index].name : NameId(0)})
      if (name != 0 && askedCallees.contains(name))
        program.moduleCalls.insert({moduleOf(unit), name});
    result.firstArgument = static_cast<std::uint32_t>(body.arguments.size());
    result.argumentCount = static_cast<std::uint8_t>(std::min<std::size_t>(event.arguments.size(), 255));
    for (std::size_t i = 0; i < result.argumentCount; ++i)
      body.arguments.push_back(operand(unit, event.arguments[i], ids));
    return result;
  }

  /// A macro contract that is unconditional says all about its expansion. Others need arguments, which macros lack.
  bool saysAll(NameId macro) const {
    auto found = program.macros.find(macro);
    if (found == program.macros.end())
      return false;
    const MacroContract &contract = found->second;
    if (contract.sleep != noId) {
      SleepWhen when = rules.sleeps[contract.sleep].when;
      return when == SleepWhen::Always || when == SleepWhen::Never;
    }
    return contract.effect != noId && rules.effects[contract.effect].when == EffectWhen::Always;
  }

  void markCovered(Body &body) {
    for (BodyEvent &event : body.events) {
      for (std::uint32_t level = event.expansion; level != noId; level = body.events[level].expansion)
        if (saysAll(body.events[level].macro)) {
          // A macro event carries its own name in `macro`, so an outer one with a contract covers inner ones.
          event.isCovered = true;
          break;
        }
    }
  }

  void bindStores(const Body &body, FunctionId setter, NameId module) {
    for (const BodyEvent &event : body.events) {
      if (event.kind != facts::EventKind::Store)
        continue;
      const Path &path = body.paths[event.index];
      if (!path.fields.empty()) {
        bool isConstant = event.value.valueKind() == ValueKind::Constant;
        // x->flags |= A keeps what was there and adds A.
        bool addsToItself = event.value.valueKind() == ValueKind::Load && event.value.index == event.index;
        program.fieldBits.push_back(
            {path.fields.back(), module, isConstant || addsToItself ? program.bits[event.value.bits].bits : ~0ull});
      }
      switch (event.value.valueKind()) {
      case ValueKind::Function:
        bindFunction(path, event.value.index, setter, module, event.place);
        break;
      case ValueKind::Local:
        for (FunctionId function : functionsOf(body, event.value.index))
          bindFunction(path, function, setter, module, event.place);
        break;
      case ValueKind::Constant:
        if (!path.fields.empty() && program.bits[event.value.bits].bits != 0)
          program.fieldConstants.push_back(
              {path.fields.back(), module, event.place.file, program.bits[event.value.bits].bits});
        break;
      case ValueKind::Address: {
        const Path &source = body.paths[event.value.index];
        if (source.root == facts::RootKind::Global && !path.fields.empty())
          program.objectBindings.push_back({noId, path.fields.back(), source.index, module});
        break;
      }
      default:
        break;
      }
    }
  }

  /// Functions that a local may hold, whatever the path.
  static std::vector<FunctionId> functionsOf(const Body &body, std::uint32_t local) {
    std::vector<FunctionId> result;
    auto add = [&](std::uint32_t target, const Operand &value) {
      if (target == local && value.valueKind() == ValueKind::Function)
        result.push_back(value.index);
    };
    for (const BodyEvent &event : body.events)
      if (event.kind == facts::EventKind::Assign)
        add(event.index, event.value);
    for (const BodyBlock &block : body.blocks)
      for (const BodyEdge &edge : block.edges)
        for (const EdgeAssignment &assign : edge.assigns)
          add(assign.local, assign.value);
    std::sort(result.begin(), result.end());
    result.erase(std::unique(result.begin(), result.end()), result.end());
    return result;
  }

  void bindFunction(const Path &path, FunctionId function, FunctionId setter, NameId module, Place place) {
    FieldBinding binding;
    binding.function = function;
    binding.module = module;
    binding.setter = setter;
    binding.place = place;
    if (path.fields.empty()) {
      if (path.root == facts::RootKind::Global)
        program.arrayBindings.push_back({path.index, binding});
      return;
    }
    if (path.root == facts::RootKind::Global)
      binding.object = path.index;
    binding.owners.assign(path.fields.begin(), path.fields.end() - 1);
    program.fieldBindings.push_back({path.fields.back(), binding});
  }

  void bindInitializer(const UnitFacts &unit, const facts::Initializer &initializer, std::vector<FunctionId> &ids,
                       NameId module) {
    std::uint32_t object = globalOf(unit, initializer.object);
    if (initializer.value.kind == ValueKind::Function) {
      FieldBinding binding;
      binding.function = resolve(unit, initializer.value.index, ids);
      program.functions[binding.function].isAddressTaken = true;
      binding.object = object;
      binding.module = module;
      binding.place = place(unit, initializer.location);
      for (std::size_t i = 0; i + 1 < initializer.fields.size(); ++i)
        binding.owners.push_back(key(unit, initializer.fields[i]));
      if (initializer.fields.empty())
        program.arrayBindings.push_back({object, binding});
      else
        program.fieldBindings.push_back({key(unit, initializer.fields.back()), binding});
    } else if (initializer.value.kind == ValueKind::Address && !initializer.fields.empty()) {
      program.objectBindings.push_back(
          {object, key(unit, initializer.fields.back()), globalOf(unit, initializer.value.index), module});
    } else if (initializer.value.kind == ValueKind::Constant && !initializer.fields.empty()) {
      program.fieldConstants.push_back({key(unit, initializer.fields.back()), module,
                                        intern(unit, initializer.location.file), initializer.value.bits});
      program.fieldBits.push_back({key(unit, initializer.fields.back()), module, initializer.value.bits});
    }
  }

  Program &program;
  ProgramTables tables;
  const RuleSet &rules;
  llvm::DenseMap<NameId, bool> contextFields; ///< whether fields of this name tell contexts
  std::vector<NameId> unitNames;
  const std::vector<std::uint32_t> *unitHashes = nullptr; ///< of the unit at hand, by string
  IdMap<InternalKey, FunctionId> definitions;
  IdMap<std::pair<NameId, NameId>, FunctionId> undefinedStatics;
  llvm::DenseMap<std::pair<NameId, NameId>, FunctionId> references; ///< external name, module that refers to it
  llvm::DenseMap<NameId, std::vector<FunctionId>> externals;
  llvm::DenseMap<NameId, std::uint32_t> queueIds;
  llvm::DenseSet<NameId> askedCallees;
};

} // namespace

std::vector<FunctionId> Program::named(llvm::StringRef name) const {
  std::vector<FunctionId> result;
  NameId id = find(name);
  for (FunctionId i = 0; i < functions.size(); ++i)
    if (functions[i].name == id && (functions[i].learned == noId || !functions[i].isStatic))
      result.push_back(i);
  return result;
}

std::optional<std::uint64_t> Program::bitsSet(FieldKey field, NameId module) const {
  FieldBits key{field, module, 0};
  auto found = std::lower_bound(fieldBits.begin(), fieldBits.end(), key, [](const FieldBits &a, const FieldBits &b) {
    return std::tie(a.field, a.module) < std::tie(b.field, b.module);
  });
  if (found == fieldBits.end() || found->field != field || found->module != module)
    return std::nullopt;
  return found->bits;
}

bool Program::maySet(FieldKey field, std::uint64_t wanted, NameId module) const {
  return (bitsSet(field, module).value_or(0) & wanted) != 0;
}

bool Program::holdsIn(const SleepContract &contract, NameId module) const {
  auto isCalled = [&](const std::string &name) { return moduleCalls.contains({module, find(name)}); };
  if (!contract.whenModuleCalls.empty() &&
      std::none_of(contract.whenModuleCalls.begin(), contract.whenModuleCalls.end(), isCalled))
    return false;
  return std::none_of(contract.unlessModuleCalls.begin(), contract.unlessModuleCalls.end(), isCalled);
}

llvm::ArrayRef<std::pair<FieldKey, FieldBinding>> Program::bindingsOf(FieldKey key) const {
  auto first = std::lower_bound(fieldBindings.begin(), fieldBindings.end(), key,
                                [](const auto &entry, const FieldKey &wanted) { return entry.first < wanted; });
  auto last = first;
  while (last != fieldBindings.end() && last->first == key)
    ++last;
  return llvm::ArrayRef(fieldBindings).slice(first - fieldBindings.begin(), last - first);
}

Program link(std::vector<facts::UnitFacts> units, const RuleSet &rules, const TreeConstants &constants,
             const LearnedContracts *learned) {
  std::sort(units.begin(), units.end(), [](const UnitFacts &a, const UnitFacts &b) {
    return std::make_pair(a.text(a.mainFile), a.text(a.module)) < std::make_pair(b.text(b.mainFile), b.text(b.module));
  });
  std::size_t done = 0;
  std::optional<LinkUnit> unit;
  auto next = [&]() -> const LinkUnit * {
    if (done == units.size())
      return nullptr;
    return &unit.emplace(std::move(units[done++]));
  };
  return link(next, rules, constants, learned);
}

Program link(UnitSource next, const RuleSet &rules, const TreeConstants &constants, const LearnedContracts *learned) {
  Program program;
  program.learned = learned;
  for (const auto &[name, value] : constants)
    program.constants[name] = value;
  if (auto found = program.constants.find(rules.directReclaim); found != program.constants.end())
    program.directReclaim = found->second;
  Linker(program, rules).run(next);
  return program;
}

} // namespace bhlint
