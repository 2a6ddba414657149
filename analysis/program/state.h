// The abstract state of a path through one function: how atomic it is, and what is known about values.
//
// Property simulation (ESP): states that differ in `delta` are kept apart; states that agree may be joined, losing only
// knowledge. An approximation errs towards "may be", and then lowers confidence; it never invents a lock.
#pragma once

#include "analysis/program/program.h"

#include <algorithm>
#include <map>
#include <memory>

namespace bhlint {

/// Counts of what makes code atomic, relative to the function's entry (summaries) or absolute (contexts).
/// Saturates: code that nests deeper is atomic all the same.
struct Delta {
  static constexpr int limit = 6;
  std::int8_t preempt = 0, bottomHalf = 0, irq = 0, rcu = 0;
  std::int8_t pageFault = 0; ///< not atomic by itself: user access fails instead of sleeping

  bool isZero() const { return *this == Delta{}; }
  /// Something that was taken here is still held.
  bool isAtomic() const { return preempt > 0 || bottomHalf > 0 || irq > 0 || rcu > 0; }
  friend bool operator==(const Delta &, const Delta &) = default;
  friend auto operator<=>(const Delta &, const Delta &) = default;
};

inline std::int8_t saturate(int value) {
  return static_cast<std::int8_t>(std::clamp(value, -Delta::limit, Delta::limit));
}
inline Delta operator+(Delta a, Delta b) {
  return {saturate(a.preempt + b.preempt), saturate(a.bottomHalf + b.bottomHalf), saturate(a.irq + b.irq),
          saturate(a.rcu + b.rcu), saturate(a.pageFault + b.pageFault)};
}
inline Delta deltaOf(const AtomicEffect &effect) {
  return {effect.preempt, effect.bottomHalf, effect.irq, effect.rcu, effect.pageFault};
}
/// Absolute counts cannot fall below zero: unlocking what was never locked does not make room for a lock.
inline Delta floorAtZero(Delta delta) {
  auto floor = [](std::int8_t n) { return std::max<std::int8_t>(n, 0); };
  return {floor(delta.preempt), floor(delta.bottomHalf), floor(delta.irq), floor(delta.rcu), floor(delta.pageFault)};
}

/// A value that can be known about: a parameter, local, call result, context test, or what an access path holds.
/// Path terms are interned (`TermTable`), so that a guard on `p0->flag` of a callee is one on `dev->flag` of its
/// caller.
struct Term {
  facts::ValueKind kind = facts::ValueKind::Opaque;
  std::uint32_t index = 0; ///< Load: into TermTable; ContextTest: NameId; others as in the body
  friend auto operator<=>(const Term &, const Term &) = default;
};

/// An access path apart from the function that has it.
struct PathTerm {
  facts::RootKind root = facts::RootKind::Unknown;
  std::uint32_t index = 0;
  NameId text = 0;    ///< only for RootKind::Unknown: the expression itself
  bool isOld = false; ///< what it held when the function was entered; it has been stored to since
  std::vector<FieldKey> fields;
  friend auto operator<=>(const PathTerm &, const PathTerm &) = default;
};

/// A path that is not kept: what one is looked up by.
struct PathView {
  facts::RootKind root = facts::RootKind::Unknown;
  std::uint32_t index = 0;
  NameId text = 0;
  bool isOld = false;
  llvm::ArrayRef<FieldKey> fields;
};

/// May be used by several threads. Which number a path gets depends on who is first; so nothing that is printed may
/// depend on the order of numbers.
class TermTable {
public:
  TermTable();
  ~TermTable();
  TermTable(TermTable &&) noexcept;
  std::uint32_t intern(const PathView &path);
  std::uint32_t intern(const PathTerm &path) {
    return intern(PathView{path.root, path.index, path.text, path.isOld, path.fields});
  }
  /// Stays where it is as long as the table lives.
  const PathTerm &operator[](std::uint32_t index) const;
  /// The same path, as it was at entry or as it is.
  std::uint32_t withAge(std::uint32_t index, bool isOld) {
    const PathTerm &known = (*this)[index];
    if (known.isOld == isOld)
      return index;
    return intern(PathView{known.root, known.index, known.text, isOld, known.fields});
  }

private:
  struct Shard;
  static constexpr unsigned shardBits = 6;
  std::unique_ptr<Shard[]> shards;
};

/// A value in terms: ((term & mask) | bits), negated or not. `term.kind` Constant: just `bits`; Opaque: unknown.
struct Expression {
  Term term;
  std::uint64_t mask = ~0ull;
  std::uint64_t bits = 0;
  bool isNegated = false;
  bool isKnown() const { return term.kind != facts::ValueKind::Opaque; }
  friend bool operator==(const Expression &, const Expression &) = default;
  friend auto operator<=>(const Expression &, const Expression &) = default;
};

/// Known bits of a value.
struct Knowledge {
  std::uint64_t zeros = 0, ones = 0;
  bool isNonZero = false;

  static Knowledge exactly(std::uint64_t value) { return {~value, value, value != 0}; }
  bool isExact() const { return (zeros | ones) == ~0ull; }
  bool isZero() const { return zeros == ~0ull; }
  bool isEmpty() const { return zeros == 0 && ones == 0 && !isNonZero; }
  bool contradicts(const Knowledge &other) const {
    return (zeros & other.ones) || (ones & other.zeros) || (isNonZero && other.isZero()) ||
           (isZero() && other.isNonZero);
  }
  /// Both hold.
  Knowledge operator&(const Knowledge &other) const {
    return {zeros | other.zeros, ones | other.ones, isNonZero || other.isNonZero};
  }
  /// One of them holds.
  Knowledge operator|(const Knowledge &other) const {
    return {zeros & other.zeros, ones & other.ones, (isNonZero || ones != 0) && (other.isNonZero || other.ones != 0)};
  }
  bool implies(const Knowledge &weaker) const {
    return (weaker.zeros & ~zeros) == 0 && (weaker.ones & ~ones) == 0 && (!weaker.isNonZero || isNonZero || ones != 0);
  }
  friend bool operator==(const Knowledge &, const Knowledge &) = default;
  friend auto operator<=>(const Knowledge &, const Knowledge &) = default;
};

/// What is known about one term; `alias`: it equals that expression.
struct Binding {
  Term term;
  [[no_unique_address]] Knowledge knowledge;
  [[no_unique_address]] Expression alias; // and isLazy in its padding: bindings are what states are copied for
  bool isLazy = false; ///< the alias is read when used: the chosen side of ?: runs after the choice
  friend bool operator==(const Binding &, const Binding &) = default;
  friend auto operator<=>(const Binding &, const Binding &) = default;
};

/// A conjunction of knowledge about parameters, paths rooted at them, and context tests; sorted by term.
using Guard = std::vector<std::pair<Term, Knowledge>>;

/// What is known of fields, whatever the object: sorted, one for each field. Two functions that speak of the same field
/// of one type mostly mean the same object, so what contradicts is a reason for doubt (and no more).
using FieldFacts = std::vector<std::pair<FieldKey, Knowledge>>;

/// What makes a path less than certain, as bits. They say why a finding has medium confidence, and never hide one.
using Doubts = std::uint8_t;
inline constexpr Doubts noDoubt = 0;
inline constexpr Doubts doubtLastReference = 1;   ///< only when the last reference was dropped; who is atomic often holds one
inline constexpr Doubts doubtConditionalLock = 2; ///< a callee took the lock, or not, by a field that nobody in sight decides
inline constexpr Doubts doubtUnclearRelease = 8;  ///< a callee may have released the lock: its lock effects were not understood
inline constexpr Doubts doubtFlag = 4;            ///< a bit in an object, or a field that tells contexts, was tested since

struct State {
  Delta delta;
  Doubts doubts = noDoubt; ///< since the lock was taken, or since the entry where it is a caller's
  std::vector<Binding> bindings;   ///< sorted by term
  std::uint32_t acquiredAt = noId; ///< event that made it atomic; a witness, not part of the state's identity
  std::shared_ptr<const std::vector<Binding>> acquiredWith; ///< what was known then

  const Binding *find(Term term) const;
  Binding &at(Term term);
  void forget(Term term);
  bool sameAs(const State &other) const {
    return delta == other.delta && doubts == other.doubts && bindings == other.bindings;
  }
};

/// Answers in_interrupt() and the like for the state that the path is in; nullopt = could be either.
class TestOracle {
public:
  virtual ~TestOracle() = default;
  virtual std::optional<bool> answer(std::uint32_t test, const State &state) const = 0;
};

/// Evaluates and refines expressions of one body in a state.
class Evaluator {
public:
  Evaluator(const Program &program, const Body &body, TermTable &terms, const TestOracle &oracle);

  Expression expressionOf(const Operand &operand) const;
  Knowledge evaluate(const Expression &expression, const State &state, unsigned depth = 0) const;
  /// nullopt: may hold or not.
  std::optional<bool> holds(const EdgeGuard &guard, const State &state) const;
  /// Records that the guard holds; false if the state then is impossible.
  bool assume(const EdgeGuard &guard, State &state) const;
  bool assume(const Expression &expression, Knowledge knowledge, State &state, unsigned depth = 0) const;
  /// Follows aliases to what the expression stands for.
  Expression resolve(Expression expression, const State &state) const;

  /// A callee's guard term in the caller's terms, given the arguments; unknown if it cannot be said.
  Expression translate(Term term, llvm::ArrayRef<Operand> arguments) const;
  Expression translate(const Expression &expression, llvm::ArrayRef<Operand> arguments) const;
  std::uint32_t pathTerm(std::uint32_t path) const;
  TermTable &terms;

private:
  /// A path from one of the callee's parameters, from where that argument comes; noId: it cannot be said.
  std::uint32_t termThrough(const Operand &argument, std::uint32_t path) const;
  const Program &program;
  const Body &body;
  const TestOracle &oracle;
  mutable std::vector<std::uint32_t> pathTerms; ///< as asked; noId: not yet
  mutable llvm::SmallDenseMap<std::uint64_t, std::uint32_t, 16> termsThrough; ///< as asked, by argument and path
};

/// (inner applied to outer): ((e & mask) | bits) of an expression e.
Expression compose(const Expression &inner, std::uint64_t mask, std::uint64_t bits, bool isNegated);

} // namespace bhlint
