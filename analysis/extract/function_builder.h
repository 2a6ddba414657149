// FunctionBuilder: one function body -> FunctionFacts (events and a reduced CFG). Internal to extract/.
//
// The CFG is Clang's, built with __attribute__((cleanup)) calls, so guard() and __free() unlock where the compiler
// makes them. Expressions become facts::Value; what a Value cannot say becomes Opaque, never something wrong.
#pragma once

#include "analysis/extract/unit_builder.h"

#include "clang/AST/Expr.h"
#include "clang/Analysis/CFG.h"

#include <optional>

namespace bhlint {

class FunctionBuilder {
public:
  FunctionBuilder(UnitBuilder &unit, const clang::FunctionDecl *function);
  facts::FunctionFacts build();

private:
  // Declarations
  std::uint32_t localOf(const clang::VarDecl *variable);
  std::uint32_t pseudoLocal(const clang::Stmt *statement);
  void noteReassignedParameters();

  // Expressions (function_values.cpp)
  facts::Value valueOf(const clang::Expr *expression);
  facts::Value valueOfReference(const clang::DeclRefExpr *reference);
  facts::Value valueOfBinary(const clang::BinaryOperator *binary);
  facts::Value load(const clang::Expr *lvalue);
  std::optional<std::uint64_t> constantOf(const clang::Expr *expression);
  facts::PathIndex pathOf(const clang::Expr *lvalue);
  facts::PathIndex internPath(facts::AccessPath path);
  void buildPath(const clang::Expr *expression, facts::AccessPath &path);
  facts::Guard guardOf(const clang::Expr *condition, bool isTrue);
  facts::Guard compare(const clang::BinaryOperator *binary, bool isTrue);
  facts::Value identityOf(const clang::Expr *expression);
  std::string textOf(const clang::Expr *expression);
  bool usesPastedName(const clang::Stmt *statement) const;

  // Statements
  void visitElement(const clang::CFGElement &element);
  void visitStatement(const clang::Stmt *statement);
  void visitCall(const clang::CallExpr *call);
  void visitCleanup(const clang::CFGCleanupFunction &cleanup);
  void visitDeclaration(const clang::VarDecl *variable);
  void visitAssignment(const clang::BinaryOperator *assignment);
  void visitIncrement(const clang::UnaryOperator *increment);
  void storeInitializer(facts::PathIndex base, const clang::Expr *initializer, clang::SourceLocation location);
  void assign(const clang::Expr *target, facts::Value value, clang::QualType type, clang::SourceLocation location);
  facts::Event &addEvent(facts::EventKind kind, clang::SourceLocation location);
  std::uint32_t macroEvents(clang::SourceLocation location, facts::StringId &outermost);

  // Graph
  void buildBlocks(const clang::CFG &cfg);
  void buildEdges(const clang::CFGBlock &block);
  void addSwitchEdges(const clang::CFGBlock &block, const clang::SwitchStmt *statement);
  void addEdge(facts::BlockIndex from, const clang::CFGBlock::AdjacentBlock &to, std::optional<facts::Guard> guard,
               std::optional<facts::EdgeAssign> assign = std::nullopt);
  void resolvePseudoLocals(const clang::CFG &cfg);
  void assignChosenSide(const clang::CFGBlock &block, const clang::AbstractConditionalOperator *conditional);
  void assignLogicalValue(const clang::CFGBlock &block, const clang::BinaryOperator *binary);
  template <typename Action> void forEachEdge(const clang::CFGBlock &from, const clang::CFGBlock &to, Action action);
  void collectWithoutCfg(const clang::Stmt *statement);

  UnitBuilder &unit;
  const clang::FunctionDecl *function;
  facts::FunctionFacts facts;
  llvm::DenseMap<const clang::VarDecl *, std::uint32_t> locals;
  llvm::DenseMap<const clang::Stmt *, std::uint32_t> pseudoLocals;
  std::vector<const clang::Stmt *> pseudoOrder;
  llvm::DenseMap<const clang::CallExpr *, facts::EventIndex> callEvents;
  llvm::DenseMap<std::pair<unsigned, facts::StringId>, facts::EventIndex> expansions;
  llvm::DenseMap<const clang::ParmVarDecl *, bool> isReassigned;
  std::map<std::string, facts::PathIndex> pathIds;
  std::vector<facts::BlockIndex> blockOf; ///< by CFG block id
};

/// Drops guards and assignments that nothing depends on and blocks that then say nothing (reduce.cpp).
void reduce(facts::FunctionFacts &function);

} // namespace bhlint
