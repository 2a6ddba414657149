// SiteVisitor: goes through a unit's declarations and follows the old mechanism's objects. Internal to migrate/.
//
// It knows no function by name. Values flow through assignments, initialisers, arguments and returns; where one flows
// to something that isn't rewritten with it, that is a Trouble. Handlers of the older kind, which take a number, are
// looked at in data_handlers.cpp.
#pragma once

#include "analysis/migrate/written_text.h"

#include "clang/AST/RecursiveASTVisitor.h"

#include <map>

namespace bhlint {

class SiteVisitor : public clang::RecursiveASTVisitor<SiteVisitor> {
public:
  SiteVisitor(clang::ASTContext &context, const WrittenText &text, const MigrationRules &rules, DeferralSites &sites)
      : context(context), sources(context.getSourceManager()), text(text), rules(rules), sites(sites) {}

  void run();
  /// A use of one of the rules' macros, found while the unit was preprocessed. After run().
  void addMacro(llvm::StringRef name, clang::SourceLocation location);

  bool TraverseDecl(clang::Decl *decl);
  bool VisitDeclaratorDecl(clang::DeclaratorDecl *decl);
  bool VisitDeclRefExpr(clang::DeclRefExpr *expression);
  bool VisitMemberExpr(clang::MemberExpr *expression);
  bool VisitCallExpr(clang::CallExpr *call);
  bool VisitCStyleCastExpr(clang::CStyleCastExpr *cast);
  bool VisitUnaryExprOrTypeTraitExpr(clang::UnaryExprOrTypeTraitExpr *expression);

private:
  bool mentions(clang::QualType type) const;
  bool isOldRecord(clang::QualType type) const;
  bool isShared(const clang::Decl *decl) const;
  bool isLookedThrough(clang::SourceLocation location) const;
  std::string keyOf(const clang::NamedDecl *decl) const;
  std::string addNode(const clang::ValueDecl *decl);
  const clang::ValueDecl *nodeOf(const clang::Expr *expression) const;
  void link(const std::string &a, const clang::ValueDecl *b, clang::SourceLocation at);
  void trouble(std::string node, clang::SourceLocation at, std::string reason);
  void claimTypeNames(clang::TypeLoc type, const std::string &key, bool isRequired);
  const clang::Stmt *parentOf(const clang::Stmt &statement, const clang::Decl *&decl) const;
  std::string fieldName(const clang::MemberExpr &member) const;
  /// Where the value of `expression`, an object of `key` or a pointer to it, goes.
  void follow(const clang::Expr *expression, const std::string &key);
  void followArgument(const clang::CallExpr *call, const clang::Expr *argument, const std::string &key);
  void followAssignment(const clang::BinaryOperator *assignment, const clang::Expr *side, const std::string &key);
  void followInitializer(const clang::Stmt *list, const std::string &key, clang::SourceLocation at);
  const clang::VarDecl *declaredWith(const clang::Stmt *list) const;
  const DeferralCall *oldCall(const clang::FunctionDecl *function) const;
  bool standsAlone(const clang::CallExpr *call) const;

  // data_handlers.cpp
  bool isDataHandler(const clang::FunctionDecl *function) const;
  DataHandler &handlerOf(const clang::FunctionDecl *function);
  void addDataHandler(const clang::FunctionDecl *function);
  void addDataUse(const clang::DeclRefExpr *use, DataHandler &handler);
  void addHandlerUse(const clang::DeclRefExpr *use, const clang::FunctionDecl *function);
  void bindData(const clang::CallExpr *call, const CallText &written, const std::string &key);
  void relate(const clang::Expr *object, const clang::Expr *data, DataBinding &binding) const;
  bool isSame(const clang::Expr *a, const clang::Expr *b) const;

  clang::ASTContext &context;
  const clang::SourceManager &sources;
  const WrittenText &text;
  const MigrationRules &rules;
  DeferralSites &sites;
  std::map<std::string, DeferralNode> nodes;
  std::map<std::string, DataHandler> handlers;
  std::map<std::pair<std::string, unsigned>, std::string> nodeAt; ///< where nodes are named
  const clang::FunctionDecl *current = nullptr;
};

} // namespace bhlint
