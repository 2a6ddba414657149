#include "analysis/program/state.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/ErrorHandling.h"

#include <mutex>

namespace bhlint {

using facts::Relation;
using facts::RootKind;
using facts::ValueKind;

namespace {
constexpr unsigned deepestAlias = 6;
constexpr std::uint64_t all = ~0ull;
} // namespace

namespace {

std::uint64_t hashOf(const PathView &path) {
  // Not llvm::hash_combine(): its seed may differ from run to run.
  auto mix = [](std::uint64_t a, std::uint64_t b) {
    a = (a ^ b) * 0x9e3779b97f4a7c15ull;
    return a ^ (a >> 29);
  };
  std::uint64_t code =
      mix(static_cast<std::uint64_t>(path.root) << 33 | static_cast<std::uint64_t>(path.isOld) << 32 | path.index,
          path.text);
  for (const FieldKey &step : path.fields)
    code = mix(code, static_cast<std::uint64_t>(step.record) << 32 | step.field);
  return code;
}

bool isSame(const PathTerm &known, const PathView &path) {
  return known.root == path.root && known.index == path.index && known.text == path.text && known.isOld == path.isOld &&
         llvm::ArrayRef<FieldKey>(known.fields) == path.fields;
}

} // namespace

/// Paths in pieces that never move, so that they can be read without the lock: who has a number got it under the lock,
/// or from someone who did.
struct TermTable::Shard {
  static constexpr std::uint32_t pieceSize = 1024, mostPieces = 1u << 14;
  std::mutex mutex;
  std::uint32_t count = 0;
  llvm::DenseMap<std::uint64_t, llvm::SmallVector<std::uint32_t, 1>> byHash;
  std::unique_ptr<std::unique_ptr<PathTerm[]>[]> pieces{new std::unique_ptr<PathTerm[]>[mostPieces]};
  const PathTerm &at(std::uint32_t local) const { return pieces[local / pieceSize][local % pieceSize]; }
};

TermTable::TermTable() : shards(new Shard[1u << shardBits]) {}
TermTable::~TermTable() = default;
TermTable::TermTable(TermTable &&) noexcept = default;

std::uint32_t TermTable::intern(const PathView &path) {
  std::uint64_t hash = hashOf(path);
  std::uint32_t number = static_cast<std::uint32_t>(hash >> (64 - shardBits));
  Shard &shard = shards[number];
  std::lock_guard lock(shard.mutex);
  llvm::SmallVector<std::uint32_t, 1> &known = shard.byHash[hash >> 2]; // the largest two keys are DenseMap's own
  for (std::uint32_t local : known)
    if (isSame(shard.at(local), path))
      return local << shardBits | number;
  std::uint32_t local = shard.count++;
  if (local / Shard::pieceSize >= Shard::mostPieces)
    llvm::report_fatal_error("more access paths than there are numbers for");
  if (local % Shard::pieceSize == 0)
    shard.pieces[local / Shard::pieceSize].reset(new PathTerm[Shard::pieceSize]);
  shard.pieces[local / Shard::pieceSize][local % Shard::pieceSize] = {
      path.root, path.index, path.text, path.isOld, {path.fields.begin(), path.fields.end()}};
  known.push_back(local);
  return local << shardBits | number;
}

const PathTerm &TermTable::operator[](std::uint32_t index) const {
  return shards[index & ((1u << shardBits) - 1)].at(index >> shardBits);
}

const Binding *State::find(Term term) const {
  auto found = std::lower_bound(bindings.begin(), bindings.end(), term,
                                [](const Binding &binding, Term wanted) { return binding.term < wanted; });
  return found != bindings.end() && found->term == term ? &*found : nullptr;
}

Binding &State::at(Term term) {
  auto found = std::lower_bound(bindings.begin(), bindings.end(), term,
                                [](const Binding &binding, Term wanted) { return binding.term < wanted; });
  if (found == bindings.end() || found->term != term) {
    Binding binding;
    binding.term = term;
    found = bindings.insert(found, binding);
  }
  return *found;
}

void State::forget(Term term) {
  if (const Binding *known = find(term))
    bindings.erase(bindings.begin() + (known - bindings.data()));
}

Expression compose(const Expression &inner, std::uint64_t mask, std::uint64_t bits, bool isNegated) {
  Expression result = inner;
  bool isPlain = mask == all && bits == 0;
  if (inner.isNegated && !isPlain)
    return {}; // bits of a truth value: nothing that guards ask for
  if (!isPlain) {
    result.mask &= mask;
    result.bits = (inner.bits & mask) | bits;
  }
  if (result.term.kind == ValueKind::Constant && isNegated)
    return {.term = result.term, .mask = 0, .bits = result.bits == 0};
  if (isNegated)
    result.isNegated = !result.isNegated;
  return result;
}

Evaluator::Evaluator(const Program &program, const Body &body, TermTable &terms, const TestOracle &oracle)
    : terms(terms), program(program), body(body), oracle(oracle) {
  pathTerms.assign(body.paths.size(), noId);
}

std::uint32_t Evaluator::pathTerm(std::uint32_t index) const {
  std::uint32_t &known = pathTerms[index];
  if (known != noId)
    return known;
  const Path &path = body.paths[index];
  PathView term{path.root, path.index, 0, false, path.fields};
  if (path.root == RootKind::Unknown) { // its text is its identity; without one it is like nothing else here
    term.index = path.text == 0 ? index : 0;
    term.text = path.text;
  }
  return known = terms.intern(term);
}

Expression Evaluator::expressionOf(const Operand &operand) const {
  MaskBits bits = program.maskBits(operand);
  Expression result{{operand.valueKind(), operand.index}, bits.mask, bits.bits, operand.isNegated != 0};
  if (result.term.kind == ValueKind::Constant)
    result.term.index = 0;
  if (result.term.kind == ValueKind::Load)
    result.term.index = pathTerm(operand.index);
  return result;
}

Knowledge Evaluator::evaluate(const Expression &expression, const State &state, unsigned depth) const {
  Knowledge known;
  switch (expression.term.kind) {
  case ValueKind::Opaque:
    return {};
  case ValueKind::Constant:
    known = Knowledge::exactly(expression.bits);
    break;
  case ValueKind::Function:
  case ValueKind::Address:
    known.isNonZero = true;
    break;
  case ValueKind::ContextTest:
    if (auto test = program.tests.find(expression.term.index); test != program.tests.end())
      if (auto answer = oracle.answer(test->second, state)) {
        known = *answer ? Knowledge{0, 0, true} : Knowledge::exactly(0);
        break;
      }
    [[fallthrough]];
  default:
    if (const Binding *binding = state.find(expression.term)) {
      known = binding->knowledge;
      if (binding->alias.isKnown() && depth < deepestAlias)
        known = known & evaluate(binding->alias, state, depth + 1);
    }
  }
  if (expression.term.kind != ValueKind::Constant) {
    Knowledge masked;
    masked.zeros = (known.zeros | ~expression.mask) & ~expression.bits;
    masked.ones = (known.ones & expression.mask) | expression.bits;
    masked.isNonZero = (expression.mask == all && known.isNonZero) || masked.ones != 0;
    known = masked;
  }
  if (expression.isNegated) {
    if (known.isZero())
      return Knowledge::exactly(1);
    if (known.isNonZero || known.ones != 0)
      return Knowledge::exactly(0);
    return {~1ull, 0, false};
  }
  return known;
}

std::optional<bool> Evaluator::holds(const EdgeGuard &guard, const State &state) const {
  Knowledge known = evaluate(expressionOf(guard.value), state);
  switch (guard.relation) {
  case Relation::AnyBit:
  case Relation::NoBit: {
    std::optional<bool> any;
    if ((known.ones & guard.operand) || (guard.operand == all && known.isNonZero))
      any = true;
    else if ((guard.operand & ~known.zeros) == 0)
      any = false;
    if (!any)
      return std::nullopt;
    return *any == (guard.relation == Relation::AnyBit);
  }
  case Relation::Equal:
  case Relation::NotEqual: {
    std::optional<bool> equal;
    if (known.contradicts(Knowledge::exactly(guard.operand)))
      equal = false;
    else if (known.isExact())
      equal = true;
    if (!equal)
      return std::nullopt;
    return *equal == (guard.relation == Relation::Equal);
  }
  }
  return std::nullopt;
}

bool Evaluator::assume(const EdgeGuard &guard, State &state) const {
  Knowledge knowledge;
  bool isSingleBit = guard.operand != 0 && (guard.operand & (guard.operand - 1)) == 0;
  switch (guard.relation) {
  case Relation::AnyBit:
    if (guard.operand == all)
      knowledge.isNonZero = true;
    else if (isSingleBit)
      knowledge.ones = guard.operand;
    break;
  case Relation::NoBit:
    knowledge.zeros = guard.operand;
    break;
  case Relation::Equal:
    knowledge = Knowledge::exactly(guard.operand);
    break;
  case Relation::NotEqual:
    if (guard.operand == 0)
      knowledge.isNonZero = true;
    break;
  }
  return knowledge.isEmpty() || assume(expressionOf(guard.value), knowledge, state);
}

bool Evaluator::assume(const Expression &expression, Knowledge knowledge, State &state, unsigned depth) const {
  if (evaluate(expression, state).contradicts(knowledge))
    return false;
  if (!expression.isKnown() || expression.term.kind == ValueKind::Constant || depth > deepestAlias)
    return true;
  if (expression.term.kind == ValueKind::Function || expression.term.kind == ValueKind::Address)
    return true;
  if (expression.isNegated) {
    if (knowledge.isZero())
      knowledge = {0, 0, true};
    else if (knowledge.isNonZero || knowledge.ones != 0)
      knowledge = Knowledge::exactly(0);
    else
      return true;
  }
  Knowledge root;
  root.ones = knowledge.ones & expression.mask & ~expression.bits;
  root.zeros = knowledge.zeros & expression.mask;
  if (knowledge.isNonZero && expression.bits == 0) {
    root.isNonZero = expression.mask == all;
    if (expression.mask != 0 && (expression.mask & (expression.mask - 1)) == 0)
      root.ones |= expression.mask;
  }
  if (root.isEmpty())
    return true;
  Binding &binding = state.at(expression.term);
  binding.knowledge = binding.knowledge & root;
  if (binding.knowledge.ones != 0)
    binding.knowledge.isNonZero = true;
  Expression alias = binding.alias;
  return !alias.isKnown() || assume(alias, root, state, depth + 1);
}

Expression Evaluator::resolve(Expression expression, const State &state) const {
  for (unsigned depth = 0; depth < deepestAlias; ++depth) {
    const Binding *binding = state.find(expression.term);
    if (!binding || !binding->alias.isKnown())
      break;
    expression = compose(binding->alias, expression.mask, expression.bits, expression.isNegated);
  }
  return expression;
}

std::uint32_t Evaluator::termThrough(const Operand &argument, std::uint32_t inner) const {
  PathView outer;
  switch (argument.valueKind()) {
  case ValueKind::Parameter:
    outer.root = RootKind::Parameter;
    outer.index = argument.index;
    break;
  case ValueKind::Local:
    outer.root = RootKind::Local;
    outer.index = argument.index;
    break;
  case ValueKind::CallResult:
    outer.root = RootKind::CallResult;
    outer.index = argument.index;
    break;
  case ValueKind::Load:
  case ValueKind::Address: {
    const PathTerm &path = terms[pathTerm(argument.index)];
    outer = {path.root, path.index, path.text, path.isOld, path.fields};
    break;
  }
  default:
    return noId;
  }
  const PathTerm &path = terms[inner];
  constexpr std::size_t longestPath = 6; // longer ones are opaque: a loop over a list would grow them for ever
  if (outer.fields.size() + path.fields.size() > longestPath)
    return noId;
  llvm::SmallVector<FieldKey, longestPath> fields(outer.fields.begin(), outer.fields.end());
  fields.append(path.fields.begin(), path.fields.end());
  outer.fields = fields;
  return terms.intern(outer);
}

Expression Evaluator::translate(Term term, llvm::ArrayRef<Operand> arguments) const {
  switch (term.kind) {
  case ValueKind::Parameter:
    return term.index < arguments.size() ? expressionOf(arguments[term.index]) : Expression{};
  case ValueKind::ContextTest:
    return {.term = term};
  case ValueKind::Load: {
    const PathTerm &path = terms[term.index];
    if (path.root == RootKind::Global)
      return {.term = term};
    if (path.root != RootKind::Parameter || path.index >= arguments.size())
      return {};
    const Operand &argument = arguments[path.index];
    const std::uint64_t key =
        static_cast<std::uint64_t>(term.index) << 31 | static_cast<std::uint64_t>(argument.kind) << 26 | argument.index;
    auto [known, isNew] = termsThrough.try_emplace(key, noId);
    if (isNew)
      known->second = termThrough(argument, term.index);
    return known->second == noId ? Expression{} : Expression{.term = {ValueKind::Load, known->second}};
  }
  default:
    return {};
  }
}

Expression Evaluator::translate(const Expression &expression, llvm::ArrayRef<Operand> arguments) const {
  if (expression.term.kind == ValueKind::Constant || expression.term.kind == ValueKind::Function)
    return expression;
  if (expression.term.kind == ValueKind::Opaque)
    return {};
  return compose(translate(expression.term, arguments), expression.mask, expression.bits, expression.isNegated);
}

} // namespace bhlint
