// Roots: every function that a contract says is called back, with the context that flags and queues decide.
#include "analysis/program/contexts.h"
#include "analysis/program/queue_uses.h"
#include "analysis/program/values.h"

#include "llvm/ADT/BitVector.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace bhlint {

using facts::EventKind;
using facts::ValueKind;

namespace {

class RootFinder {
public:
  explicit RootFinder(const Program &program) : program(program), rules(*program.rules) {}

  std::vector<ContextRoot> run() {
    indexCases();
    queued = findQueueUses(program);
    registers.resize(program.functions.size());
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (program.functions[id].callbackCount)
        registers.set(id);
    forwardRegistrations();
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (program.bodyOf(id))
        scanRegistrations(id);
    for (const OpsContract &contract : rules.ops)
      scanOps(contract);
    for (const DeferredObject &deferred : rules.deferred)
      scanDeferred(deferred);
    std::stable_sort(roots.begin(), roots.end(), [](const ContextRoot &a, const ContextRoot &b) {
      return std::make_tuple(a.function, a.context, -int(a.confidence), a.place.file, a.place.line) <
             std::make_tuple(b.function, b.context, -int(b.confidence), b.place.file, b.place.line);
    });
    roots.erase(std::unique(roots.begin(), roots.end(),
                            [](const ContextRoot &a, const ContextRoot &b) {
                              return a.function == b.function && a.context == b.context;
                            }),
                roots.end());
    return std::move(roots);
  }

private:
  std::string nameOf(FunctionId id) const { return program.text(program.functions[id].name).str() + "()"; }

  void add(FunctionId function, Context context, const Provenance &provenance, Confidence confidence, Place place,
           std::string why) {
    if (!program.bodyOf(function))
      return;
    roots.push_back(
        {function, context, std::min(provenance.confidence, confidence), std::move(why), place, provenance.evidence});
  }

  // Registrations by argument ----------------------------------------------------------------------------------------

  /// Functions that hand one of their parameters to a registration register it themselves.
  void forwardRegistrations() {
    const std::vector<FunctionId> candidates = functionsThatPassParameters();
    bool changed = true;
    for (unsigned round = 0; changed && round < 8; ++round) {
      changed = false;
      for (FunctionId id : candidates) {
        const Body *body = program.bodyOf(id);
        for (const BodyEvent &event : body->events)
          if (event.kind == EventKind::Call && !event.isCovered && isDirect(event) && registers.test(event.index))
            for (auto [argument, contract] : registrationsOf(event.index)) {
              llvm::ArrayRef<Operand> arguments = body->argumentsOf(event);
              if (argument < arguments.size() && arguments[argument].valueKind() == ValueKind::Parameter)
                changed |= forwarded.insert({id, arguments[argument].index, contract}).second;
            }
        if (auto own = forwarded.lower_bound({id, 0, 0}); own != forwarded.end() && std::get<0>(*own) == id)
          registers.set(id);
      }
    }
  }

  std::vector<FunctionId> functionsThatPassParameters() const {
    std::vector<FunctionId> result;
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id); body && !program.functions[id].callbackCount)
        if (llvm::any_of(body->arguments,
                         [](const Operand &argument) { return argument.valueKind() == ValueKind::Parameter; }))
          result.push_back(id);
    return result;
  }

  static bool isDirect(const BodyEvent &event) { return event.call == facts::CallKind::Direct; }

  std::vector<std::pair<std::uint32_t, std::uint32_t>> registrationsOf(FunctionId callee) const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> result;
    const Function &function = program.functions[callee];
    for (std::uint32_t i = 0; i < function.callbackCount; ++i)
      result.emplace_back(rules.callbacks[function.firstCallback + i].argument, function.firstCallback + i);
    for (auto entry = forwarded.lower_bound({callee, 0, 0}); entry != forwarded.end() && std::get<0>(*entry) == callee;
         ++entry)
      result.emplace_back(std::get<1>(*entry), std::get<2>(*entry));
    return result;
  }

  void scanRegistrations(FunctionId id) {
    const Body &body = *program.bodyOf(id);
    for (std::uint32_t e = 0; e < body.events.size(); ++e) {
      const BodyEvent &event = body.events[e];
      if (event.kind == EventKind::Macro) {
        scanMacro(id, body, e);
        continue;
      }
      if (event.kind != EventKind::Call || !isDirect(event) || !registers.test(event.index))
        continue;
      for (auto [argument, contract] : registrationsOf(event.index)) {
        if (argument >= event.argumentCount)
          continue;
        for (FunctionId function : functionsIn(body, body.argumentsOf(event)[argument]))
          addRegistration(function, rules.callbacks[contract], id, event, &body,
                          program.text(event.macro != 0 ? event.macro : program.functions[event.index].name));
      }
    }
  }

  /// A macro contract has no argument positions in the facts: the functions in its expansion are what it is given.
  void scanMacro(FunctionId id, const Body &body, std::uint32_t macro) {
    auto found = program.macros.find(body.events[macro].macro);
    if (found == program.macros.end() || found->second.callbackCount != 1)
      return;
    const CallbackContract &contract = rules.callbacks[found->second.firstCallback];
    for (std::uint32_t e = macro + 1; e < body.events.size(); ++e) {
      const BodyEvent &event = body.events[e];
      if (!isWithin(body, e, macro) || event.kind == EventKind::Macro)
        continue;
      std::vector<FunctionId> functions = functionsIn(body, event.value);
      for (const Operand &argument : body.argumentsOf(event))
        for (FunctionId function : functionsIn(body, argument))
          functions.push_back(function);
      for (FunctionId function : functions)
        addRegistration(function, contract, id, body.events[macro], nullptr, program.text(body.events[macro].macro));
    }
  }

  static bool isWithin(const Body &body, std::uint32_t event, std::uint32_t macro) {
    for (std::uint32_t level = body.events[event].expansion; level != noId; level = body.events[level].expansion)
      if (level == macro)
        return true;
    return false;
  }

  void addRegistration(FunctionId function, const CallbackContract &contract, FunctionId registrar,
                       const BodyEvent &event, const Body *body, llvm::StringRef via) {
    if (contract.inCallerContext)
      return;
    Context context = contract.context;
    if (body)
      for (const FlagCase &flagCase : contract.cases)
        if (holds(flagCase, *body, event)) {
          context = flagCase.context;
          break;
        }
    std::string what =
        contract.what.empty() ? "runs in " + std::string(contextPhrase(context)) : "is a " + contract.what;
    add(function, context, contract.provenance, Confidence::High, event.place,
        nameOf(function) + " " + what + ": registered by " + via.str() + "() in " + nameOf(registrar));
  }

  bool holds(const FlagCase &flagCase, const Body &body, const BodyEvent &event) const {
    auto constant = program.constants.find(flagCase.flag);
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
    if (constant == program.constants.end() || flagCase.argument >= arguments.size() ||
        arguments[flagCase.argument].valueKind() != ValueKind::Constant)
      return false;
    std::uint64_t bits = program.maskBits(arguments[flagCase.argument]).bits;
    return ((bits & constant->second) == constant->second) == flagCase.isSet;
  }

  // Ops tables -------------------------------------------------------------------------------------------------------

  void scanOps(const OpsContract &contract) {
    FieldKey key{program.find(contract.record), program.find(contract.field)};
    if (key.record == noId || key.field == noId)
      return;
    for (const auto &[field, binding] : program.bindingsOf(key)) {
      Context context = contract.context;
      Confidence confidence = Confidence::High;
      for (const FieldCase &fieldCase : contract.cases)
        if (fieldCase.function.empty() ? isStored(fieldCase, binding.module) : isCalled(fieldCase, binding))
          context = fieldCase.context;
        else if (isAdded(fieldCase, binding.module))
          confidence = Confidence::Medium; // some objects of the module have the flag, and it knows which
      std::string what =
          contract.what.empty() ? "runs in " + std::string(contextPhrase(context)) : "is a " + contract.what;
      std::string where = binding.setter == noId ? "" : ", set in " + nameOf(binding.setter);
      add(binding.function, context, contract.provenance, confidence, binding.place,
          nameOf(binding.function) + " " + what + ": it is " + contract.record + "." + contract.field + where);
    }
  }

  bool isStored(const FieldCase &fieldCase, NameId module) const {
    FieldKey key{program.find(fieldCase.record), program.find(fieldCase.field)};
    std::uint64_t flag = ~0ull;
    if (!fieldCase.flag.empty()) {
      auto constant = program.constants.find(fieldCase.flag);
      if (constant == program.constants.end())
        return false;
      flag = constant->second;
    }
    auto first =
        std::lower_bound(program.fieldConstants.begin(), program.fieldConstants.end(), key,
                         [](const FieldConstant &entry, const FieldKey &wanted) { return entry.field < wanted; });
    for (; first != program.fieldConstants.end() && first->field == key; ++first)
      if (first->module == module && (first->bits & flag) != 0)
        return true;
    return false;
  }

  /// `x->field |= FLAG`, which is mostly done under a condition.
  bool isAdded(const FieldCase &fieldCase, NameId module) const {
    auto constant = program.constants.find(fieldCase.flag);
    if (fieldCase.flag.empty() || !fieldCase.function.empty() || constant == program.constants.end())
      return false;
    std::optional<std::uint64_t> bits =
        program.bitsSet({program.find(fieldCase.record), program.find(fieldCase.field)}, module);
    return bits && *bits != ~0ull && (*bits & constant->second) == constant->second;
  }

  /// Whether code of the binding's module passes the flag to the function: for the object that holds the binding, or,
  /// where no such call can be told, for any.
  bool isCalled(const FieldCase &fieldCase, const FieldBinding &binding) const {
    auto constant = program.constants.find(fieldCase.flag);
    if (!fieldCase.flag.empty() && constant == program.constants.end())
      return false;
    auto calls = caseCalls.find({program.find(fieldCase.function), fieldCase.argument, binding.module});
    if (calls == caseCalls.end())
      return false;
    auto isOwn = [&](const CaseCall &call) {
      return llvm::any_of(binding.owners, [&](const FieldKey &owner) {
        return call.object == ObjectKey{owner.record, owner.field, noId};
      });
    };
    bool hasOwn = llvm::any_of(calls->second, isOwn);
    return llvm::any_of(calls->second, [&](const CaseCall &call) {
      return (!hasOwn || isOwn(call)) && (fieldCase.flag.empty() || (call.bits & constant->second) != 0);
    });
  }

  /// A call that a case asks about.
  struct CaseCall {
    std::optional<ObjectKey> object; ///< its first argument
    std::uint64_t bits = 0;          ///< of the argument asked about, where that is a constant
  };

  void indexCases() {
    std::set<std::pair<NameId, std::uint32_t>> asked;
    llvm::DenseSet<NameId> names; // of these; most calls are of others
    for (const OpsContract &contract : rules.ops)
      for (const FieldCase &fieldCase : contract.cases)
        if (NameId name = fieldCase.function.empty() ? noId : program.find(fieldCase.function); name != noId)
          if (asked.insert({name, fieldCase.argument}).second)
            names.insert(name);
    if (asked.empty())
      return;
    for (FunctionId id = 0; id < program.functions.size(); ++id)
      if (const Body *body = program.bodyOf(id))
        for (const BodyEvent &event : body->events)
          if (event.kind == EventKind::Call && isDirect(event) && names.contains(program.functions[event.index].name))
            indexCall(asked, program.functions[id].module, *body, event);
  }

  void indexCall(const std::set<std::pair<NameId, std::uint32_t>> &asked, NameId module, const Body &body,
                 const BodyEvent &event) {
    NameId name = program.functions[event.index].name;
    llvm::ArrayRef<Operand> arguments = body.argumentsOf(event);
    for (auto entry = asked.lower_bound({name, 0}); entry != asked.end() && entry->first == name; ++entry)
      if (std::uint32_t position = entry->second; position < arguments.size())
        caseCalls[{name, position, module}].push_back(
            {objectKeyOf(body, arguments[0]),
             arguments[position].valueKind() == ValueKind::Constant ? program.maskBits(arguments[position]).bits : 0});
  }

  // Deferred objects whose queue decides -----------------------------------------------------------------------------

  /// A work item that is given several functions runs the one that it was given last: where the code that queues it
  /// gives it one, that is the one. nullopt: not this one.
  static std::optional<Confidence> confidenceOf(const FieldBinding &binding, llvm::ArrayRef<const FieldBinding *> all,
                                                const QueueUse &use) {
    bool isSetThere = llvm::any_of(all, [&](const FieldBinding *other) { return other->setter == use.in; });
    if (isSetThere)
      return binding.setter == use.in ? std::optional(Confidence::High) : std::nullopt;
    bool isOne = llvm::all_of(all, [&](const FieldBinding *other) { return other->function == binding.function; });
    return isOne ? Confidence::High : Confidence::Medium;
  }

  void scanDeferred(const DeferredObject &deferred) {
    FieldKey key{program.find(deferred.record), program.find(deferred.field)};
    if (key.record == noId || key.field == noId)
      return;
    std::map<ObjectKey, std::vector<const FieldBinding *>> functionsOf;
    for (const auto &[field, binding] : program.bindingsOf(key))
      for (const FieldKey &owner : binding.owners)
        functionsOf[{owner.record, owner.field, noId}].push_back(&binding);
    for (const auto &[field, binding] : program.bindingsOf(key)) {
      auto addQueued = [&](const ObjectKey &object) {
        auto found = queued.find(object);
        if (found == queued.end())
          return;
        for (const QueueUse &use : found->second) {
          std::optional<Confidence> confidence = confidenceOf(binding, functionsOf[object], use);
          if (!confidence)
            continue;
          add(binding.function, use.context, deferred.provenance, *confidence, binding.place,
              nameOf(binding.function) + " runs in " + std::string(contextPhrase(use.context)) + ": it is queued on " +
                  use.queue + " in " + nameOf(use.in));
        }
      };
      for (const FieldKey &owner : binding.owners)
        addQueued({owner.record, owner.field, noId});
      if (binding.object != noId && binding.owners.empty())
        addQueued({0, 0, binding.object});
      add(binding.function, deferred.fallback, deferred.provenance, Confidence::High, binding.place,
          nameOf(binding.function) + " is a work item");
    }
  }

  const Program &program;
  const RuleSet &rules;
  std::vector<ContextRoot> roots;
  std::set<std::tuple<FunctionId, std::uint32_t, std::uint32_t>> forwarded; // function, parameter, contract
  llvm::BitVector registers; ///< by function: whether it is given functions that are called back
  std::map<ObjectKey, std::vector<QueueUse>> queued;
  std::map<std::tuple<NameId, std::uint32_t, NameId>, std::vector<CaseCall>> caseCalls; // function, argument, module
};

} // namespace

std::vector<ContextRoot> findRoots(const Program &program) {
  return RootFinder(program).run();
}

} // namespace bhlint
