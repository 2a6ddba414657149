// Handlers of the older kind, `void handler(unsigned long data)`: what the number means, and where it is used.
#include "analysis/migrate/site_visitor.h"

#include "clang/AST/ParentMapContext.h"

namespace bhlint {

using namespace clang;

namespace {

/// A number or a pointer without the casts that made a number of it.
const Expr *withoutCasts(const Expr *expression) { return expression->IgnoreParenCasts(); }

class WordFinder : public RecursiveASTVisitor<WordFinder> {
public:
  explicit WordFinder(std::set<std::string> &words) : words(words) {}
  bool VisitNamedDecl(NamedDecl *decl) { return words.insert(decl->getNameAsString()), true; }
  bool VisitDeclRefExpr(DeclRefExpr *use) { return words.insert(use->getDecl()->getNameAsString()), true; }

private:
  std::set<std::string> &words;
};

bool namesNoVariable(const Expr *expression) {
  if (const auto *reference = dyn_cast<DeclRefExpr>(expression))
    return isa<EnumConstantDecl>(reference->getDecl());
  if (isa<CallExpr, MemberExpr>(expression))
    return false;
  return llvm::all_of(expression->children(), [](const Stmt *child) {
    const auto *part = dyn_cast_or_null<Expr>(child);
    return part && namesNoVariable(part);
  });
}

std::string typeText(QualType type, const ASTContext &context) {
  PrintingPolicy policy(context.getLangOpts());
  return type.getUnqualifiedType().getAsString(policy);
}

/// "struct foo", or the typedef's name of a struct without one; empty: it has no name.
std::string recordText(const RecordDecl *record) {
  if (const TypedefNameDecl *alias = record->getTypedefNameForAnonDecl())
    return alias->getNameAsString();
  return record->getIdentifier() ? (record->getKindName() + " " + record->getName()).str() : "";
}

} // namespace

bool SiteVisitor::isDataHandler(const FunctionDecl *function) const {
  return function->getReturnType()->isVoidType() && function->getNumParams() == 1 &&
         function->getParamDecl(0)->getType().getCanonicalType() == context.UnsignedLongTy && !function->isVariadic() &&
         !isShared(function);
}

DataHandler &SiteVisitor::handlerOf(const FunctionDecl *function) {
  DataHandler &handler = handlers[keyOf(function)];
  handler.key = keyOf(function);
  handler.name = function->getNameAsString();
  return handler;
}

void SiteVisitor::addDataHandler(const FunctionDecl *function) {
  if (isLookedThrough(function->getLocation()))
    return; // declared again, as whatever type it has
  DataHandler &handler = handlerOf(function);
  if (std::optional<SourceSpan> parameter = text.range(function->getParamDecl(0)->getSourceRange());
      parameter && !function->getLocation().isMacroID())
    handler.parameters.push_back(*parameter);
  else
    trouble(handler.key, function->getLocation(), "it is declared by a macro");
  if (!function->isThisDeclarationADefinition())
    return;
  if (std::optional<SourceSpan> place = text.token(function->getLocation()))
    handler.place = *place;
  handler.isDefined = true;
  WordFinder(handler.words).TraverseStmt(function->getBody());
  const ParmVarDecl *data = function->getParamDecl(0);
  struct UseFinder : RecursiveASTVisitor<UseFinder> {
    const ParmVarDecl *data = nullptr;
    std::vector<const DeclRefExpr *> uses;
    bool VisitDeclRefExpr(DeclRefExpr *use) {
      if (use->getDecl() == data)
        uses.push_back(use);
      return true;
    }
  } finder;
  finder.data = data;
  finder.TraverseStmt(function->getBody());
  for (const DeclRefExpr *use : finder.uses)
    addDataUse(use, handler);
}

void SiteVisitor::addDataUse(const DeclRefExpr *use, DataHandler &handler) {
  DataUse entry;
  const Expr *outermost = use;
  const Expr *value = use;
  const Decl *decl = nullptr;
  for (;;) {
    const Stmt *parent = parentOf(*value, decl);
    const auto *expression = dyn_cast_or_null<Expr>(parent);
    if (!expression || !isa<ParenExpr, CastExpr>(expression)) {
      const auto *unary = dyn_cast_or_null<UnaryOperator>(parent);
      const auto *binary = dyn_cast_or_null<BinaryOperator>(parent);
      if ((unary && (unary->isIncrementDecrementOp() || unary->getOpcode() == UO_AddrOf)) ||
          (binary && binary->isAssignmentOp() && binary->getLHS() == value))
        trouble(handler.key, use->getLocation(), "its parameter is changed");
      break;
    }
    if (isa<CStyleCastExpr>(expression) && expression->getType()->isPointerType()) {
      outermost = expression;
      entry.type = typeText(expression->getType(), context);
    }
    value = expression;
  }
  if (const auto *variable = dyn_cast_or_null<VarDecl>(decl);
      variable && outermost != use && variable->getType()->isPointerType()) {
    entry.variable = variable->getNameAsString();
    if (const RecordDecl *record = variable->getType()->getPointeeType()->getAsRecordDecl())
      entry.pointee = recordText(record);
  }
  std::optional<SourceSpan> span = text.range(outermost->getSourceRange());
  if (!span)
    return trouble(handler.key, use->getLocation(), "its parameter is used in a macro");
  entry.span = *span;
  entry.isInMacro = use->getLocation().isMacroID();
  handler.uses.push_back(std::move(entry));
}

void SiteVisitor::addHandlerUse(const DeclRefExpr *use, const FunctionDecl *function) {
  if (isLookedThrough(use->getLocation()))
    return;
  DataHandler &handler = handlerOf(function);
  const Expr *value = use;
  const Decl *decl = nullptr;
  const Stmt *parent = parentOf(*value, decl);
  while (parent && isa<ParenExpr, CastExpr, UnaryOperator>(parent)) {
    value = cast<Expr>(parent);
    parent = parentOf(*value, decl);
  }
  if (const auto *call = dyn_cast_or_null<CallExpr>(parent)) {
    const DeferralCall *old = oldCall(call->getDirectCallee());
    if (old && old->role == DeferralRole::SetupWithData && call->getNumArgs() == 3 && call->getArg(1) == value)
      return;
    std::optional<CallText> written = text.call(use->getLocation());
    std::optional<SourceSpan> argument =
        call->getNumArgs() == 1 ? text.range(call->getArg(0)->IgnoreImpCasts()->getSourceRange()) : std::nullopt;
    if (call->getCallee() == value && written && argument) {
      handler.calls.push_back(*written);
      handler.callData.emplace_back(*argument, text.text(withoutCasts(call->getArg(0))->getSourceRange()));
      return;
    }
  }
  if (parent && isa<InitListExpr, DesignatedInitExpr>(parent))
    if (const VarDecl *variable = declaredWith(parent)) {
      DataBinding binding;
      binding.node = addNode(variable);
      binding.handler = handler.key;
      binding.relation = DataRelation::Constant;
      binding.dataText = "0";
      if (!variable->getBeginLoc().isMacroID() && !variable->getTypeSpecStartLoc().isMacroID())
        trouble(binding.node, use->getLocation(), "it is initialised member by member");
      sites.bindings.push_back(std::move(binding));
      return;
    }
  if (std::optional<SourceSpan> place = text.token(text.written(use->getLocation())))
    handler.otherUses.push_back(*place);
}

bool SiteVisitor::isSame(const Expr *a, const Expr *b) const {
  llvm::FoldingSetNodeID first, second;
  withoutCasts(a)->Profile(first, context, /*Canonical=*/true);
  withoutCasts(b)->Profile(second, context, /*Canonical=*/true);
  return first == second;
}

/// Whether `data` is the address of a structure that `object`, as `&x->y.object`, is a part of.
void SiteVisitor::relate(const Expr *object, const Expr *data, DataBinding &binding) const {
  const auto *address = dyn_cast<UnaryOperator>(withoutCasts(object));
  const auto *member =
      address && address->getOpcode() == UO_AddrOf ? dyn_cast<MemberExpr>(withoutCasts(address->getSubExpr())) : nullptr;
  const auto *dataAddress = dyn_cast<UnaryOperator>(withoutCasts(data));
  if (!member) {
    binding.relation = namesNoVariable(data) ? DataRelation::Constant : DataRelation::Other;
    return;
  }
  binding.objectText = text.text(address->getSubExpr()->getSourceRange());
  const auto *field = cast<FieldDecl>(member->getMemberDecl());
  const std::string container = recordText(field->getParent());
  std::string path = field->getNameAsString();
  for (const MemberExpr *step = member;;) {
    const Expr *base = step->getBase();
    bool isHit = step->isArrow() ? isSame(base, data)
                                 : dataAddress && dataAddress->getOpcode() == UO_AddrOf &&
                                       isSame(base, dataAddress->getSubExpr());
    if (const auto *element = dyn_cast<ArraySubscriptExpr>(withoutCasts(base)); element && !step->isArrow()) {
      const std::optional<llvm::APSInt> index = element->getIdx()->getIntegerConstantExpr(context);
      isHit = isHit || (index && index->isZero() && isSame(element->getBase(), data)); // &a[0] is a
    }
    if (isHit) {
      binding.relation = DataRelation::Container;
      binding.container = recordText(cast<FieldDecl>(step->getMemberDecl())->getParent());
      binding.path = path;
      return;
    }
    const auto *outer = step->isArrow() ? nullptr : dyn_cast<MemberExpr>(withoutCasts(base));
    if (!outer)
      break;
    path = outer->getMemberDecl()->getNameAsString() + "." + path;
    step = outer;
  }
  binding.relation = namesNoVariable(data) ? DataRelation::Constant : DataRelation::Other;
  binding.container = container;
  binding.path = field->getNameAsString();
}

void SiteVisitor::bindData(const CallExpr *call, const CallText &written, const std::string &key) {
  const SourceLocation at = call->getCallee()->getExprLoc();
  if (call->getNumArgs() != 3 || written.arguments.size() != 3)
    return trouble(key, at, "its arguments are made by a macro");
  const Expr *given = call->getArg(1)->IgnoreParenCasts();
  if (const auto *address = dyn_cast<UnaryOperator>(given); address && address->getOpcode() == UO_AddrOf)
    given = address->getSubExpr()->IgnoreParenCasts();
  const auto *reference = dyn_cast<DeclRefExpr>(given);
  const auto *function = reference ? dyn_cast<FunctionDecl>(reference->getDecl()) : nullptr;
  if (!function || !isDataHandler(function))
    return trouble(key, at, "its handler isn't a function that is named there and takes one number");
  const Expr *data = withoutCasts(call->getArg(2));
  DataBinding binding;
  binding.text = written;
  binding.node = key;
  binding.handler = handlerOf(function).key;
  binding.isStatement = standsAlone(call);
  binding.dataText = text.text(data->getSourceRange());
  binding.dataType = typeText(data->getType(), context);
  if (const auto *array = dyn_cast<ArrayType>(data->getType().getTypePtr()))
    binding.dataType = typeText(array->getElementType(), context) + " *";
  relate(call->getArg(0), call->getArg(2), binding);
  sites.bindings.push_back(std::move(binding));
}

} // namespace bhlint
