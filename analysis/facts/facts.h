// The facts of one translation unit: what its functions do, never whether it is good or bad.
//
// `UnitFacts` is the only thing that flows from the Clang side (analysis/extract) to the linked analysis
// (analysis/program). It holds values and indices only, never a Clang pointer, so it can be stored, moved to another
// machine and read back without Clang. It does not know the rules: changing a YAML file never re-parses C.
//
// To add a fact: add a field here, fill it in analysis/extract, write it in facts.fbs + serialize.cpp, and bump
// `formatVersion`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bhlint::facts {

/// Part of the cache key: facts written by another version are never read.
inline constexpr std::uint32_t formatVersion = 2;

/// Index into `UnitFacts::strings`; 0 is always the empty string.
using StringId = std::uint32_t;
/// Index into `UnitFacts::functions`.
using FunctionIndex = std::uint32_t;
/// Index into `UnitFacts::symbols`.
using SymbolIndex = std::uint32_t;
/// Index into `FunctionFacts::paths`.
using PathIndex = std::uint32_t;
/// Index into `FunctionFacts::events`.
using EventIndex = std::uint32_t;
/// Index into `FunctionFacts::blocks`.
using BlockIndex = std::uint32_t;

inline constexpr std::uint32_t none = 0xffffffffu;

/// `file` is relative to the tree root (StringId), lines and columns are 1-based, 0 = unknown. For code that comes from
/// a macro this is where the outermost macro is used, since that is the line a reader edits.
struct Location {
  StringId file = 0;
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend bool operator==(const Location &, const Location &) = default;
};

/// A function or variable that the unit mentions. External ones are joined by name at link time; `file` is set for
/// internal linkage (the file that defines it, a header for a static inline) and makes static names unique.
struct Symbol {
  StringId name = 0;
  StringId file = 0; ///< 0: external linkage
  bool isFunction = false;
  bool isNoReturn = false;
  friend bool operator==(const Symbol &, const Symbol &) = default;
};

/// One `.field` step of an access path. `record` is "tag" of struct/union tag, a typedef's name for an untagged one, or
/// the name of the enclosing record for an anonymous member.
struct FieldStep {
  StringId record = 0;
  StringId field = 0;
  friend bool operator==(const FieldStep &, const FieldStep &) = default;
};

enum class RootKind : std::uint8_t { Parameter, Local, Global, CallResult, Unknown };

/// `p0->ops->lock`: a root and the fields that are walked from it. Array subscripts and dereferences are not steps.
struct AccessPath {
  RootKind root = RootKind::Unknown;
  std::uint32_t index = 0;  ///< parameter or local number, SymbolIndex, EventIndex; by `root`
  StringId rootRecord = 0;  ///< record type that the root is or points to, 0 = not a record
  std::vector<FieldStep> fields;
  StringId text = 0;        ///< as written, for messages
  friend bool operator==(const AccessPath &, const AccessPath &) = default;
};

enum class ValueKind : std::uint8_t {
  Opaque,
  Constant,    ///< `bits`
  Parameter,   ///< (parameter `index` & `mask`) | `bits`
  Local,       ///< (local `index` & `mask`) | `bits`
  CallResult,  ///< (result of event `index` & `mask`) | `bits`
  Function,    ///< address of symbol `index`
  Address,     ///< address of path `index`
  Load,        ///< (what path `index` holds & `mask`) | `bits`
  ContextTest, ///< result of the context macro/function named by StringId `index` (in_interrupt(), ...)
};

struct Value {
  ValueKind kind = ValueKind::Opaque;
  bool isNegated = false; ///< logical not of what the rest says: 1 when that is 0, else 0
  std::uint32_t index = 0;
  std::uint64_t mask = ~0ull;
  std::uint64_t bits = 0;
  friend bool operator==(const Value &, const Value &) = default;
};

enum class Relation : std::uint8_t {
  AnyBit,  ///< (value & operand) != 0
  NoBit,   ///< (value & operand) == 0
  Equal,   ///< value == operand
  NotEqual ///< value != operand
};

/// What must hold for an edge to be taken. An edge with no guard can always be taken.
struct Guard {
  Value value;
  Relation relation = Relation::AnyBit;
  std::uint64_t operand = ~0ull;
  friend bool operator==(const Guard &, const Guard &) = default;
};

enum class EventKind : std::uint8_t {
  Call,   ///< `callee`/`target` with `arguments`; its result is Value{CallResult, this event}
  Assign, ///< local `index` := `value`
  Store,  ///< path `index` := `value` (kept when the value is an address, function, constant, or call result)
  Return, ///< `value`
  Macro,  ///< a function-like macro `macro` begins here; events of its expansion carry `expansion`
};

enum class CallKind : std::uint8_t { Direct, Field, Value, Cleanup };

struct Event {
  EventKind kind = EventKind::Call;
  CallKind call = CallKind::Direct;
  Location location;
  std::uint32_t index = 0;        ///< by `kind`: SymbolIndex of the callee (Direct, Cleanup), PathIndex of the function
                                  ///< pointer (Field), local number (Assign), PathIndex (Store)
  Value value;                    ///< by `kind`; for CallKind::Value the function pointer
  std::vector<Value> arguments;
  StringId macro = 0;             ///< outermost macro that the event was written through, 0 = none
  std::uint32_t expansion = none; ///< innermost Macro event that encloses this one, `none` = none
  friend bool operator==(const Event &, const Event &) = default;
};

/// Set on the edge: local `local` := `value`; how `c ? a : b` and `a && b` used as values are told apart.
struct EdgeAssign {
  std::uint32_t local = none;
  Value value;
  friend bool operator==(const EdgeAssign &, const EdgeAssign &) = default;
};

struct Edge {
  BlockIndex to = 0;
  std::vector<Guard> guards;        ///< all must hold
  std::vector<EdgeAssign> assigns;
  friend bool operator==(const Edge &, const Edge &) = default;
};

/// A reduced CFG block: events in order, then edges. A block with no edge ends the path (return, noreturn call).
struct Block {
  EventIndex firstEvent = 0;
  std::uint32_t eventCount = 0;
  std::vector<Edge> edges;
  friend bool operator==(const Block &, const Block &) = default;
};

struct FunctionFacts {
  SymbolIndex symbol = 0;
  Location location;
  std::uint32_t endLine = 0;
  std::vector<StringId> parameters;  ///< names
  std::vector<StringId> parameterRecords; ///< record that each parameter is or points to, 0 = none
  std::vector<StringId> locals;      ///< names; compiler-made ones are empty
  std::vector<AccessPath> paths;
  std::vector<Event> events;
  std::vector<Block> blocks;         ///< [0] is the entry
  bool isInit = false;               ///< in an .init section
  bool isExit = false;
  bool isInHeader = false;
  bool isInline = false;
  bool isTruncated = false;          ///< Clang had no CFG for it: only the calls are known, in source order
  friend bool operator==(const FunctionFacts &, const FunctionFacts &) = default;
};

/// A function or object address in a static initialiser: `static const struct ops o = { .open = f, .sub = &s };`
/// `fields` lead from the object to the slot; empty for an array of function pointers.
struct Initializer {
  SymbolIndex object = 0;
  StringId objectRecord = 0;
  std::vector<FieldStep> fields;
  Value value;                       ///< Function (SymbolIndex), Constant, or Address with `index` a SymbolIndex
  Location location;
  friend bool operator==(const Initializer &, const Initializer &) = default;
};

/// A comment that speaks to bhlint: `bhlint: allow(rule-id) reason`.
struct Suppression {
  Location location;
  StringId text = 0;
  friend bool operator==(const Suppression &, const Suppression &) = default;
};

struct UnitFacts {
  std::vector<std::string> strings{std::string()};
  StringId mainFile = 0;
  StringId module = 0;               ///< KBUILD_MODNAME, empty when the command has none
  bool isBuiltIn = false;            ///< no -DMODULE on the command
  std::vector<Symbol> symbols;
  std::vector<FunctionFacts> functions;
  std::vector<Initializer> initializers;
  std::vector<Suppression> suppressions;
  friend bool operator==(const UnitFacts &, const UnitFacts &) = default;

  std::string_view text(StringId id) const { return strings[id]; }
};

} // namespace bhlint::facts
