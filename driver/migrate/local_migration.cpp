#include "driver/migrate/local_migration.h"

#include "analysis/migrate/apply.h"
#include "driver/migrate/decide.h"
#include "driver/migrate/nested_disables.h"
#include "driver/migrate/proof.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace bhlint {

namespace {

bool isLocal(const MigrationGroup &group, const std::string &unit) {
  return group.files == std::set<std::string>{unit} && llvm::all_of(group.nodes, [&](const DeferralNode &node) {
           return node.place.file == unit && !node.hasExternalName;
         });
}

std::string whatOf(const MigratedGroup &migrated, const MigrationRules &rules) {
  std::set<std::string> names;
  for (const DeferralNode &object : migrated.group.objects)
    names.insert("'" + object.name + "'");
  return rules.what + " " + llvm::join(names, ", ") + " becomes a " + migrated.target->what + ": " + migrated.why;
}

} // namespace

std::vector<LocalMigration> migrateLocally(const DeferralSites &sites, const MigrationRules &rules, const Run &run,
                                           const std::vector<Finding> &findings, FileText textOf) {
  std::vector<LocalMigration> found;
  if (!sites.error.empty())
    return found;
  for (MigrationGroup &group : groupSites({sites}, rules, textOf)) {
    if (!isLocal(group, sites.unit))
      continue;
    MigratedGroup migrated;
    migrated.group = std::move(group);
    decideTarget(migrated, rules, "auto", findings);
    checkSurroundings(migrated, rules, run, findings);
    refuseNestedDisables(migrated, rules, run, textOf);
    migrated.edits = editsFor(migrated.group, rules, *migrated.target, textOf);
    if (migrated.isConverted())
      proveMigration(migrated, rules, run);
    if (!migrated.isConverted() || !rules.isIn(*migrated.target, run.kernelVersion))
      continue;
    LocalMigration local{{}, migrated.group.handlers, std::move(migrated.edits), whatOf(migrated, rules), ""};
    for (const CallSite &site : migrated.group.calls)
      if (const DeferralRole role = rules.calls.find(site.function)->second.role;
          role == DeferralRole::Setup || role == DeferralRole::SetupWithData)
        local.setups.push_back(site.text.name);
    llvm::append_range(local.edits, includeEdit(migrated.target->header, textOf(sites.unit), sites.unit));
    local.note = llvm::join(migrated.group.notes, "; ");
    local.note += (local.note.empty() ? "" : "; ") + migrated.proof;
    found.push_back(std::move(local));
  }
  return found;
}

} // namespace bhlint
