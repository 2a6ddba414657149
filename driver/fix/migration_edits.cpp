#include "driver/fix/migration_edits.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

static bool isOfHandler(const Finding &finding, const MigrationRules &rules) {
  return finding.ambient == rules.context && finding.held == HeldState();
}

static bool isSetup(const Finding &finding, const MigrationRules &rules) {
  auto call = rules.calls.find(finding.sink);
  return call != rules.calls.end() &&
         (call->second.role == DeferralRole::Setup || call->second.role == DeferralRole::SetupWithData);
}

bool mayMigrate(const Finding &finding, const MigrationRules &rules) {
  return isOfHandler(finding, rules) || isSetup(finding, rules);
}

std::vector<CallEdit> editsByMigration(const Finding &finding, const std::vector<LocalMigration> &migrations,
                                       const MigrationRules &rules) {
  std::vector<CallEdit> edits;
  for (const LocalMigration &migration : migrations) {
    const bool isHandled = isOfHandler(finding, rules) && llvm::is_contained(migration.handlers, finding.root.function);
    const bool isSetUp = isSetup(finding, rules) && llvm::any_of(migration.setups, [&](const SourceSpan &setup) {
                           return setup.file == finding.place.file && setup.line == finding.place.line;
                         });
    if (isHandled || isSetUp)
      edits.push_back({migration.edits, migration.what, migration.note, ""});
  }
  return edits;
}

} // namespace bhlint
