// Expressions -> facts::Value, facts::Guard, facts::AccessPath.
#include "analysis/extract/function_builder.h"
#include "analysis/extract/macros.h"

#include "clang/AST/ExprCXX.h"
#include "llvm/Support/raw_ostream.h"

namespace bhlint {

using namespace clang;
using facts::Relation;
using facts::Value;
using facts::ValueKind;

namespace {

Value constant(std::uint64_t bits) { return {.kind = ValueKind::Constant, .mask = 0, .bits = bits}; }

Value refersTo(ValueKind kind, std::uint32_t index) { return {.kind = kind, .index = index}; }

/// The logical not; `!!x` is x as far as a test of it can tell.
Value negated(Value value) {
  if (value.kind == ValueKind::Constant)
    return constant(value.bits == 0);
  if (value.kind != ValueKind::Opaque)
    value.isNegated = !value.isNegated;
  return value;
}

/// `c ? a : b` as a condition, `a && b` as a value, and so on keep their own paren and cast layers.
const Expr *stripLayer(const Expr *expression) {
  if (const auto *paren = llvm::dyn_cast<ParenExpr>(expression))
    return paren->getSubExpr();
  if (const auto *cast = llvm::dyn_cast<CastExpr>(expression))
    return cast->getSubExpr();
  if (const auto *full = llvm::dyn_cast<FullExpr>(expression))
    return full->getSubExpr();
  if (const auto *generic = llvm::dyn_cast<GenericSelectionExpr>(expression))
    return generic->getResultExpr();
  if (const auto *choose = llvm::dyn_cast<ChooseExpr>(expression))
    return choose->getChosenSubExpr();
  if (const auto *opaque = llvm::dyn_cast<OpaqueValueExpr>(expression))
    return opaque->getSourceExpr();
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression))
    if (unary->getOpcode() == UO_Extension || unary->getOpcode() == UO_Plus)
      return unary->getSubExpr();
  // __builtin_expect(value, expected) is its first argument; its own identity carries no meaning here.
  if (const auto *call = llvm::dyn_cast<CallExpr>(expression)) {
    unsigned builtin = call->getBuiltinCallee();
    if (builtin == Builtin::BI__builtin_expect || builtin == Builtin::BI__builtin_expect_with_probability)
      return call->getArg(0);
  }
  return nullptr;
}

const Expr *strip(const Expr *expression) {
  while (const Expr *inner = stripLayer(expression))
    expression = inner;
  return expression;
}

const Expr *lastExpression(const StmtExpr *statement) {
  const CompoundStmt *body = statement->getSubStmt();
  if (body->body_empty())
    return nullptr;
  const Stmt *last = body->body_back();
  while (const auto *label = llvm::dyn_cast<LabelStmt>(last))
    last = label->getSubStmt();
  return llvm::dyn_cast<Expr>(last);
}

} // namespace

std::optional<std::uint64_t> FunctionBuilder::constantOf(const Expr *expression) {
  if (!expression->getType()->isIntegralOrEnumerationType() && !expression->getType()->isPointerType())
    return std::nullopt;
  Expr::EvalResult result;
  if (expression->getType()->isPointerType()) {
    if (expression->isNullPointerConstant(unit.context, Expr::NPC_ValueDependentIsNotNull))
      return 0;
    return std::nullopt;
  }
  if (!expression->EvaluateAsInt(result, unit.context, Expr::SE_NoSideEffects))
    return std::nullopt;
  return static_cast<std::uint64_t>(result.Val.getInt().getExtValue());
}

Value FunctionBuilder::valueOf(const Expr *expression) {
  for (;;) {
    if (llvm::StringRef macro = wholeMacro(expression->getSourceRange(), unit.preprocessor); !macro.empty())
      if (!constantOf(expression))
        return refersTo(ValueKind::ContextTest, unit.intern(macro));
    const Expr *inner = stripLayer(expression);
    if (!inner)
      break;
    expression = inner;
  }
  if (auto number = constantOf(expression))
    return constant(*number);
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression))
    return valueOfReference(reference);
  if (const auto *call = llvm::dyn_cast<CallExpr>(expression)) {
    auto found = callEvents.find(call);
    return found == callEvents.end() ? Value{} : refersTo(ValueKind::CallResult, found->second);
  }
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(expression))
    return valueOfBinary(binary);
  if (llvm::isa<AbstractConditionalOperator>(expression))
    return refersTo(ValueKind::Local, pseudoLocal(expression));
  if (const auto *statement = llvm::dyn_cast<StmtExpr>(expression)) {
    const Expr *last = lastExpression(statement);
    return last ? valueOf(last) : Value{};
  }
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression)) {
    if (unary->getOpcode() == UO_AddrOf) {
      const Expr *target = strip(unary->getSubExpr());
      if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(target))
        if (llvm::isa<FunctionDecl>(reference->getDecl()))
          return valueOfReference(reference);
      return refersTo(ValueKind::Address, pathOf(target));
    }
    if (unary->getOpcode() == UO_Deref)
      return load(expression);
    if (unary->getOpcode() == UO_LNot)
      return negated(valueOf(unary->getSubExpr()));
    return {};
  }
  if (llvm::isa<MemberExpr>(expression) || llvm::isa<ArraySubscriptExpr>(expression))
    return load(expression);
  return {};
}

Value FunctionBuilder::valueOfReference(const DeclRefExpr *reference) {
  const ValueDecl *declaration = reference->getDecl();
  if (const auto *target = llvm::dyn_cast<FunctionDecl>(declaration)) {
    unit.wantBody(target);
    return refersTo(ValueKind::Function, unit.symbol(target));
  }
  if (const auto *parameter = llvm::dyn_cast<ParmVarDecl>(declaration)) {
    if (isReassigned.count(parameter))
      return refersTo(ValueKind::Local, localOf(parameter));
    return refersTo(ValueKind::Parameter, parameter->getFunctionScopeIndex());
  }
  if (const auto *variable = llvm::dyn_cast<VarDecl>(declaration)) {
    if (variable->isLocalVarDecl() && !variable->isStaticLocal() && !variable->hasExternalStorage() &&
        !variable->getType()->isArrayType() && !variable->getType()->isRecordType())
      return refersTo(ValueKind::Local, localOf(variable));
    return load(reference);
  }
  return {};
}

Value FunctionBuilder::load(const Expr *lvalue) {
  ValueKind kind = lvalue->getType()->isArrayType() ? ValueKind::Address : ValueKind::Load;
  return refersTo(kind, pathOf(lvalue));
}

Value FunctionBuilder::valueOfBinary(const BinaryOperator *binary) {
  switch (binary->getOpcode()) {
  case BO_Or: {
    Value left = valueOf(binary->getLHS()), right = valueOf(binary->getRHS());
    if (left.kind == ValueKind::Constant)
      std::swap(left, right);
    if (right.kind != ValueKind::Constant || left.kind == ValueKind::Opaque || left.isNegated)
      return {};
    left.mask &= ~right.bits;
    left.bits |= right.bits;
    return left;
  }
  case BO_And: {
    Value left = valueOf(binary->getLHS()), right = valueOf(binary->getRHS());
    if (left.kind == ValueKind::Constant)
      std::swap(left, right);
    if (right.kind != ValueKind::Constant || left.kind == ValueKind::Opaque || left.isNegated)
      return {};
    left.mask &= right.bits;
    left.bits &= right.bits;
    return left;
  }
  case BO_LAnd:
  case BO_LOr:
    return refersTo(ValueKind::Local, pseudoLocal(binary));
  case BO_EQ:
  case BO_NE: {
    const Expr *left = binary->getLHS(), *right = binary->getRHS();
    if (constantOf(strip(left)) == 0u)
      std::swap(left, right);
    if (constantOf(strip(right)) != 0u)
      return {};
    Value value = valueOf(left);
    return binary->getOpcode() == BO_EQ ? negated(value) : negated(negated(value));
  }
  case BO_Assign:
  case BO_Comma:
    return valueOf(binary->getRHS());
  default:
    return {};
  }
}

bool FunctionBuilder::usesPastedName(const Stmt *statement) const {
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(statement))
    return unit.isPasted(reference->getDecl());
  auto namesPasted = [&](QualType type) { // typeof(x)
    const auto *operand = type->getAs<TypeOfExprType>();
    return operand && usesPastedName(operand->getUnderlyingExpr());
  };
  if (const auto *cast = llvm::dyn_cast<ExplicitCastExpr>(statement); cast && namesPasted(cast->getTypeAsWritten()))
    return true;
  if (const auto *trait = llvm::dyn_cast<UnaryExprOrTypeTraitExpr>(statement);
      trait && trait->isArgumentType() && namesPasted(trait->getArgumentType()))
    return true;
  for (const Stmt *child : statement->children())
    if (child && usesPastedName(child))
      return true;
  return false;
}

std::string FunctionBuilder::textOf(const Expr *expression) {
  std::string text;
  if (usesPastedName(expression)) // two uses of a macro differ in such names only; none of them is worth showing
    return text;
  llvm::raw_string_ostream stream(text);
  expression->printPretty(stream, nullptr, unit.context.getPrintingPolicy());
  constexpr std::size_t longest = 120; // enough to tell expressions apart in messages; identity needs no more
  if (text.size() > longest)
    text.resize(longest);
  return text;
}

void FunctionBuilder::buildPath(const Expr *expression, facts::AccessPath &path) {
  expression = strip(expression);
  if (const auto *member = llvm::dyn_cast<MemberExpr>(expression)) {
    buildPath(member->getBase(), path);
    const auto *field = llvm::dyn_cast<FieldDecl>(member->getMemberDecl());
    if (field && !field->getName().empty())
      path.fields.push_back(unit.step(field));
    return;
  }
  if (const auto *subscript = llvm::dyn_cast<ArraySubscriptExpr>(expression))
    return buildPath(subscript->getBase(), path);
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(expression)) {
    if (unary->getOpcode() == UO_Deref || unary->getOpcode() == UO_AddrOf)
      return buildPath(unary->getSubExpr(), path);
  }
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(expression))
    if (binary->isAdditiveOp() && binary->getType()->isPointerType())
      return buildPath(binary->getLHS()->getType()->isPointerType() ? binary->getLHS() : binary->getRHS(), path);
  path.rootRecord = unit.recordOf(expression->getType());
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(expression)) {
    if (const auto *parameter = llvm::dyn_cast<ParmVarDecl>(reference->getDecl())) {
      path.root = facts::RootKind::Parameter;
      path.index = parameter->getFunctionScopeIndex();
    } else if (const auto *variable = llvm::dyn_cast<VarDecl>(reference->getDecl())) {
      bool isLocal = variable->isLocalVarDecl() && !variable->isStaticLocal() && !variable->hasExternalStorage();
      path.root = isLocal ? facts::RootKind::Local : facts::RootKind::Global;
      path.index = isLocal ? localOf(variable) : unit.symbol(variable);
    }
    return;
  }
  if (const auto *call = llvm::dyn_cast<CallExpr>(expression))
    if (auto found = callEvents.find(call); found != callEvents.end()) {
      path.root = facts::RootKind::CallResult;
      path.index = found->second;
    }
  if (const auto *statement = llvm::dyn_cast<StmtExpr>(expression))
    if (const Expr *last = lastExpression(statement); last && path.rootRecord == 0)
      buildPath(last, path);
}

facts::PathIndex FunctionBuilder::internPath(facts::AccessPath path) {
  std::string key;
  llvm::raw_string_ostream stream(key);
  stream << int(path.root) << ':' << path.index << ':' << path.rootRecord;
  for (const facts::FieldStep &step : path.fields)
    stream << '.' << step.record << '/' << step.field;
  // Paths with an unknown root are told apart by their text: two different expressions are two different things.
  if (path.root == facts::RootKind::Unknown && path.text != 0)
    stream << '"' << unit.facts.strings[path.text];
  else if (path.root == facts::RootKind::Unknown)
    stream << '#' << facts.paths.size(); // no text: like nothing else
  auto [entry, isNew] = pathIds.try_emplace(key, static_cast<facts::PathIndex>(facts.paths.size()));
  if (isNew)
    facts.paths.push_back(std::move(path));
  return entry->second;
}

facts::PathIndex FunctionBuilder::pathOf(const Expr *lvalue) {
  facts::AccessPath path;
  buildPath(lvalue, path);
  path.text = unit.intern(textOf(lvalue));
  return internPath(std::move(path));
}

Value FunctionBuilder::identityOf(const Expr *expression) {
  if (expression->HasSideEffects(unit.context) || usesPastedName(expression))
    return {};
  facts::AccessPath path;
  path.text = unit.intern(textOf(expression));
  return refersTo(ValueKind::Load, internPath(std::move(path)));
}

facts::Guard FunctionBuilder::guardOf(const Expr *condition, bool isTrue) {
  const Expr *expression = condition;
  for (;;) {
    if (!wholeMacro(expression->getSourceRange(), unit.preprocessor).empty() && !constantOf(expression))
      break;
    if (const auto *negation = llvm::dyn_cast<UnaryOperator>(expression);
        negation && negation->getOpcode() == UO_LNot) {
      isTrue = !isTrue;
      expression = negation->getSubExpr();
      continue;
    }
    if (const auto *statement = llvm::dyn_cast<StmtExpr>(expression))
      if (const Expr *last = lastExpression(statement)) {
        expression = last;
        continue;
      }
    const Expr *inner = stripLayer(expression);
    if (!inner)
      break;
    expression = inner;
  }
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(expression)) {
    if (binary->isComparisonOp())
      return compare(binary, isTrue);
    if (binary->getOpcode() == BO_Assign)
      return guardOf(binary->getRHS(), isTrue);
    if (binary->getOpcode() == BO_And) {
      // `x & mask`: an unknown mask still is a test that can be recognised when it comes again.
      Value value = valueOf(binary);
      if (value.kind != ValueKind::Opaque && value.kind != ValueKind::Constant && !value.isNegated) {
        std::uint64_t mask = value.mask;
        value.mask = ~0ull;
        return {value, isTrue ? Relation::AnyBit : Relation::NoBit, mask};
      }
    }
  }
  Value value = valueOf(expression);
  if (value.kind == ValueKind::Opaque)
    value = identityOf(expression);
  return {value, isTrue ? Relation::AnyBit : Relation::NoBit, ~0ull};
}

facts::Guard FunctionBuilder::compare(const BinaryOperator *binary, bool isTrue) {
  constexpr std::uint64_t signBit = 1ull << 63;
  // As the compiler compares them: behind its conversions -1 and ~0u are equal.
  if (auto known = constantOf(binary))
    return {constant(*known), isTrue ? Relation::AnyBit : Relation::NoBit, ~0ull};
  BinaryOperatorKind opcode = binary->getOpcode();
  const Expr *left = binary->getLHS(), *right = binary->getRHS();
  auto number = constantOf(strip(right));
  if (!number && (number = constantOf(strip(left)))) {
    std::swap(left, right);
    opcode = BinaryOperator::isComparisonOp(opcode) && opcode != BO_EQ && opcode != BO_NE
                 ? BinaryOperator::reverseComparisonOp(opcode)
                 : opcode;
  }
  if (number) {
    bool isSigned = left->getType()->isSignedIntegerOrEnumerationType();
    if (opcode == BO_EQ || opcode == BO_NE) {
      bool isEqual = (opcode == BO_EQ) == isTrue;
      if (*number == 0)
        return guardOf(left, !isEqual);
      Value value = valueOf(left);
      if (value.kind == ValueKind::Opaque)
        value = identityOf(left);
      return {value, isEqual ? Relation::Equal : Relation::NotEqual, *number};
    }
    Value value = valueOf(left);
    bool isKnown = value.kind != ValueKind::Opaque && !value.isNegated;
    if (isKnown && isSigned && *number == 0 && (opcode == BO_LT || opcode == BO_GE))
      return {value, (opcode == BO_LT) == isTrue ? Relation::AnyBit : Relation::NoBit, signBit};
    // x > 0 says only that x is not 0; its negation says nothing.
    if (isKnown && *number == 0 && opcode == BO_GT && (isTrue || !isSigned))
      return {value, isTrue ? Relation::AnyBit : Relation::NoBit, ~0ull};
  }
  Value identity = identityOf(binary);
  return {identity, isTrue ? Relation::AnyBit : Relation::NoBit, ~0ull};
}

} // namespace bhlint
