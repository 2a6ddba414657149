// Where objects of the old mechanism, and pointers to them, go: the part of SiteVisitor that follows values.
#include "analysis/migrate/site_visitor.h"

#include "clang/AST/ParentMapContext.h"

namespace bhlint {

using namespace clang;

const Stmt *SiteVisitor::parentOf(const Stmt &statement, const Decl *&decl) const {
  DynTypedNodeList parents = context.getParents(statement);
  if (parents.empty())
    return nullptr;
  decl = parents[0].get<Decl>();
  return parents[0].get<Stmt>();
}

/// Of a field that lies in a union without a name, the field's own name.
std::string SiteVisitor::fieldName(const MemberExpr &member) const {
  const Decl *unused = nullptr;
  const auto *inner = member.getMemberDecl()->getIdentifier() ? nullptr : dyn_cast_or_null<MemberExpr>(parentOf(member, unused));
  return (inner ? inner : &member)->getMemberDecl()->getNameAsString();
}

void SiteVisitor::follow(const Expr *expression, const std::string &key) {
  const SourceLocation at = expression->getExprLoc();
  if (isLookedThrough(at))
    return;
  const Expr *value = expression;
  for (;;) {
    const Decl *decl = nullptr;
    const Stmt *parent = parentOf(*value, decl);
    if (!parent) {
      if (const auto *variable = dyn_cast_or_null<VarDecl>(decl)) {
        if (mentions(variable->getType()))
          link(key, variable, at);
        else
          trouble(key, at, "it is stored in '" + variable->getNameAsString() + "' as something else");
      }
      return; // typeof
    }
    if (const auto *call = dyn_cast<CallExpr>(parent))
      return followArgument(call, value, key);
    if (const auto *member = dyn_cast<MemberExpr>(parent)) {
      if (mentions(value->getType()))
        trouble(key, at, "its field '" + fieldName(*member) + "' is used");
      return;
    }
    if (isa<ReturnStmt>(parent))
      return current ? link(key, current, at) : void();
    if (isa<InitListExpr, DesignatedInitExpr>(parent))
      return followInitializer(parent, key, at);
    if (const auto *binary = dyn_cast<BinaryOperator>(parent)) {
      if (binary->isAssignmentOp())
        return followAssignment(binary, value, key);
      if (!binary->isAdditiveOp() && !(binary->isCommaOp() && binary->getRHS() == value))
        return; // a comparison, a test
    } else if (const auto *unary = dyn_cast<UnaryOperator>(parent)) {
      if (unary->getOpcode() == UO_LNot)
        return;
    } else if (const auto *conditional = dyn_cast<ConditionalOperator>(parent)) {
      if (conditional->getCond() == value)
        return;
    } else if (const auto *subscript = dyn_cast<ArraySubscriptExpr>(parent)) {
      if (subscript->getBase() != value)
        return;
    } else if (!isa<ParenExpr, CastExpr>(parent)) {
      const bool isTest = isa<IfStmt, WhileStmt, ForStmt, DoStmt, CompoundStmt, UnaryExprOrTypeTraitExpr>(parent);
      return isTest ? void() : trouble(key, at, "it is used in a way that isn't understood");
    }
    value = cast<Expr>(parent);
  }
}

void SiteVisitor::followArgument(const CallExpr *call, const Expr *argument, const std::string &key) {
  if (call->getCallee() == argument)
    return; // of a handler: its parameters have been linked with it
  unsigned index = 0;
  while (index < call->getNumArgs() && call->getArg(index) != argument)
    ++index;
  const FunctionDecl *function = call->getDirectCallee();
  const SourceLocation at = argument->getExprLoc();
  if (const DeferralCall *old = oldCall(function)) {
    const bool isSetup = old->role == DeferralRole::Setup || old->role == DeferralRole::SetupWithData;
    if (index > (isSetup ? 1u : 0u))
      trouble(key, at, "it is an argument of " + function->getNameAsString() + "()");
    return;
  }
  if (!function) {
    const ValueDecl *callee = nodeOf(call->getCallee());
    return callee ? link(key, callee, at) : trouble(key, at, "it is handed to a function that isn't known");
  }
  if (function->getIdentifier() && std::binary_search(rules.releases.begin(), rules.releases.end(), function->getName()))
    return;
  if (index >= function->getNumParams() || !mentions(function->getParamDecl(index)->getType()) || isShared(function))
    return trouble(key, at, "it is handed to " + function->getNameAsString() + "(), which isn't rewritten with it");
  link(key, function->getParamDecl(index), at);
  link(key, function, at);
}

void SiteVisitor::followAssignment(const BinaryOperator *assignment, const Expr *side, const std::string &key) {
  const bool isSource = assignment->getRHS() == side;
  if (const ValueDecl *other = nodeOf(isSource ? assignment->getLHS() : assignment->getRHS()))
    return link(key, other, side->getExprLoc());
  if (isSource)
    trouble(key, side->getExprLoc(), "it is stored as something else");
  else if (!side->getType()->isPointerType())
    trouble(key, side->getExprLoc(), "it is overwritten");
}

/// The variable of the old record's type whose initialiser this is a part of.
const VarDecl *SiteVisitor::declaredWith(const Stmt *list) const {
  const Decl *decl = nullptr;
  while (list && isa<InitListExpr, DesignatedInitExpr>(list))
    list = parentOf(*list, decl);
  const auto *variable = list ? nullptr : dyn_cast_or_null<VarDecl>(decl);
  return variable && isOldRecord(variable->getType()) ? variable : nullptr;
}

void SiteVisitor::followInitializer(const Stmt *list, const std::string &key, SourceLocation at) {
  if (const VarDecl *variable = declaredWith(list)) {
    if (!variable->getBeginLoc().isMacroID() && !variable->getTypeSpecStartLoc().isMacroID())
      trouble(addNode(variable), at, "it is initialised member by member");
    return link(key, variable, at);
  }
  const auto *initializers = dyn_cast<InitListExpr>(list);
  if (const auto *designated = dyn_cast<DesignatedInitExpr>(list)) {
    if (const FieldDecl *field = designated->size() == 1 ? designated->getDesignator(0)->getFieldDecl() : nullptr;
        field && mentions(field->getType()))
      return link(key, field, at);
  } else if (initializers) {
    const InitListExpr *semantic = initializers->isSemanticForm() ? initializers : initializers->getSemanticForm();
    const RecordDecl *record = semantic ? semantic->getType()->getAsRecordDecl() : nullptr;
    unsigned index = 0;
    for (const FieldDecl *field : record ? record->fields() : RecordDecl::field_range({}, {})) {
      if (index < semantic->getNumInits() && nodeOf(semantic->getInit(index)) && mentions(field->getType()) &&
          keyOf(nodeOf(semantic->getInit(index))) == key)
        return link(key, field, at);
      ++index;
    }
  }
  trouble(key, at, "it is part of an initialiser");
}

/// `(struct old *)p`: the name of the type changes with what the value goes to.
bool SiteVisitor::VisitCStyleCastExpr(CStyleCastExpr *cast) {
  if (!mentions(cast->getType()) || isLookedThrough(cast->getExprLoc()))
    return true;
  std::optional<SourceSpan> place = text.token(text.written(cast->getBeginLoc()));
  if (!place || rules.isShared(place->file))
    return true;
  const std::string key = "t:" + place->file + ":" + std::to_string(place->begin);
  claimTypeNames(cast->getTypeInfoAsWritten()->getTypeLoc(), key, true);
  follow(cast, key);
  return true;
}

/// `p = kzalloc(sizeof(struct old))`: the same, whatever is between.
bool SiteVisitor::VisitUnaryExprOrTypeTraitExpr(UnaryExprOrTypeTraitExpr *expression) {
  if (!expression->isArgumentType() || !mentions(expression->getArgumentType()) ||
      isLookedThrough(expression->getExprLoc()))
    return true;
  // Up through calls, and the blocks and variables of macros around them.
  for (DynTypedNode node = DynTypedNode::create(*expression);;) {
    DynTypedNodeList parents = context.getParents(node);
    if (parents.empty())
      return true;
    node = parents[0];
    const ValueDecl *target = nullptr;
    if (const auto *assignment = node.get<BinaryOperator>(); assignment && assignment->isAssignmentOp())
      target = nodeOf(assignment->getLHS());
    else if (const auto *variable = node.get<VarDecl>(); variable && mentions(variable->getType()))
      target = variable;
    if (target) {
      claimTypeNames(expression->getArgumentTypeInfo()->getTypeLoc(), addNode(target), true);
      return true;
    }
  }
  return true;
}

} // namespace bhlint
