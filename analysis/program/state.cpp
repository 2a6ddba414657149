#include "analysis/program/state.h"

#include "llvm/ADT/Hashing.h"

namespace bhlint {

using facts::Relation;
using facts::RootKind;
using facts::ValueKind;

namespace {
constexpr unsigned deepestAlias = 6;
constexpr std::uint64_t all = ~0ull;
} // namespace

std::size_t TermTable::Hash::operator()(const PathTerm &path) const {
  llvm::hash_code code = llvm::hash_combine(static_cast<unsigned>(path.root), path.index, path.text, path.isOld);
  for (const FieldKey &step : path.fields)
    code = llvm::hash_combine(code, step.record, step.field);
  return code;
}

std::uint32_t TermTable::intern(const PathTerm &path) {
  auto [entry, isNew] = ids.try_emplace(path, static_cast<std::uint32_t>(paths.size()));
  if (isNew)
    paths.push_back(path);
  return entry->second;
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
  std::erase_if(bindings, [&](const Binding &binding) { return binding.term == term; });
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
  pathTerms.reserve(body.paths.size());
  for (const Path &path : body.paths) {
    PathTerm term{path.root, path.index, 0, false, path.fields};
    if (path.root == RootKind::Unknown) { // its text is its identity; without one it is like nothing else here
      term.index = path.text == 0 ? static_cast<std::uint32_t>(pathTerms.size()) : 0;
      term.text = path.text;
    }
    pathTerms.push_back(terms.intern(term));
  }
}

Expression Evaluator::expressionOf(const Operand &operand) const {
  MaskBits bits = program.maskBits(operand);
  Expression result{{operand.valueKind(), operand.index}, bits.mask, bits.bits, operand.isNegated != 0};
  if (result.term.kind == ValueKind::Constant)
    result.term.index = 0;
  if (result.term.kind == ValueKind::Load)
    result.term.index = pathTerms[operand.index];
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

Expression Evaluator::translate(Term term, llvm::ArrayRef<Operand> arguments) const {
  switch (term.kind) {
  case ValueKind::Parameter:
    return term.index < arguments.size() ? expressionOf(arguments[term.index]) : Expression{};
  case ValueKind::ContextTest:
    return {.term = term};
  case ValueKind::Load: {
    PathTerm path = terms[term.index];
    if (path.root == RootKind::Global)
      return {.term = term};
    if (path.root != RootKind::Parameter || path.index >= arguments.size())
      return {};
    const Operand &argument = arguments[path.index];
    PathTerm outer;
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
    case ValueKind::Address:
      outer = terms[pathTerms[argument.index]];
      break;
    default:
      return {};
    }
    constexpr std::size_t longestPath = 6; // longer ones are opaque: a loop over a list would grow them for ever
    if (outer.fields.size() + path.fields.size() > longestPath)
      return {};
    outer.fields.insert(outer.fields.end(), path.fields.begin(), path.fields.end());
    return {.term = {ValueKind::Load, terms.intern(outer)}};
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
