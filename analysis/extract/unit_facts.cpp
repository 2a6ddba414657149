#include "analysis/extract/unit_facts.h"
#include "analysis/extract/function_builder.h"
#include "analysis/extract/macros.h"

namespace bhlint {

using namespace clang;

namespace {

constexpr llvm::StringLiteral suppressionMarker = "bhlint:";
// Kbuild's protocol with the sources that it compiles: the module's name and whether it is built as one.
constexpr llvm::StringLiteral moduleNameMacro = "KBUILD_MODNAME", moduleMacro = "MODULE";

void addInitializerList(UnitBuilder &unit, const VarDecl *object, std::vector<facts::FieldStep> &fields,
                        const InitListExpr *list);

void addInitializer(UnitBuilder &unit, const VarDecl *object, std::vector<facts::FieldStep> &fields,
                    const Expr *initializer) {
  initializer = initializer->IgnoreParenCasts();
  if (const auto *literal = llvm::dyn_cast<CompoundLiteralExpr>(initializer))
    initializer = literal->getInitializer()->IgnoreParenCasts();
  if (const auto *constant = llvm::dyn_cast<ConstantExpr>(initializer))
    initializer = constant->getSubExpr()->IgnoreParenCasts();
  if (const auto *list = llvm::dyn_cast<InitListExpr>(initializer))
    return addInitializerList(unit, object, fields, list);
  facts::Value value;
  if (const auto *choice = llvm::dyn_cast<ChooseExpr>(initializer))
    initializer = choice->getChosenSubExpr()->IgnoreParenCasts();
  if (const auto *conditional = llvm::dyn_cast<ConditionalOperator>(initializer)) {
    // IS_ENABLED(X) ? f : NULL and the like: the side that the compiler would take.
    bool isTrue = false;
    if (conditional->getCond()->EvaluateAsBooleanCondition(isTrue, unit.context))
      return addInitializer(unit, object, fields, isTrue ? conditional->getTrueExpr() : conditional->getFalseExpr());
  }
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(initializer); unary && unary->getOpcode() == UO_AddrOf)
    initializer = unary->getSubExpr()->IgnoreParenCasts();
  if (const auto *member = llvm::dyn_cast<MemberExpr>(initializer)) {
    // &object.part stands for the object: multi-layer types ask which object, not which part.
    while (member) {
      initializer = member->getBase()->IgnoreParenCasts();
      member = llvm::dyn_cast<MemberExpr>(initializer);
    }
  }
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(initializer)) {
    if (const auto *function = llvm::dyn_cast<FunctionDecl>(reference->getDecl())) {
      unit.wantBody(function);
      value = {.kind = facts::ValueKind::Function, .index = unit.symbol(function)};
    } else if (const auto *variable = llvm::dyn_cast<VarDecl>(reference->getDecl())) {
      value = {.kind = facts::ValueKind::Address, .index = unit.symbol(variable)};
    }
  }
  if (value.kind == facts::ValueKind::Opaque) {
    Expr::EvalResult number;
    if (fields.empty() || !initializer->getType()->isIntegralOrEnumerationType() ||
        !initializer->EvaluateAsInt(number, unit.context) || number.Val.getInt() == 0)
      return;
    value = {.kind = facts::ValueKind::Constant,
             .mask = 0,
             .bits = static_cast<std::uint64_t>(number.Val.getInt().getExtValue())};
  }
  facts::Initializer entry;
  entry.object = unit.symbol(object);
  entry.objectRecord = unit.recordOf(object->getType());
  entry.fields = fields;
  entry.value = value;
  entry.location = unit.location(initializer->getExprLoc());
  unit.facts.initializers.push_back(std::move(entry));
}

void addInitializerList(UnitBuilder &unit, const VarDecl *object, std::vector<facts::FieldStep> &fields,
                        const InitListExpr *list) {
  if (!list->isSemanticForm() && list->getSemanticForm())
    list = list->getSemanticForm();
  const RecordType *record = list->getType()->getAs<RecordType>();
  if (!record) {
    for (const Expr *element : list->inits())
      if (element)
        addInitializer(unit, object, fields, element);
    return;
  }
  auto addField = [&](const FieldDecl *field, const Expr *value) {
    if (!value || llvm::isa<ImplicitValueInitExpr>(value))
      return;
    bool isNamed = !field->getName().empty();
    if (isNamed)
      fields.push_back(unit.step(field));
    addInitializer(unit, object, fields, value);
    if (isNamed)
      fields.pop_back();
  };
  if (record->getDecl()->isUnion()) {
    if (const FieldDecl *field = list->getInitializedFieldInUnion(); field && list->getNumInits() > 0)
      addField(field, list->getInit(0));
    return;
  }
  unsigned index = 0;
  for (const FieldDecl *field : record->getDecl()->fields()) {
    if (field->isUnnamedBitField())
      continue;
    if (index >= list->getNumInits())
      break;
    addField(field, list->getInit(index++));
  }
}

void visitTopLevel(UnitBuilder &unit, const Decl *declaration) {
  if (const auto *function = llvm::dyn_cast<FunctionDecl>(declaration)) {
    if (function->doesThisDeclarationHaveABody())
      unit.wantBody(function);
  } else if (const auto *variable = llvm::dyn_cast<VarDecl>(declaration)) {
    if (const Expr *initializer = variable->getInit()) {
      std::vector<facts::FieldStep> fields;
      addInitializer(unit, variable, fields, initializer);
    }
  }
}

void readMacros(UnitBuilder &unit, llvm::ArrayRef<std::string> arguments) {
  unit.facts.isBuiltIn = true;
  for (llvm::StringRef argument : arguments) {
    if (!argument.consume_front("-D"))
      continue;
    auto [name, value] = argument.split('=');
    if (name == moduleMacro)
      unit.facts.isBuiltIn = false;
    if (name == moduleNameMacro)
      unit.facts.module = unit.intern(value.trim('"'));
  }
}

} // namespace

bool SuppressionComments::HandleComment(Preprocessor &preprocessor, SourceRange range) {
  const SourceManager &sources = preprocessor.getSourceManager();
  const char *begin = sources.getCharacterData(range.getBegin());
  llvm::StringRef text(
      begin, static_cast<std::size_t>(sources.getFileOffset(range.getEnd()) - sources.getFileOffset(range.getBegin())));
  if (text.contains(suppressionMarker))
    found.push_back({range.getBegin(), text.str()});
  return false;
}

facts::UnitFacts factsOf(ASTContext &context, const Preprocessor &preprocessor, const ExtractRequest &request,
                         const SuppressionComments &comments) {
  UnitBuilder unit(context, preprocessor, request.treeRoot, request.directory);
  const SourceManager &sources = context.getSourceManager();
  unit.facts.mainFile = unit.fileName(sources.getMainFileID());
  readMacros(unit, request.arguments);
  for (const Decl *declaration : context.getTranslationUnitDecl()->noload_decls())
    if (unit.isOwnCode(declaration->getLocation()))
      visitTopLevel(unit, declaration);
  // Bodies are asked for while others are built: callees and functions whose address is taken.
  for (std::size_t i = 0; i < unit.wanted.size(); ++i)
    unit.facts.functions.push_back(FunctionBuilder(unit, unit.wanted[i]).build());
  for (const auto &[location, text] : comments.found)
    unit.facts.suppressions.push_back({unit.location(location), unit.intern(text)});
  return std::move(unit.facts);
}

} // namespace bhlint
