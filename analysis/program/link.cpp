#include "analysis/facts/serialize.h"
#include "analysis/program/callers.h"
#include "analysis/program/field_domains.h"
#include "analysis/program/link_unit.h"
#include "analysis/program/parallel.h"
#include "analysis/program/program_tables.h"
#include "analysis/program/unit_stores.h"

#include "llvm/Support/Path.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <tuple>

namespace bhlint {

namespace {

using facts::FlatUnit;
using facts::UnitFacts;
using facts::ValueKind;

/// Bodies of one static (or header) function in several units may differ: the preprocessor made them so.
using InternalKey = std::tuple<NameId, NameId, std::uint64_t>; // name, file, LinkUnit::discriminators

/// What is left of a unit until all units were seen.
struct JoinedUnit {
  struct Bodies {
    explicit Bodies(std::shared_ptr<UnitBodies> made)
        : bodies(std::move(made)), bitNumbers(bodies->maskBits().size()) {}
    std::shared_ptr<UnitBodies> bodies;
    std::vector<std::uint32_t> bitNumbers; ///< by UnitBodies::maskBits()
  };
  NameId module = 0;
  UnitNumbers numbers;
  std::vector<Bodies> bodies;   ///< nearly always one, see Linker::madeBody()
  std::vector<FunctionId> kept; ///< functions whose bodies are among these, in order; their numbers as they were given
  UnitStores stores, initializers;
};

class Linker {
public:
  Linker(Program &program, LinkIndex &index, unsigned jobs)
      : program(program), tables(program), rules(index.rules), index(index), workers(jobs) {
    program.rules = &rules;
  }

  /// One unit at a time: the facts of a whole tree need more room than the program made of them.
  void run(UnitSource next, LearnedSource learned) {
    indexContracts();
    while (LinkUnit *unit = next()) {
      ++program.unitCount;
      declare(*unit);
      join(*unit);
    }
    settleReferences();
    program.learned = learned();
    for (Function &function : program.functions)
      attachContracts(function);
    sortBindings(program);
    program.isWholeKernel = isWholeKernel();
    settleCallers(program);
    enumerateFields(program, workers);
    attachLearned(tables);
  }

private:
  NameId intern(llvm::StringRef text) { return tables.intern(text); }
  NameId intern(const LinkUnit &unit, facts::StringId id) {
    if (id == 0)
      return 0;
    NameId &known = joined->numbers.names[id];
    if (known == 0)
      known = tables.intern(unit.facts->text(id), unit.stringHashes[id]);
    return known;
  }
  /// Objects that are linked into the kernel have a module name of their own each; their folder is what belongs
  /// together.
  NameId moduleOf(const LinkUnit &unit) {
    if (!(unit.facts->unit().flags() & FlatUnit::BuiltIn))
      return intern(unit, unit.facts->unit().module_name());
    return intern(llvm::sys::path::parent_path(unit.facts->text(unit.facts->unit().main_file())));
  }
  FieldKey key(const LinkUnit &unit, const facts::FieldStep &step) {
    return {intern(unit, step.record), intern(unit, step.field)};
  }
  Place place(const LinkUnit &unit, const facts::Location &location) {
    return {intern(unit, location.file), location.line, location.column};
  }

  /// Numbers for everything that the unit defines. join() goes on with the unit's names.
  void declare(const LinkUnit &linked) {
    const FlatUnit &unit = *linked.facts;
    joined = &units.emplace_back();
    joined->numbers.names.assign(unit.strings().size(), 0);
    joined->numbers.functions.assign(unit.unit().symbols()->size(), noId);
    joined->numbers.globals.assign(unit.unit().symbols()->size(), noId);
    joined->module = moduleOf(linked);
    std::vector<std::uint64_t> added;
    for (std::size_t i = 0; i < unit.functions().size(); ++i) {
      const facts::wire::Function &function = *unit.functions()[i].head;
      const facts::Symbol symbol = unit.symbol(function.symbol());
      NameId name = intern(linked, symbol.name);
      NameId file = intern(linked, function.location().file());
      bool isInternal = symbol.file != 0;
      auto [entry, isNew] = definitions.try_emplace(InternalKey{name, file, linked.discriminators[i]}, noId);
      if (isNew) {
        entry->second = tables.addFunction(name, isInternal);
        added.push_back(linked.definitions[i]);
        Function &result = program.functions[entry->second];
        result.file = file;
        result.module = joined->module;
        result.place = place(linked, FlatUnit::location(function.location()));
        result.endLine = function.end_line();
        result.isInHeader = function.flags() & FlatUnit::IsInHeader;
        result.isInit = function.flags() & FlatUnit::IsInit;
        result.isExit = function.flags() & FlatUnit::IsExit;
        result.isNoReturn = symbol.isNoReturn;
        if (!isInternal)
          externals[name].push_back(entry->second);
      }
      joined->numbers.functions[function.symbol()] = entry->second;
    }
    index.addKnown(added);
  }

  FunctionId resolve(const LinkUnit &unit, facts::SymbolIndex index) {
    FunctionId &id = joined->numbers.functions[index];
    if (id != noId)
      return id;
    const facts::Symbol symbol = unit.facts->symbol(index);
    NameId name = intern(unit, symbol.name);
    if (symbol.file != 0) { // static, declared but its body was not extracted
      auto [entry, isNew] = undefinedStatics.try_emplace({name, intern(unit, symbol.file)}, noId);
      if (isNew)
        entry->second = declareFunction(name, true, symbol.isNoReturn);
      return id = entry->second;
    }
    // Which definition that is, if any, is known when all units were seen.
    auto [entry, isNew] = references.try_emplace({name, joined->module}, noId);
    if (isNew)
      entry->second = declareFunction(name, false, symbol.isNoReturn);
    return id = entry->second;
  }

  std::uint32_t globalOf(const LinkUnit &unit, facts::SymbolIndex index) {
    std::uint32_t &id = joined->numbers.globals[index];
    if (id == noId) {
      const facts::Symbol symbol = unit.facts->symbol(index);
      id = tables.globalOf(intern(unit, symbol.name), intern(unit, symbol.file));
    }
    return id;
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
    settleUnits(meant);
  }

  /// Everything in bodies gets the program's numbers, of functions those in `meant`.
  void settleUnits(const std::vector<FunctionId> &meant) {
    workers.forEach(units.size(), [&](std::size_t i) { settle(units[i], meant); });
    for (JoinedUnit &unit : units) {
      appendStores(std::move(unit.stores), program);
      appendStores(std::move(unit.initializers), program);
      for (JoinedUnit::Bodies &made : unit.bodies)
        program.storage.push_back(std::move(made.bodies));
    }
    units.clear();
  }

  void settle(JoinedUnit &unit, const std::vector<FunctionId> &meant) {
    for (FunctionId &id : unit.numbers.functions)
      if (id != noId)
        id = meant[id];
    if (unit.kept.empty())
      unit.bodies.clear(); // others had them first
    for (JoinedUnit::Bodies &made : unit.bodies)
      made.bodies->setNumbers(unit.numbers, made.bitNumbers);
    for (FunctionId id : unit.kept)
      addStores(*program.bodyOf(meant[id]), meant[id], unit.module, program.bits, unit.stores);
    for (auto &[key, binding] : unit.initializers.fieldBindings)
      binding.function = meant[binding.function];
    for (auto &[object, binding] : unit.initializers.arrayBindings)
      binding.function = meant[binding.function];
    unit.numbers = {};
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
        intern(name);
      for (const std::string &name : contract.unlessModuleCalls)
        intern(name);
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

  /// Numbers for what is in bodies.
  void join(LinkUnit &unit) {
    ++program.moduleUnits[joined->module];
    joined->bodies.emplace_back(std::move(unit.bodies));
    for (std::size_t i = 0; i < unit.facts->functions().size(); ++i) {
      const FunctionId id = joined->numbers.functions[unit.facts->functions()[i].head->symbol()];
      if (program.functions[id].body != noId)
        continue; // a header function that another unit brought
      JoinedUnit::Bodies &made = madeBody(unit, i);
      number(unit, made, i);
      program.functions[id].body = static_cast<std::uint32_t>(program.bodies.size());
      program.bodies.push_back(*made.bodies->bodyOf(i));
      joined->kept.push_back(id);
    }
    for (const facts::Initializer &initializer : unit.initializers)
      bindInitializer(unit, initializer);
    for (const facts::Suppression &suppression : unit.suppressions)
      program.suppressions.push_back({place(unit, suppression.location), unit.facts->text(suppression.text).str()});
  }

  /// Where the function's body is. It was not made when the index took the function for another one.
  JoinedUnit::Bodies &madeBody(const LinkUnit &unit, std::size_t function) {
    for (JoinedUnit::Bodies &made : joined->bodies)
      if (made.bodies->bodyOf(function))
        return made;
    auto isIt = [&](std::size_t i) { return i == function; };
    return joined->bodies.emplace_back(std::make_shared<UnitBodies>(*unit.facts, index, isIt));
  }

  void number(const LinkUnit &unit, JoinedUnit::Bodies &made, std::size_t function) {
    for (NumberUse use : made.bodies->usesOf(function))
      switch (use.kind) {
      case NumberUse::Text:
        intern(unit, use.index);
        break;
      case NumberUse::Callee:
        resolve(unit, use.index);
        break;
      case NumberUse::Address:
        program.functions[resolve(unit, use.index)].isAddressTaken = true;
        break;
      case NumberUse::Global:
        globalOf(unit, use.index);
        break;
      }
    for (std::uint32_t bits : made.bodies->bitsOf(function))
      made.bitNumbers[bits] = tables.internBits(made.bodies->maskBits()[bits].mask, made.bodies->maskBits()[bits].bits);
    for (facts::StringId name : made.bodies->askedCallsOf(function))
      program.moduleCalls.insert({joined->module, intern(unit, name)});
  }

  void bindInitializer(const LinkUnit &unit, const facts::Initializer &initializer) {
    UnitStores &stores = joined->initializers;
    const NameId module = joined->module;
    std::uint32_t object = globalOf(unit, initializer.object);
    if (initializer.value.kind == ValueKind::Function) {
      FieldBinding binding;
      binding.function = resolve(unit, initializer.value.index);
      program.functions[binding.function].isAddressTaken = true;
      binding.object = object;
      binding.module = module;
      binding.place = place(unit, initializer.location);
      for (std::size_t i = 0; i + 1 < initializer.fields.size(); ++i)
        binding.owners.push_back(key(unit, initializer.fields[i]));
      if (initializer.fields.empty())
        stores.arrayBindings.push_back({object, binding});
      else
        stores.fieldBindings.push_back({key(unit, initializer.fields.back()), binding});
    } else if (initializer.value.kind == ValueKind::Address && !initializer.fields.empty()) {
      stores.objectBindings.push_back(
          {object, key(unit, initializer.fields.back()), globalOf(unit, initializer.value.index), module});
    } else if (initializer.value.kind == ValueKind::Constant && !initializer.fields.empty()) {
      stores.fieldConstants.push_back({key(unit, initializer.fields.back()), module,
                                       intern(unit, initializer.location.file), initializer.value.bits});
      stores.fieldBits.push_back({key(unit, initializer.fields.back()), module, initializer.value.bits});
    }
  }

  Program &program;
  ProgramTables tables;
  const RuleSet &rules;
  LinkIndex &index;
  Workers workers;
  std::deque<JoinedUnit> units;
  JoinedUnit *joined = nullptr; ///< the unit at hand
  IdMap<InternalKey, FunctionId> definitions;
  IdMap<std::pair<NameId, NameId>, FunctionId> undefinedStatics;
  llvm::DenseMap<std::pair<NameId, NameId>, FunctionId> references; ///< external name, module that refers to it
  llvm::DenseMap<NameId, std::vector<FunctionId>> externals;
  llvm::DenseMap<NameId, std::uint32_t> queueIds;
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
  LinkIndex index(rules);
  std::size_t done = 0;
  std::optional<LinkUnit> unit;
  auto next = [&]() -> LinkUnit * {
    if (done == units.size())
      return nullptr;
    return &unit.emplace(llvm::cantFail(FlatUnit::open(facts::serialize(units[done++]))), index);
  };
  return link(next, index, constants, [&] { return learned; });
}

Program link(UnitSource next, LinkIndex &index, const TreeConstants &constants, LearnedSource learned, unsigned jobs) {
  Program program;
  for (const auto &[name, value] : constants)
    program.constants[name] = value;
  if (auto found = program.constants.find(index.rules.directReclaim); found != program.constants.end())
    program.directReclaim = found->second;
  Linker(program, index, jobs).run(next, learned);
  return program;
}

} // namespace bhlint
