// One rule as a Clang-Tidy check: rule bh-x is check bhlint-x. Which there are, the rules folder says
// (tidy_module.cpp).
#pragma once

#include "driver/tidy/tidy_unit.h"

#include "clang-tidy/ClangTidyCheck.h"

namespace bhlint {

class TidyCheck : public clang::tidy::ClangTidyCheck {
public:
  TidyCheck(llvm::StringRef name, clang::tidy::ClangTidyContext *context, std::string rule,
            std::shared_ptr<TidyUnit> unit);

  bool isLanguageVersionSupported(const clang::LangOptions &language) const override { return !language.CPlusPlus; }
  void registerPPCallbacks(const clang::SourceManager &sources, clang::Preprocessor *preprocessor,
                           clang::Preprocessor *) override {
    unit->watch(*preprocessor);
  }
  void registerMatchers(clang::ast_matchers::MatchFinder *finder) override;
  void check(const clang::ast_matchers::MatchFinder::MatchResult &result) override;
  void storeOptions(clang::tidy::ClangTidyOptions::OptionMap &stored) override;

private:
  std::string option(llvm::StringRef name, llvm::StringRef missing);
  void report(const Finding &finding, TidyFindings &of, clang::SourceManager &sources);
  clang::DiagnosticBuilder place(const SourcePlace &place, llvm::StringRef tree, llvm::StringRef text,
                                 clang::DiagnosticIDs::Level level, clang::SourceLocation fallback,
                                 clang::SourceManager &sources);

  clang::tidy::ClangTidyContext &context;
  std::string rule;
  std::shared_ptr<TidyUnit> unit;
  TidyOptions options;
  std::string facts;      ///< as written
  std::string confidence; ///< as written
};

} // namespace bhlint
