#include "analysis/extract/function_builder.h"
#include "analysis/extract/macros.h"

#include "clang/AST/Attr.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Analysis/Analyses/PostOrderCFGView.h"

#include <algorithm>

namespace bhlint {

using namespace clang;
using facts::Event;
using facts::EventKind;
using facts::Value;
using facts::ValueKind;

namespace {

/// Parameters that the body writes: they are locals that start with the parameter's value.
class ReassignedParameters : public RecursiveASTVisitor<ReassignedParameters> {
public:
  explicit ReassignedParameters(llvm::DenseMap<const ParmVarDecl *, bool> &found) : found(found) {}
  bool VisitBinaryOperator(BinaryOperator *binary) {
    if (binary->isAssignmentOp())
      note(binary->getLHS());
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *unary) {
    if (unary->isIncrementDecrementOp() || unary->getOpcode() == UO_AddrOf)
      note(unary->getSubExpr());
    return true;
  }

private:
  void note(const Expr *target) {
    if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(target->IgnoreParenCasts()))
      if (const auto *parameter = llvm::dyn_cast<ParmVarDecl>(reference->getDecl()))
        found[parameter] = true;
  }
  llvm::DenseMap<const ParmVarDecl *, bool> &found;
};

bool isSectionOf(const FunctionDecl *function, llvm::StringRef prefix) {
  for (const FunctionDecl *declaration : function->redecls())
    if (const auto *section = declaration->getAttr<SectionAttr>())
      if (section->getName().starts_with(prefix))
        return true;
  return false;
}

} // namespace

FunctionBuilder::FunctionBuilder(UnitBuilder &unit, const FunctionDecl *function) : unit(unit), function(function) {}

std::uint32_t FunctionBuilder::localOf(const VarDecl *variable) {
  auto [entry, isNew] = locals.try_emplace(variable, static_cast<std::uint32_t>(facts.locals.size()));
  if (isNew)
    facts.locals.push_back(unit.isPasted(variable) ? 0 : unit.intern(variable->getName()));
  return entry->second;
}

std::uint32_t FunctionBuilder::pseudoLocal(const Stmt *statement) {
  auto [entry, isNew] = pseudoLocals.try_emplace(statement, static_cast<std::uint32_t>(facts.locals.size()));
  if (isNew) {
    facts.locals.push_back(0);
    pseudoOrder.push_back(statement);
  }
  return entry->second;
}

facts::FunctionFacts FunctionBuilder::build() {
  facts.symbol = unit.symbol(function);
  facts.location = unit.location(function->getLocation());
  facts.endLine = unit.location(function->getEndLoc()).line;
  facts.isInit = isSectionOf(function, ".init");
  facts.isExit = isSectionOf(function, ".exit");
  facts.isInline = function->isInlined();
  facts.isInHeader = !unit.isOwnCode(function->getLocation());
  for (const ParmVarDecl *parameter : function->parameters()) {
    facts.parameters.push_back(unit.intern(parameter->getName()));
    facts.parameterRecords.push_back(unit.recordOf(parameter->getType()));
  }
  ReassignedParameters(isReassigned).TraverseStmt(function->getBody());

  CFG::BuildOptions options;
  options.PruneTriviallyFalseEdges = true;
  options.AddImplicitDtors = true; // brings CFGCleanupFunction
  options.setAlwaysAdd(Stmt::BinaryOperatorClass)
      .setAlwaysAdd(Stmt::CompoundAssignOperatorClass)
      .setAlwaysAdd(Stmt::UnaryOperatorClass)
      .setAlwaysAdd(Stmt::ReturnStmtClass);
  std::unique_ptr<CFG> cfg = CFG::buildCFG(function, function->getBody(), &unit.context, options);
  if (cfg)
    buildBlocks(*cfg);
  else {
    facts.isTruncated = true;
    facts.blocks.emplace_back();
    collectWithoutCfg(function->getBody());
    facts.blocks[0].eventCount = static_cast<std::uint32_t>(facts.events.size());
  }
  reduce(facts);
  return std::move(facts);
}

void FunctionBuilder::buildBlocks(const CFG &cfg) {
  PostOrderCFGView order(&cfg); // iterates in reverse post-order, over reachable blocks
  blockOf.assign(cfg.getNumBlockIDs(), facts::none);
  std::vector<const CFGBlock *> reachable;
  for (const CFGBlock *block : order) {
    blockOf[block->getBlockID()] = static_cast<facts::BlockIndex>(reachable.size());
    reachable.push_back(block);
  }
  for (const CFGBlock *block : reachable) {
    facts::Block result;
    result.firstEvent = static_cast<facts::EventIndex>(facts.events.size());
    if (block == &cfg.getEntry())
      for (const ParmVarDecl *parameter : function->parameters())
        if (isReassigned.count(parameter)) {
          Event &event = addEvent(EventKind::Assign, parameter->getLocation());
          event.index = localOf(parameter);
          event.value = {.kind = ValueKind::Parameter, .index = parameter->getFunctionScopeIndex()};
        }
    for (const CFGElement &element : *block)
      visitElement(element);
    result.eventCount = static_cast<std::uint32_t>(facts.events.size()) - result.firstEvent;
    facts.blocks.push_back(std::move(result));
  }
  for (const CFGBlock *block : reachable)
    buildEdges(*block);
  resolvePseudoLocals(cfg);
}

// Events -------------------------------------------------------------------------------------------------------------

std::uint32_t FunctionBuilder::macroEvents(SourceLocation location, facts::StringId &outermost) {
  std::uint32_t enclosing = facts::none;
  for (const MacroLevel &level : macroStack(location, unit.preprocessor)) {
    facts::StringId name = unit.intern(level.name);
    if (outermost == 0)
      outermost = name;
    auto [entry, isNew] = expansions.try_emplace({level.expansion.getRawEncoding(), name},
                                                 static_cast<facts::EventIndex>(facts.events.size()));
    if (isNew) {
      Event event;
      event.kind = EventKind::Macro;
      event.location = unit.location(location);
      event.macro = name;
      event.expansion = enclosing;
      facts.events.push_back(std::move(event));
    }
    enclosing = entry->second;
  }
  return enclosing;
}

Event &FunctionBuilder::addEvent(EventKind kind, SourceLocation location) {
  facts::StringId outermost = 0;
  std::uint32_t expansion = macroEvents(location, outermost);
  Event &event = facts.events.emplace_back();
  event.kind = kind;
  event.location = unit.location(location);
  event.macro = outermost;
  event.expansion = expansion;
  return event;
}

void FunctionBuilder::visitElement(const CFGElement &element) {
  if (auto statement = element.getAs<CFGStmt>())
    visitStatement(statement->getStmt());
  else if (auto cleanup = element.getAs<CFGCleanupFunction>())
    visitCleanup(*cleanup);
}

void FunctionBuilder::visitStatement(const Stmt *statement) {
  if (const auto *call = llvm::dyn_cast<CallExpr>(statement))
    return visitCall(call);
  if (const auto *binary = llvm::dyn_cast<BinaryOperator>(statement)) {
    if (binary->isAssignmentOp())
      visitAssignment(binary);
    return;
  }
  if (const auto *unary = llvm::dyn_cast<UnaryOperator>(statement)) {
    if (unary->isIncrementDecrementOp())
      visitIncrement(unary);
    return;
  }
  if (const auto *declaration = llvm::dyn_cast<DeclStmt>(statement)) {
    for (const Decl *single : declaration->decls())
      if (const auto *variable = llvm::dyn_cast<VarDecl>(single))
        visitDeclaration(variable);
    return;
  }
  if (const auto *result = llvm::dyn_cast<ReturnStmt>(statement)) {
    Value value = result->getRetValue() ? valueOf(result->getRetValue()) : Value{};
    addEvent(EventKind::Return, result->getReturnLoc()).value = value;
    return;
  }
  if (llvm::isa<AsmStmt>(statement)) {
    // Assembly does what only a contract can tell; the macro or function around it is what contracts name.
    facts::StringId outermost = 0;
    std::uint32_t innermost = macroEvents(statement->getBeginLoc(), outermost);
    if (innermost != facts::none)
      facts.events[innermost].index = 1; // keeps it through reduce()
  }
}

void FunctionBuilder::visitCall(const CallExpr *call) {
  unsigned builtin = call->getBuiltinCallee();
  if (builtin == Builtin::BI__builtin_expect || builtin == Builtin::BI__builtin_expect_with_probability ||
      builtin == Builtin::BI__builtin_constant_p || builtin == Builtin::BI__builtin_object_size)
    return;
  std::vector<Value> arguments;
  const FunctionDecl *target = call->getDirectCallee();
  // Variadic arguments are what messages print: nobody can ask for them, and they depend on pr_fmt-like macros.
  unsigned fixed = target && target->isVariadic() ? target->getNumParams() : call->getNumArgs();
  for (unsigned i = 0; i < std::min(fixed, call->getNumArgs()); ++i)
    arguments.push_back(valueOf(call->getArg(i)));
  Value pointer;
  facts::PathIndex field = facts::none;
  if (!target) {
    const Expr *callee = call->getCallee()->IgnoreParenCasts();
    while (const auto *unary = llvm::dyn_cast<UnaryOperator>(callee)) {
      if (unary->getOpcode() != UO_Deref)
        break;
      callee = unary->getSubExpr()->IgnoreParenCasts();
    }
    pointer = valueOf(callee);
    if (pointer.kind == ValueKind::Load || pointer.kind == ValueKind::Address)
      field = pointer.index;
  }
  Event &event = addEvent(EventKind::Call, call->getBeginLoc());
  callEvents[call] = static_cast<facts::EventIndex>(facts.events.size() - 1);
  event.arguments = std::move(arguments);
  if (target) {
    event.index = unit.symbol(target);
    unit.wantBody(target);
  } else if (field != facts::none) {
    event.call = facts::CallKind::Field;
    event.index = field;
  } else {
    event.call = facts::CallKind::Value;
    event.value = pointer;
  }
}

void FunctionBuilder::visitCleanup(const CFGCleanupFunction &cleanup) {
  const FunctionDecl *target = cleanup.getFunctionDecl();
  const VarDecl *variable = cleanup.getVarDecl();
  facts::AccessPath path;
  path.root = facts::RootKind::Local;
  path.index = localOf(variable);
  path.rootRecord = unit.recordOf(variable->getType());
  path.text = unit.isPasted(variable) ? 0 : unit.intern(variable->getName());
  Value argument{.kind = ValueKind::Address, .index = internPath(std::move(path))};
  Event &event = addEvent(EventKind::Call, variable->getLocation());
  event.call = facts::CallKind::Cleanup;
  event.index = unit.symbol(target);
  event.arguments.push_back(argument);
  unit.wantBody(target);
}

void FunctionBuilder::visitDeclaration(const VarDecl *variable) {
  const Expr *initializer = variable->getInit();
  if (!initializer || variable->isStaticLocal())
    return;
  QualType type = variable->getType();
  if (type->isRecordType() || type->isArrayType()) {
    facts::AccessPath path;
    path.root = facts::RootKind::Local;
    path.index = localOf(variable);
    path.rootRecord = unit.recordOf(type);
    path.text = unit.isPasted(variable) ? 0 : unit.intern(variable->getName());
    return storeInitializer(internPath(std::move(path)), initializer, variable->getLocation());
  }
  Value value = valueOf(initializer);
  Event &event = addEvent(EventKind::Assign, variable->getLocation());
  event.index = localOf(variable);
  event.value = value;
}

void FunctionBuilder::storeInitializer(facts::PathIndex base, const Expr *initializer, SourceLocation location) {
  initializer = initializer->IgnoreParenImpCasts();
  if (const auto *literal = llvm::dyn_cast<CompoundLiteralExpr>(initializer))
    initializer = literal->getInitializer()->IgnoreParenImpCasts();
  const auto *list = llvm::dyn_cast<InitListExpr>(initializer);
  if (!list) {
    if (!initializer->getType()->isFunctionPointerType() && !initializer->getType()->isFunctionType() &&
        !initializer->getType()->isPointerType())
      return;
    Value value = valueOf(initializer);
    if (value.kind != ValueKind::Function && value.kind != ValueKind::Address && value.kind != ValueKind::Parameter)
      return;
    Event &event = addEvent(EventKind::Store, location);
    event.index = base;
    event.value = value;
    return;
  }
  if (list->isSemanticForm() == false && list->getSemanticForm())
    list = list->getSemanticForm();
  const RecordType *record = list->getType()->getAs<RecordType>();
  unsigned index = 0;
  if (!record) {
    for (const Expr *element : list->inits())
      if (element)
        storeInitializer(base, element, location);
    return;
  }
  auto storeField = [&](const FieldDecl *field, const Expr *value) {
    facts::AccessPath path = facts.paths[base];
    if (!field->getName().empty())
      path.fields.push_back(unit.step(field));
    storeInitializer(internPath(std::move(path)), value, location);
  };
  if (record->getDecl()->isUnion()) {
    if (const FieldDecl *field = list->getInitializedFieldInUnion(); field && list->getNumInits() > 0)
      storeField(field, list->getInit(0));
    return;
  }
  for (const FieldDecl *field : record->getDecl()->fields()) {
    if (field->isUnnamedBitField())
      continue;
    if (index >= list->getNumInits())
      break;
    const Expr *value = list->getInit(index++);
    if (value && !llvm::isa<ImplicitValueInitExpr>(value))
      storeField(field, value);
  }
}

void FunctionBuilder::assign(const Expr *target, Value value, QualType type, SourceLocation location) {
  target = target->IgnoreParenCasts();
  if (const auto *reference = llvm::dyn_cast<DeclRefExpr>(target))
    if (const auto *variable = llvm::dyn_cast<VarDecl>(reference->getDecl()))
      if ((variable->isLocalVarDecl() && !variable->isStaticLocal() && !variable->hasExternalStorage()) ||
          llvm::isa<ParmVarDecl>(variable)) {
        Event &event = addEvent(EventKind::Assign, location);
        event.index = localOf(variable);
        event.value = value;
        return;
      }
  // Opaque stores are kept as well: they end what a guard on the same path had established.
  facts::PathIndex path = pathOf(target);
  Event &event = addEvent(EventKind::Store, location);
  event.index = path;
  event.value = value;
}

void FunctionBuilder::visitAssignment(const BinaryOperator *assignment) {
  QualType type = assignment->getType();
  SourceLocation location = assignment->getBeginLoc();
  if (type->isRecordType()) {
    const Expr *source = assignment->getRHS()->IgnoreParenImpCasts();
    if (llvm::isa<CompoundLiteralExpr>(source))
      return storeInitializer(pathOf(assignment->getLHS()), source, location);
    // A struct that is copied brings the function pointers of the object that it is copied from.
    return assign(assignment->getLHS(), {.kind = ValueKind::Address, .index = pathOf(source)}, type, location);
  }
  if (assignment->getOpcode() == BO_Assign)
    return assign(assignment->getLHS(), valueOf(assignment->getRHS()), type, location);
  Value value;
  const Value right = valueOf(assignment->getRHS()); // also FIELD_PREP(): a constant behind statements that check it
  if (right.kind == ValueKind::Constant &&
      (assignment->getOpcode() == BO_OrAssign || assignment->getOpcode() == BO_AndAssign)) {
    value = valueOf(assignment->getLHS());
    if (value.kind != ValueKind::Opaque && !value.isNegated) {
      if (assignment->getOpcode() == BO_OrAssign) {
        value.mask &= ~right.bits;
        value.bits |= right.bits;
      } else {
        value.mask &= right.bits;
        value.bits &= right.bits;
      }
    }
  }
  assign(assignment->getLHS(), value, type, location);
}

void FunctionBuilder::visitIncrement(const UnaryOperator *increment) {
  assign(increment->getSubExpr(), Value{}, increment->getType(), increment->getBeginLoc());
}

void FunctionBuilder::collectWithoutCfg(const Stmt *statement) {
  if (!statement)
    return;
  for (const Stmt *child : statement->children())
    collectWithoutCfg(child);
  if (const auto *call = llvm::dyn_cast<CallExpr>(statement))
    visitCall(call);
}

// Edges --------------------------------------------------------------------------------------------------------------

/// `a && b` or `a || b`, as Clang's CFG looks for it: below parentheses only. Null: it is something else.
static const BinaryOperator *logicalIn(const Expr *expression) {
  const auto *binary = llvm::dyn_cast<BinaryOperator>(expression->IgnoreParens());
  return binary && binary->isLogicalOp() ? binary : nullptr;
}

void FunctionBuilder::addEdge(facts::BlockIndex from, const CFGBlock::AdjacentBlock &to,
                              std::optional<facts::Guard> guard, std::optional<facts::EdgeAssign> assign) {
  const CFGBlock *target = to.getReachableBlock();
  if (!target || blockOf[target->getBlockID()] == facts::none)
    return;
  facts::Edge edge;
  edge.to = blockOf[target->getBlockID()];
  if (guard && guard->value.kind == ValueKind::Constant) {
    std::uint64_t bits = guard->value.bits & guard->operand;
    bool holds = guard->relation == facts::Relation::AnyBit  ? bits != 0
                 : guard->relation == facts::Relation::NoBit ? bits == 0
                 : guard->relation == facts::Relation::Equal ? guard->value.bits == guard->operand
                                                             : guard->value.bits != guard->operand;
    if (!holds)
      return;
    guard.reset();
  }
  if (guard && guard->value.kind != ValueKind::Opaque)
    edge.guards.push_back(*guard);
  if (assign)
    edge.assigns.push_back(*assign);
  facts.blocks[from].edges.push_back(std::move(edge));
}

void FunctionBuilder::buildEdges(const CFGBlock &block) {
  facts::BlockIndex from = blockOf[block.getBlockID()];
  if (block.hasNoReturnElement())
    return;
  const Stmt *terminator = block.getTerminatorStmt();
  if (const auto *statement = llvm::dyn_cast_or_null<SwitchStmt>(terminator))
    return addSwitchEdges(block, statement);
  const auto *condition = llvm::dyn_cast_or_null<Expr>(block.getTerminatorCondition(/*StripParens=*/false));
  if (!condition || block.succ_size() != 2 || llvm::isa<AsmStmt>(terminator)) {
    for (const CFGBlock::AdjacentBlock &to : block.succs())
      addEdge(from, to, std::nullopt);
    return;
  }
  // Of `if (a && b)` the terminator's condition is the whole, and the block's own is b: that a holds is known here.
  if (!llvm::isa<DoStmt>(terminator)) // has the value of the whole
    while (const BinaryOperator *logical = logicalIn(condition))
      condition = logical->getRHS();
  unsigned position = 0;
  for (const CFGBlock::AdjacentBlock &to : block.succs())
    addEdge(from, to, guardOf(condition, position++ == 0));
}

void FunctionBuilder::addSwitchEdges(const CFGBlock &block, const SwitchStmt *statement) {
  facts::BlockIndex from = blockOf[block.getBlockID()];
  Value value = valueOf(statement->getCond());
  if (value.kind == ValueKind::Opaque)
    value = identityOf(statement->getCond());
  std::vector<facts::Guard> others;
  for (const CFGBlock::AdjacentBlock &to : block.succs()) {
    const CFGBlock *target = to.getReachableBlock();
    const auto *label = target ? llvm::dyn_cast_or_null<CaseStmt>(target->getLabel()) : nullptr;
    std::optional<facts::Guard> guard;
    if (label && !label->getRHS())
      if (auto number = constantOf(label->getLHS())) {
        guard = facts::Guard{value, facts::Relation::Equal, *number};
        others.push_back({value, facts::Relation::NotEqual, *number});
      }
    bool isDefault = target && !label;
    addEdge(from, to, guard);
    // The default edge comes last in Clang's CFG: it holds where no label did.
    if (isDefault && value.kind != ValueKind::Opaque && others.size() <= 8 && !facts.blocks[from].edges.empty())
      facts.blocks[from].edges.back().guards = others;
  }
}

/// `&&` and `||` themselves, and those that they are made of.
static void collectLogical(const Expr *expression, llvm::SmallPtrSetImpl<const Stmt *> &found) {
  if (const BinaryOperator *logical = logicalIn(expression)) {
    found.insert(logical);
    collectLogical(logical->getLHS(), found);
    collectLogical(logical->getRHS(), found);
  }
}

/// Every `c ? a : b`, `a && b` and `a || b` whose value is used gets a local of its own, set on edges.
void FunctionBuilder::resolvePseudoLocals(const CFG &cfg) {
  llvm::DenseMap<const Stmt *, llvm::SmallVector<const CFGBlock *, 2>> terminated;
  for (const CFGBlock *block : cfg)
    if (const Stmt *terminator = block->getTerminatorStmt(); terminator && block->succ_size() == 2)
      terminated[terminator].push_back(block);
  // Values of the sides may need further pseudo locals, which then stand at the end of the list.
  for (std::size_t position = 0; position < pseudoOrder.size(); ++position) {
    const Stmt *statement = pseudoOrder[position];
    for (const CFGBlock *block : terminated[statement]) {
      if (const auto *conditional = llvm::dyn_cast<AbstractConditionalOperator>(statement))
        assignChosenSide(*block, conditional);
      else if (const auto *binary = llvm::dyn_cast<BinaryOperator>(statement))
        assignLogicalValue(*block, binary);
    }
  }
}

template <typename Action> void FunctionBuilder::forEachEdge(const CFGBlock &from, const CFGBlock &to, Action action) {
  const facts::BlockIndex source = blockOf[from.getBlockID()], target = blockOf[to.getBlockID()];
  if (source == facts::none || target == facts::none)
    return;
  std::vector<facts::Edge> &edges = facts.blocks[source].edges;
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (edges[i].to == target)
      action(edges, i);
}

/// On the edges that leave the condition, whose parts may be blocks of their own. The value is looked up when it is used,
/// after the chosen side has run.
void FunctionBuilder::assignChosenSide(const CFGBlock &block, const AbstractConditionalOperator *conditional) {
  const std::uint32_t local = pseudoLocals[conditional];
  llvm::SmallPtrSet<const Stmt *, 4> condition;
  collectLogical(conditional->getCond(), condition);
  const CFGBlock *sides[] = {block.succ_begin()->getReachableBlock(), std::next(block.succ_begin())->getReachableBlock()};
  if (sides[0] == sides[1])
    return;
  for (const CFGBlock *side : sides) {
    if (!side)
      continue;
    const Value value = valueOf(side == sides[0] ? conditional->getTrueExpr() : conditional->getFalseExpr());
    for (const CFGBlock *before : side->preds())
      if (before && (before == &block || condition.contains(before->getTerminatorStmt())))
        forEachEdge(*before, *side, [&](std::vector<facts::Edge> &edges, std::size_t i) {
          edges[i].assigns.push_back({local, value});
        });
  }
}

/// On the edges into the block where the ways through `a && b` meet: what comes from a condition has decided already, what
/// comes from the last operand has its value. A comparison is no Value: it becomes two edges.
void FunctionBuilder::assignLogicalValue(const CFGBlock &block, const BinaryOperator *binary) {
  const std::uint32_t local = pseudoLocals[binary];
  const bool isAnd = binary->getOpcode() == BO_LAnd;
  const CFGBlock *meeting = (isAnd ? std::next(block.succ_begin()) : block.succ_begin())->getReachableBlock();
  if (!meeting)
    return;
  const Value zero{.kind = ValueKind::Constant, .mask = 0, .bits = 0},
      one{.kind = ValueKind::Constant, .mask = 0, .bits = 1}, right = valueOf(binary->getRHS());
  llvm::SmallPtrSet<const Stmt *, 4> conditions;
  collectLogical(binary, conditions);
  const facts::BlockIndex target = blockOf[meeting->getBlockID()];
  for (const CFGBlock *before : meeting->preds()) {
    if (!before)
      continue;
    const bool isDecided = conditions.contains(before->getTerminatorStmt());
    const bool isCompared = !isDecided && right.kind == ValueKind::Opaque && before->succ_size() == 1;
    forEachEdge(*before, *meeting, [&](std::vector<facts::Edge> &edges, std::size_t i) {
      if (!isCompared)
        edges[i].assigns.push_back({local, !isDecided ? right : isAnd ? zero : one});
    });
    const facts::BlockIndex from = blockOf[before->getBlockID()];
    if (!isCompared || from == facts::none || target == facts::none)
      continue;
    std::erase_if(facts.blocks[from].edges, [&](const facts::Edge &edge) { return edge.to == target; });
    addEdge(from, CFGBlock::AdjacentBlock(const_cast<CFGBlock *>(meeting), true), guardOf(binary->getRHS(), true),
            facts::EdgeAssign{local, one});
    addEdge(from, CFGBlock::AdjacentBlock(const_cast<CFGBlock *>(meeting), true), guardOf(binary->getRHS(), false),
            facts::EdgeAssign{local, zero});
  }
}

} // namespace bhlint
