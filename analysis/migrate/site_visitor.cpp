#include "analysis/migrate/site_visitor.h"

#include "clang/AST/ParentMapContext.h"
#include "clang/Lex/Lexer.h"
#include "llvm/Support/FormatVariadic.h"

namespace bhlint {

using namespace clang;

void SiteVisitor::run() {
  std::vector<Decl *> ours;
  for (Decl *decl : context.getTranslationUnitDecl()->decls())
    if (!isShared(decl))
      ours.push_back(decl);
  context.setTraversalScope(ours);
  TraverseAST(context);
  for (auto &[key, node] : nodes)
    sites.nodes.push_back(node);
  for (auto &[key, handler] : handlers)
    sites.handlers.push_back(std::move(handler));
}

bool SiteVisitor::isOldRecord(QualType type) const {
  const auto *record = type->getAs<RecordType>();
  return record && record->getDecl()->getName() == rules.record;
}

bool SiteVisitor::mentions(QualType type) const {
  if (type.isNull())
    return false;
  type = type.getCanonicalType();
  if (const auto *pointer = type->getAs<PointerType>())
    return mentions(pointer->getPointeeType());
  if (const ArrayType *array = type->getAsArrayTypeUnsafe())
    return mentions(array->getElementType());
  if (const auto *function = type->getAs<FunctionProtoType>())
    return mentions(function->getReturnType()) ||
           llvm::any_of(function->param_types(), [&](QualType parameter) { return mentions(parameter); });
  return isOldRecord(type);
}

bool SiteVisitor::isShared(const Decl *decl) const {
  const std::string file = text.fileOf(decl->getLocation());
  return file.empty() || rules.isShared(file);
}

/// In a macro like container_of(), which shows what it is given and leads it nowhere.
bool SiteVisitor::isLookedThrough(SourceLocation location) const {
  while (location.isMacroID()) {
    auto macro = rules.macros.find(Lexer::getImmediateMacroName(location, sources, context.getLangOpts()));
    if (macro != rules.macros.end() && (macro->second.role == DeferralMacroRole::FindContainer ||
                                        macro->second.role == DeferralMacroRole::LookThrough))
      return true;
    location = sources.getImmediateMacroCallerLoc(location);
  }
  return false;
}

std::string SiteVisitor::keyOf(const NamedDecl *decl) const {
  auto placed = [&](llvm::StringRef kind) {
    std::optional<SourceSpan> place = text.token(decl->getLocation());
    return place ? llvm::formatv("{0}{1}:{2}", kind, place->file, place->begin).str() : (kind + "?").str();
  };
  auto named = [&](llvm::StringRef kind, bool isExternal, const NamedDecl *first) {
    const std::string key = (kind + decl->getName()).str();
    return isExternal ? key : key + "@" + text.fileOf(first->getLocation());
  };
  if (const auto *function = dyn_cast<FunctionDecl>(decl))
    return named("f:", function->isExternallyVisible(), function->getCanonicalDecl());
  if (const auto *parameter = dyn_cast<ParmVarDecl>(decl)) {
    if (const auto *function = dyn_cast<FunctionDecl>(parameter->getDeclContext()))
      return keyOf(function) + "#" + std::to_string(parameter->getFunctionScopeIndex());
    return placed("p:");
  }
  if (const auto *variable = dyn_cast<VarDecl>(decl); variable && variable->isFileVarDecl())
    return named("v:", variable->isExternallyVisible(), variable->getCanonicalDecl());
  return placed(isa<FieldDecl>(decl) ? "m:" : "l:");
}

std::string SiteVisitor::addNode(const ValueDecl *decl) {
  std::string key = keyOf(decl);
  std::optional<SourceSpan> place = text.token(decl->getLocation());
  auto [entry, isNew] = nodes.try_emplace(key);
  DeferralNode &node = entry->second;
  if (place)
    nodeAt[{place->file, place->begin}] = key;
  const auto *function = dyn_cast<FunctionDecl>(decl);
  if (!isNew) {
    node.isDefined = node.isDefined || (function && function->isDefined());
    return key;
  }
  node.key = key;
  node.name = decl->getNameAsString();
  if (place)
    node.place = *place;
  const auto *variable = dyn_cast<VarDecl>(decl);
  node.kind = function                         ? NodeKind::Function
              : isa<FieldDecl>(decl)           ? NodeKind::Field
              : isa<ParmVarDecl>(decl)         ? NodeKind::Parameter
              : variable->isFileVarDecl()      ? NodeKind::Global
                                               : NodeKind::Local;
  QualType type = decl->getType();
  while (const ArrayType *array = context.getAsArrayType(type))
    type = array->getElementType();
  node.isObject = isOldRecord(type);
  node.hasExternalName = (function && function->isExternallyVisible()) ||
                         (node.kind == NodeKind::Global && variable->isExternallyVisible());
  node.isDefined = !function || function->isDefined();
  if (node.kind == NodeKind::Field)
    node.declarationEnd = text.behindSemicolon(decl->getLocation());
  if (isShared(decl))
    trouble(key, decl->getLocation(), "'" + node.name + "' is declared where other code uses it, too");
  if (variable && node.isObject && variable->hasLocalStorage() && !isa<ParmVarDecl>(decl))
    trouble(key, decl->getLocation(), "'" + node.name + "' lies on the stack");
  return key;
}

void SiteVisitor::trouble(std::string node, SourceLocation at, std::string reason) {
  Trouble entry{std::move(node), {}, std::move(reason)};
  if (std::optional<SourceSpan> place = text.token(text.written(at)))
    entry.place = *place;
  sites.troubles.push_back(std::move(entry));
}

void SiteVisitor::link(const std::string &a, const ValueDecl *b, SourceLocation at) {
  if (isShared(b))
    return trouble(a, at, "it goes to '" + b->getNameAsString() + "', which other code uses, too");
  sites.links.emplace_back(a, addNode(b));
}

const DeferralCall *SiteVisitor::oldCall(const FunctionDecl *function) const {
  if (!function || !function->getIdentifier())
    return nullptr;
  auto call = rules.calls.find(function->getName());
  return call == rules.calls.end() ? nullptr : &call->second;
}

/// The old record's names in a type as written. Required: a type that mentions it without writing it is trouble.
void SiteVisitor::claimTypeNames(TypeLoc type, const std::string &key, bool isRequired) {
  bool isWritten = false;
  const SourceLocation at = type.isNull() ? SourceLocation() : type.getBeginLoc();
  std::vector<TypeLoc> open{type};
  while (!open.empty()) {
    TypeLoc next = open.back();
    open.pop_back();
    if (next.isNull())
      continue;
    if (auto function = next.getAs<FunctionProtoTypeLoc>())
      for (const ParmVarDecl *parameter : function.getParams())
        if (parameter && parameter->getTypeSourceInfo())
          open.push_back(parameter->getTypeSourceInfo()->getTypeLoc());
    if (auto elaborated = next.getAs<ElaboratedTypeLoc>())
      open.push_back(elaborated.getNamedTypeLoc());
    else if (auto record = next.getAs<RecordTypeLoc>(); record && isOldRecord(record.getType())) {
      isWritten = true;
      if (isLookedThrough(record.getNameLoc()))
        continue;
      std::optional<SourceSpan> name = text.token(text.written(record.getNameLoc()));
      if (name && !rules.isShared(name->file))
        sites.typeNames.push_back({*name, key});
      else if (!record.getNameLoc().isMacroID())
        trouble(key, record.getNameLoc(), "its type isn't written in a file of the driver");
    } else
      open.push_back(next.getNextTypeLoc());
  }
  if (isRequired && !isWritten)
    trouble(key, at, "its type is written through a typedef");
}

bool SiteVisitor::TraverseDecl(Decl *decl) {
  const FunctionDecl *outer = current;
  if (auto *function = dyn_cast_or_null<FunctionDecl>(decl))
    current = function;
  bool result = RecursiveASTVisitor::TraverseDecl(decl);
  current = outer;
  return result;
}

bool SiteVisitor::VisitDeclaratorDecl(DeclaratorDecl *decl) {
  auto *function = dyn_cast<FunctionDecl>(decl);
  if (function && isDataHandler(function))
    addDataHandler(function);
  if (!mentions(decl->getType()) || !decl->getTypeSourceInfo())
    return true;
  const std::string key = addNode(decl);
  if (function) {
    if (mentions(function->getReturnType()))
      claimTypeNames(function->getFunctionTypeLoc().getReturnLoc(), key, true);
    for (const ParmVarDecl *parameter : function->parameters())
      if (mentions(parameter->getType()))
        link(key, parameter, parameter->getLocation());
    return true;
  }
  claimTypeNames(decl->getTypeSourceInfo()->getTypeLoc(), key, true);
  return true;
}

bool SiteVisitor::VisitDeclRefExpr(DeclRefExpr *expression) {
  const ValueDecl *decl = expression->getDecl();
  if (const auto *function = dyn_cast<FunctionDecl>(decl)) {
    if (isDataHandler(function))
      addHandlerUse(expression, function);
    if (oldCall(function)) {
      const Decl *unused = nullptr;
      const Stmt *parent = parentOf(*expression, unused);
      const auto *cast = dyn_cast_or_null<ImplicitCastExpr>(parent);
      const auto *call = cast ? dyn_cast_or_null<CallExpr>(parentOf(*cast, unused)) : nullptr;
      if (!call || call->getCallee() != cast)
        trouble("", expression->getLocation(), "the address of " + function->getNameAsString() + "() is taken");
      return true;
    }
  }
  if (mentions(decl->getType())) {
    const std::string key = addNode(decl);
    if (std::optional<SourceSpan> place = text.token(text.written(expression->getLocation())))
      nodeAt[{place->file, place->begin}] = key;
    follow(expression, key);
  }
  return true;
}

bool SiteVisitor::VisitMemberExpr(MemberExpr *expression) {
  const auto *field = dyn_cast<FieldDecl>(expression->getMemberDecl());
  if (!field || !mentions(field->getType()) || field->getParent()->getName() == rules.record)
    return true;
  const auto *parent = dyn_cast_or_null<RecordDecl>(field->getParent()->getParent());
  if (parent && parent->getName() == rules.record)
    return true;
  const std::string key = addNode(field);
  if (std::optional<SourceSpan> place = text.token(text.written(expression->getMemberLoc())))
    nodeAt[{place->file, place->begin}] = key;
  follow(expression, key);
  return true;
}

const ValueDecl *SiteVisitor::nodeOf(const Expr *expression) const {
  for (;;) {
    expression = expression->IgnoreParenCasts();
    if (const auto *unary = dyn_cast<UnaryOperator>(expression);
        unary && (unary->getOpcode() == UO_AddrOf || unary->getOpcode() == UO_Deref))
      expression = unary->getSubExpr();
    else if (const auto *subscript = dyn_cast<ArraySubscriptExpr>(expression))
      expression = subscript->getBase();
    else
      break;
  }
  const ValueDecl *decl = nullptr;
  if (const auto *reference = dyn_cast<DeclRefExpr>(expression))
    decl = reference->getDecl();
  else if (const auto *member = dyn_cast<MemberExpr>(expression))
    decl = member->getMemberDecl();
  else if (const auto *call = dyn_cast<CallExpr>(expression))
    decl = call->getDirectCallee();
  return decl && mentions(decl->getType()) ? decl : nullptr;
}

bool SiteVisitor::standsAlone(const CallExpr *call) const {
  const Decl *unused = nullptr;
  return isa_and_nonnull<CompoundStmt>(parentOf(*call, unused));
}

bool SiteVisitor::VisitCallExpr(CallExpr *call) {
  const FunctionDecl *function = call->getDirectCallee();
  const DeferralCall *old = oldCall(function);
  if (!old || call->getNumArgs() == 0)
    return true;
  const std::string name = function->getNameAsString();
  const SourceLocation at = call->getCallee()->getExprLoc();
  const ValueDecl *object = nodeOf(call->getArg(0));
  std::optional<CallText> written = text.call(at);
  const std::string key = object ? addNode(object) : "";
  if (!object || !written || rules.isShared(written->name.file)) {
    trouble(key, at, "it can't be told which object " + name + "() is called with");
    return true;
  }
  if (old->role == DeferralRole::Refused) {
    trouble(key, at, name + "() " + old->why);
    return true;
  }
  sites.calls.push_back({*written, name, key, current ? current->getNameAsString() : "", standsAlone(call)});
  if (old->role == DeferralRole::Setup && call->getNumArgs() == 2) {
    const ValueDecl *handler = nodeOf(call->getArg(1));
    if (handler)
      link(key, handler, at);
    else
      trouble(key, at, "it can't be told which handler it is given");
  }
  if (old->role == DeferralRole::SetupWithData)
    bindData(call, *written, key);
  return true;
}

void SiteVisitor::addMacro(llvm::StringRef name, SourceLocation location) {
  const DeferralMacro &macro = rules.macros.find(name)->second;
  if (macro.role == DeferralMacroRole::LookThrough)
    return;
  std::optional<CallText> written = text.call(location);
  if (!written || rules.isShared(written->name.file))
    return;
  const std::size_t argument = macro.role == DeferralMacroRole::FindContainer ? 1 : 0;
  std::string key;
  if (written->arguments.size() > argument) {
    auto [begin, end] = written->arguments[argument];
    auto found = nodeAt.lower_bound({written->name.file, begin});
    if (found != nodeAt.end() && found->first.first == written->name.file && found->first.second < end)
      key = found->second;
  }
  if (key.empty())
    return trouble("", location, "it can't be told which object " + name.str() + "() is given");
  if (macro.role == DeferralMacroRole::Refused)
    return trouble(key, location, name.str() + "() " + macro.why);
  sites.macros.push_back({*written, name.str(), key, "", false});
}

} // namespace bhlint
