// bhlint rules: what is checked and why; `lint` says whether a rules folder is well-formed.
#include "driver/cli/command.h"
#include "driver/cli/options.h"

#include "analysis/migrate/migration_rules.h"
#include "analysis/ruleset/describe.h"
#include "analysis/ruleset/load.h"
#include "driver/fix/fix_rules.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/VirtualFileSystem.h"
#include <CLI/CLI.hpp>

#include <memory>
#include <optional>

namespace bhlint {

namespace {

struct RulesOptions {
  std::string folder;
  std::string id;
  bool isJson = false;
};

/// The rules, or nothing when they can't be found or read.
std::optional<LoadResult> load(const RulesOptions &options, Invocation &invocation) {
  llvm::Expected<std::string> folder = findRules(options.folder, invocation.program);
  if (!folder) {
    invocation.fail(folder.takeError());
    return std::nullopt;
  }
  return loadRuleSet(*llvm::vfs::getRealFileSystem(), *folder);
}

unsigned distance(llvm::StringRef a, llvm::StringRef b) { return a.edit_distance(b); }

/// Rules with errors are no rules, except to `lint`.
std::optional<RuleSet> loadWithoutErrors(const RulesOptions &options, Invocation &invocation) {
  std::optional<LoadResult> result = load(options, invocation);
  if (!result || result->errors.empty())
    return result ? std::optional(std::move(result->rules)) : std::nullopt;
  for (const RuleError &error : result->errors)
    invocation.err << formatRuleError(error) << "\n";
  invocation.fail("the rules are not usable");
  return std::nullopt;
}

void list(const RulesOptions &options, Invocation &invocation) {
  if (std::optional<RuleSet> rules = loadWithoutErrors(options, invocation))
    invocation.out << (options.isJson ? listRulesAsJson(*rules) : listRules(*rules));
}

void show(const RulesOptions &options, Invocation &invocation) {
  std::optional<RuleSet> rules = loadWithoutErrors(options, invocation);
  if (!rules)
    return;
  if (const Rule *rule = rules->find(options.id)) {
    invocation.out << (options.isJson ? describeRuleAsJson(*rule) : describeRule(*rule, *rules));
    return;
  }
  const Rule *nearest = nullptr;
  for (const Rule &rule : rules->rules)
    if (!nearest || distance(options.id, rule.id) < distance(options.id, nearest->id))
      nearest = &rule;
  invocation.fail("there is no rule " + options.id + (nearest ? "; did you mean " + nearest->id + "?" : ""));
}

/// Migrations and edits of findings are not part of the rule set; a rules folder need not have any.
void lintEdits(const RulesOptions &options, Invocation &invocation, std::vector<RuleError> &errors) {
  llvm::Expected<std::string> folder = findRules(options.folder, invocation.program);
  llvm::vfs::FileSystem &files = *llvm::vfs::getRealFileSystem();
  if (folder && files.exists(*folder + "/migration"))
    loadMigrationRules(files, *folder, errors);
  if (folder && files.exists(*folder + "/fixes"))
    loadFixRules(files, *folder, errors);
  llvm::consumeError(folder.takeError());
}

void lint(const RulesOptions &options, Invocation &invocation) {
  std::optional<LoadResult> result = load(options, invocation);
  if (!result)
    return;
  lintEdits(options, invocation, result->errors);
  for (const RuleError &error : result->errors)
    invocation.out << formatRuleError(error) << "\n";
  if (result->errors.empty())
    invocation.out << summarizeRules(result->rules) << "\n";
  else
    invocation.status = Found;
}

CLI::App *addVerb(CLI::App &rules, const char *name, const char *description, std::shared_ptr<RulesOptions> options,
                  Invocation &invocation, void (*run)(const RulesOptions &, Invocation &)) {
  CLI::App *verb = rules.add_subcommand(name, description);
  addRulesOption(*verb, options->folder);
  verb->callback([options, &invocation, run] { run(*options, invocation); });
  return verb;
}

void addFormat(CLI::App &verb, std::shared_ptr<RulesOptions> options) {
  verb.add_option_function<std::string>(
          "--format", [options](const std::string &format) { options->isJson = format == "json"; },
          "text (by default) or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

} // namespace

void addRulesCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *rules = app.add_subcommand("rules", "What is checked, and why");
  rules->require_subcommand(1);
  auto options = std::make_shared<RulesOptions>();
  addFormat(*addVerb(*rules, "list", "Each rule in short, and what it was measured to find", options, invocation, list),
            options);
  CLI::App *verb = addVerb(*rules, "show", "One rule in full", options, invocation, show);
  addFormat(*verb, options);
  verb->add_option("ID", options->id, "As `bhlint rules list` has it")->required()->type_name("");
  addVerb(*rules, "lint", "Validate the rules: exit status 1 and one line for each error", options, invocation, lint);
}

} // namespace bhlint
