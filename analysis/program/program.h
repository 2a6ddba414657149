// Program: all units joined. Functions and strings have one number each, calls are resolved, contracts are attached.
//
// `link()` is the only way to make one; it is const afterwards. It holds no judgement: what may sleep is in summary.h,
// where code runs in contexts.h.
#pragma once

#include "analysis/facts/facts.h"
#include "analysis/ruleset/rule_set.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bhlint {

using FunctionId = std::uint32_t;
using NameId = std::uint32_t; ///< index into Program's interned strings; 0 is empty
inline constexpr std::uint32_t noId = 0xffffffffu;

struct Place {
  NameId file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Place &, const Place &) = default;
};

/// facts::Value in 8 bytes: masks and constants are interned (`Program::bits`).
struct Operand {
  std::uint32_t kind : 5 = 0; ///< facts::ValueKind
  std::uint32_t isNegated : 1 = 0;
  std::uint32_t index : 26 = 0; ///< Function: FunctionId; ContextTest: NameId; others as in facts
  std::uint32_t bits = 0;       ///< into Program::bits; 0 = mask ~0, bits 0
  facts::ValueKind valueKind() const { return static_cast<facts::ValueKind>(kind); }
  friend bool operator==(const Operand &a, const Operand &b) {
    return a.kind == b.kind && a.isNegated == b.isNegated && a.index == b.index && a.bits == b.bits;
  }
};

struct MaskBits {
  std::uint64_t mask = ~0ull;
  std::uint64_t bits = 0;
};

struct FieldKey {
  NameId record = 0;
  NameId field = 0;
  friend auto operator<=>(const FieldKey &, const FieldKey &) = default;
};

struct Path {
  facts::RootKind root = facts::RootKind::Unknown;
  std::uint32_t index = 0; ///< as in facts; Global: GlobalId
  NameId rootRecord = 0;
  NameId text = 0;
  llvm::ArrayRef<FieldKey> fields;
};

struct BodyEvent {
  facts::EventKind kind = facts::EventKind::Call;
  facts::CallKind call = facts::CallKind::Direct;
  bool isCovered = false; ///< inside a macro whose contract says all: not looked at
  std::uint8_t argumentCount = 0;
  Place place;
  std::uint32_t index = 0; ///< Call Direct/Cleanup: FunctionId; Field: path; Assign: local; Store: path
  Operand value;
  std::uint32_t firstArgument = 0; ///< into Body::arguments
  NameId macro = 0;
  std::uint32_t expansion = noId;
};

struct EdgeGuard {
  Operand value;
  facts::Relation relation = facts::Relation::AnyBit;
  std::uint64_t operand = ~0ull;
};

struct EdgeAssignment {
  std::uint32_t local = 0;
  Operand value;
};

struct BodyEdge {
  std::uint32_t to = 0;
  llvm::ArrayRef<EdgeGuard> guards;
  llvm::ArrayRef<EdgeAssignment> assigns;
};

struct BodyBlock {
  std::uint32_t firstEvent = 0;
  std::uint32_t eventCount = 0;
  llvm::ArrayRef<BodyEdge> edges;
};

/// Its lists lie in the arrays of its unit (unit_bodies.h).
struct Body {
  llvm::ArrayRef<NameId> parameters;
  llvm::ArrayRef<NameId> parameterRecords;
  std::uint32_t localCount = 0;
  llvm::ArrayRef<Path> paths;
  llvm::ArrayRef<BodyEvent> events;
  llvm::ArrayRef<Operand> arguments;
  llvm::ArrayRef<BodyBlock> blocks;
  bool asksForContext =
      false; ///< tests a field that says in which context its object is used (Calibration::contextFields)
  llvm::ArrayRef<Operand> argumentsOf(const BodyEvent &event) const {
    return arguments.slice(event.firstArgument, event.argumentCount);
  }
};

struct Function {
  NameId name = 0;
  NameId file = 0;   ///< of the definition; 0 = only declared
  NameId module = 0; ///< KBUILD_MODNAME of its unit, or the folder of built-in code; of the first unit that has
                     ///< it for header functions
  Place place;
  std::uint32_t endLine = 0;
  std::uint32_t body = noId; ///< into Program::bodies
  bool isStatic = false;
  bool isInHeader = false;
  bool isInit = false;
  bool isExit = false;
  bool isNoReturn = false;
  bool isAddressTaken = false;
  bool isUnreached = false;     ///< no call of it can run, as far as calls are in sight (callers.h)
  bool isLastReference = false; ///< Calibration::lastReference: true, or a call back, when no reference is left
  // Contracts that name it, as indices into the RuleSet's vectors.
  std::uint32_t sleep = noId;
  std::uint32_t effect = noId;
  std::uint32_t test = noId;
  std::uint32_t queue = noId;
  std::uint32_t firstCallback = noId;
  std::uint32_t callbackCount = 0;
  std::uint32_t learned = noId; ///< into LearnedContracts::functions; set where there is no body
};

/// A macro name that contracts know.
struct MacroContract {
  std::uint32_t sleep = noId;
  std::uint32_t effect = noId;
  std::uint32_t firstCallback = noId;
  std::uint32_t callbackCount = 0;
};

/// A function address stored in a field: where it was, so that calls through the field can be resolved.
struct FieldBinding {
  FunctionId function = 0;
  std::uint32_t object = noId; ///< GlobalId of the object that a static initialiser fills
  NameId module = 0;
  FunctionId setter = noId;     ///< function that stores it; noId: static initialiser
  std::vector<FieldKey> owners; ///< fields that lead to the object: priv_t.work of &priv->work, outermost first
  Place place;
};

/// `object.field = &other`, for multi-layer resolution.
struct ObjectBinding {
  std::uint32_t object = noId; ///< GlobalId that holds the pointer; noId: stored by code
  FieldKey field;
  std::uint32_t target = noId; ///< GlobalId
  NameId module = 0;
};

/// A constant stored in a field (flags that change contracts).
struct FieldConstant {
  FieldKey field;
  NameId module = 0;
  NameId file = 0;
  std::uint64_t bits = 0;
};

/// Bits that code of a module sets in a field, whatever the object.
struct FieldBits {
  FieldKey field;
  NameId module = 0;
  std::uint64_t bits = 0; ///< ~0: something that is not a constant is stored
};

/// What code stores in a field, where that is nothing but constants (field_domains.h).
struct FieldDomain {
  FieldKey field;
  std::uint64_t bits = 0;            ///< all that any of them sets
  std::vector<std::uint64_t> values; ///< of whole stores; empty: bits are also added one by one
};

/// A parameter that is the same constant in every call of its function (callers.h).
struct ParameterConstant {
  FunctionId function = 0;
  std::uint32_t parameter = 0;
  std::uint32_t value = 0;
};

struct GlobalVariable {
  NameId name = 0;
  NameId file = 0; ///< set for internal linkage
};

struct UnitSuppression {
  Place place;
  std::string text;
};

struct LearnedContracts;
struct LinkUnit;  // link_unit.h
class LinkIndex;  // link_index.h
class UnitBodies; // unit_bodies.h

struct Program {
  const RuleSet *rules = nullptr;
  const LearnedContracts *learned = nullptr;            ///< null: none
  llvm::DenseMap<std::uint32_t, FunctionId> learnedIds; ///< index in `learned` -> function that stands for it here
  llvm::StringMap<std::uint32_t> learnedGlobals;        ///< "name@file" -> GlobalId
  std::vector<llvm::StringRef> strings;                 ///< keys of stringIds
  llvm::StringMap<NameId> stringIds;
  std::vector<MaskBits> bits;
  std::vector<Function> functions;
  std::vector<Body> bodies;
  std::vector<std::shared_ptr<const UnitBodies>> storage; ///< of what is in `bodies`
  std::vector<GlobalVariable> globals;
  llvm::DenseMap<NameId, MacroContract> macros;
  llvm::DenseMap<NameId, std::uint32_t> tests;                  ///< name -> RuleSet::tests
  std::vector<std::pair<FieldKey, FieldBinding>> fieldBindings; ///< sorted by key, then by function and place
  std::vector<std::pair<std::uint32_t, FieldBinding>>
      arrayBindings; ///< by GlobalId: arrays of and pointers to functions
  std::vector<ObjectBinding> objectBindings;
  std::vector<FieldConstant> fieldConstants; ///< sorted by key
  std::vector<FieldBits> fieldBits;          ///< sorted by key, module; one row for each
  std::vector<ParameterConstant> parameterConstants; ///< sorted by function and parameter
  std::vector<FieldDomain> fieldDomains;             ///< sorted by field
  std::vector<UnitSuppression> suppressions;
  llvm::StringMap<std::uint64_t> constants; ///< RuleSet::constants, read from the tree
  std::uint64_t directReclaim = 0;          ///< the bit(s) that make an allocation sleep
  unsigned unitCount = 0;
  bool isWholeKernel = false;               ///< what boots it is here, so what no unit does nothing does
  llvm::DenseMap<NameId, unsigned> moduleUnits;          ///< units of each module
  llvm::DenseSet<std::pair<NameId, NameId>> moduleCalls; ///< module, callee; only callees that contracts ask about

  llvm::StringRef text(NameId id) const { return strings[id]; }
  NameId find(llvm::StringRef text) const {
    auto entry = stringIds.find(text);
    return entry == stringIds.end() ? noId : entry->second;
  }
  const Body *bodyOf(FunctionId id) const { return functions[id].body == noId ? nullptr : &bodies[functions[id].body]; }
  /// What code of `module` sets in the field, see FieldBits; nullopt: nothing.
  std::optional<std::uint64_t> bitsSet(FieldKey field, NameId module) const;
  /// Whether code of `module` may set one of `bits` in the field.
  bool maySet(FieldKey field, std::uint64_t bits, NameId module) const;
  /// Whether a contract that depends on what else the module calls holds there.
  bool holdsIn(const SleepContract &contract, NameId module) const;
  /// Functions with this name, static ones of every file included.
  std::vector<FunctionId> named(llvm::StringRef name) const;
  llvm::ArrayRef<std::pair<FieldKey, FieldBinding>> bindingsOf(FieldKey key) const;
  MaskBits maskBits(const Operand &operand) const { return bits[operand.bits]; }
};

/// Values of the tree's constants by name.
using TreeConstants = std::vector<std::pair<std::string, std::uint64_t>>;

/// Hands out the units of a program one after the other, sorted by main file and module; null when there are no more. A
/// unit is looked at until the next is asked for. They are made with the `index` that link() is given.
using UnitSource = llvm::function_ref<LinkUnit *()>;
/// Asked for once, when all units were seen, since they are large and take time to read; null: none.
using LearnedSource = llvm::function_ref<const LearnedContracts *()>;
/// `jobs` threads, 0: one for each core. The result does not depend on it. The rules in `index` and what was learned
/// must outlive it.
Program link(UnitSource next, LinkIndex &index, const TreeConstants &constants, LearnedSource learned,
             unsigned jobs = 1);

/// Joins units. The result does not depend on their order. `rules` and `learned` (null: none) must outlive it.
Program link(std::vector<facts::UnitFacts> units, const RuleSet &rules, const TreeConstants &constants,
             const LearnedContracts *learned = nullptr);

} // namespace bhlint
