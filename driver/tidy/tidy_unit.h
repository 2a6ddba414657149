// The pipeline with one unit: the one that Clang-Tidy has just parsed. No analysis lives here.
//
// All checks of a unit share one TidyUnit, so its facts are extracted once and its findings are found once, however
// many checks are on. What outlives a unit, rules and the facts of other units, is in TidySession: one for each load of
// the plugin, since Clang-Tidy may be given several files.
#pragma once

#include "analysis/extract/unit_facts.h"
#include "driver/cli/judge.h"
#include "driver/fix/fix.h"
#include "driver/fix/migration_edits.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace bhlint {

/// What a check was told in .clang-tidy; checks that were told the same share findings.
struct TidyOptions {
  std::string rules;              ///< folder; empty: as findRules() finds it from the plugin
  std::string contracts;          ///< learned file; empty: the one of the kernel's version; "none": none
  std::vector<std::string> facts; ///< shards of the tree, or folders with some; empty: the unit alone
  friend auto operator<=>(const TidyOptions &, const TidyOptions &) = default;
};

/// Findings of a unit, or why there can't be any.
struct TidyFindings {
  Judgement judgement;  ///< those of the unit's own file with an edit, where one holds
  std::string mainFile; ///< relative to the tree
  std::string tree;     ///< absolute
  std::string error;    ///< empty: none
  bool isTold = false;  ///< what is of no single rule, the error and warnings of comments: a check has said it
  std::set<std::vector<Replacement>> offered; ///< edits that a check has made a fix-it of
};

/// Of one load of the plugin. Not for several threads.
class TidySession {
public:
  /// A run that has everything but the unit. Made at first use; its error is made once, too.
  struct Base {
    Run run;
    FixRules fixes;
    MigrationRules migrations;
    std::vector<ExtractedUnit> others; ///< facts of the tree, sorted by file
    bool hasConstants = false;
    std::string error;
  };
  Base &baseFor(const TidyOptions &options, const std::string &tree);

private:
  std::map<std::pair<TidyOptions, std::string>, std::unique_ptr<Base>> bases;
};

class TidyUnit {
public:
  explicit TidyUnit(std::shared_ptr<TidySession> session) : session(std::move(session)) {}

  /// Before the unit is read; what is after the first call of a unit does nothing.
  void watch(clang::Preprocessor &preprocessor);

  /// After it was parsed.
  TidyFindings &findings(const TidyOptions &options, clang::ASTContext &context);

private:
  TidyFindings analyse(const TidyOptions &options, clang::ASTContext &context);
  void extract(clang::ASTContext &context);
  std::vector<LocalMigration> migrate(const TidySession::Base &base, const std::vector<Finding> &findings);
  llvm::Error findEdited(TidySession::Base &base, TidyFindings &found);
  llvm::Expected<FoundIn> analyseEdited(TidySession::Base &base, const std::vector<MigratedFile> &edited);

  std::shared_ptr<TidySession> session;
  clang::Preprocessor *preprocessor = nullptr;
  SuppressionComments comments;
  ExtractRequest request;
  ExtractedUnit unit; ///< empty until extract()
  std::map<TidyOptions, TidyFindings> results;
};

/// The plugin's own file.
std::string pluginFile();

} // namespace bhlint
