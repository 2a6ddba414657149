// UnitBuilder: interns strings, symbols and files of one unit while its functions are built. Internal to extract/.
#pragma once

#include "analysis/facts/facts.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Decl.h"
#include "clang/Lex/Preprocessor.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

#include <vector>

namespace bhlint {

class UnitBuilder {
public:
  UnitBuilder(clang::ASTContext &context, const clang::Preprocessor &preprocessor, llvm::StringRef treeRoot,
              llvm::StringRef directory);

  facts::StringId intern(llvm::StringRef text);
  facts::Location location(clang::SourceLocation location);
  facts::SymbolIndex symbol(const clang::FunctionDecl *function);
  facts::SymbolIndex symbol(const clang::VarDecl *variable);
  /// "tag" of the struct or union that `type` is or points to (through arrays), 0 if it is none.
  facts::StringId recordOf(clang::QualType type);
  facts::StringId recordName(const clang::RecordDecl *record);
  facts::FieldStep step(const clang::FieldDecl *field);
  facts::StringId fileName(clang::FileID file);
  /// The name, with the number that __COUNTER__ put at its end replaced by how many such names came before it in the
  /// unit: the counter depends on which headers were parsed, and facts must not.
  facts::StringId nameOf(const clang::NamedDecl *declaration);
  /// Whether the name was pasted together by a macro.
  bool isPasted(const clang::NamedDecl *declaration) const;

  /// Whether it is the unit's own code: of the main file, or of another source (.c) that it includes as a part of itself.
  bool isOwnCode(clang::SourceLocation location) const;
  /// Functions whose bodies are to be built: the unit's own ones, then what they reach in headers.
  void wantBody(const clang::FunctionDecl *function);

  clang::ASTContext &context;
  const clang::Preprocessor &preprocessor;
  const clang::SourceManager &sources;
  facts::UnitFacts facts;
  std::vector<const clang::FunctionDecl *> wanted; ///< definitions, in the order in which they were asked for

private:
  std::string treeRoot, directory;
  llvm::StringMap<facts::StringId> stringIds;
  llvm::DenseMap<const clang::Decl *, facts::SymbolIndex> symbolIds;
  llvm::DenseMap<const clang::RecordDecl *, facts::StringId> recordNames;
  llvm::DenseMap<clang::FileID, facts::StringId> fileNames;
  llvm::DenseMap<const clang::Decl *, bool> isWanted;
  llvm::StringMap<unsigned> pastedNames;
  llvm::DenseMap<const clang::Decl *, facts::StringId> pastedIds;
};

/// Path of `path` relative to `root` when below it, else as it is, without "./" and "..".
std::string relativePath(llvm::StringRef path, llvm::StringRef directory, llvm::StringRef root);

} // namespace bhlint
