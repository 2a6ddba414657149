// bhlint migrate: a driver's users of one deferral mechanism become users of another, as edits that were verified.
#include "driver/cli/command.h"
#include "driver/cli/options.h"
#include "driver/migrate/migration.h"
#include "driver/migrate/patches.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include <CLI/CLI.hpp>

#include <memory>

namespace bhlint {

namespace {

struct MigrateOptions {
  MigrationRequest request;
  bool showsDiff = false;
  bool writes = false;
  std::string patches; ///< folder; empty: none
  std::string author;  ///< of the patches: "Name <address>"
  std::string format = "text";
};

std::string placeText(const SourceSpan &place) {
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string namesOf(const MigrationGroup &group) {
  std::set<std::string> seen;
  std::string names;
  for (const DeferralNode &object : group.objects)
    if (seen.insert(object.name).second)
      names += (names.empty() ? "'" : ", '") + object.name + "'";
  return names;
}

void tell(const MigratedGroup &migrated, const MigrationRules &rules, llvm::raw_ostream &out) {
  const MigrationGroup &group = migrated.group;
  out << placeText(group.objects.front().place) << ": " << rules.what << " " << namesOf(group);
  if (!migrated.isConverted()) {
    out << " is left as it is\n";
    for (const Refusal &refusal : group.refusals)
      out << "    " << placeText(refusal.place) << ": " << refusal.reason << "\n";
    return;
  }
  out << " becomes a " << migrated.target->what << ": " << migrated.why << "\n";
  for (const std::string &note : group.notes)
    out << "    note: " << note << "\n";
  out << "    proof: " << migrated.proof << "\n";
}

llvm::json::Object placeJson(const SourceSpan &place) {
  return llvm::json::Object{{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

std::set<std::string> setupFiles(const MigrationGroup &group, const MigrationRules &rules) {
  std::set<std::string> files;
  for (const CallSite &site : group.calls)
    if (DeferralRole role = rules.calls.find(site.function)->second.role;
        role == DeferralRole::Setup || role == DeferralRole::SetupWithData)
      files.insert(site.text.name.file);
  for (const DeferralNode &object : group.objects)
    if (object.kind == NodeKind::Global)
      files.insert(object.place.file);
  return files;
}

void writeJson(const MigrationResult &result, llvm::raw_ostream &out) {
  llvm::json::Array groups, failed, edited;
  for (const MigratedGroup &migrated : result.groups) {
    llvm::json::Array objects, refusals;
    for (const DeferralNode &object : migrated.group.objects) {
      llvm::json::Object entry = placeJson(object.place);
      entry["name"] = object.name;
      objects.push_back(std::move(entry));
    }
    for (const Refusal &refusal : migrated.group.refusals) {
      llvm::json::Object entry = placeJson(refusal.place);
      entry["reason"] = llvm::json::fixUTF8(refusal.reason);
      refusals.push_back(std::move(entry));
    }
    groups.push_back(llvm::json::Object{{"objects", std::move(objects)},
                                        {"setUpIn", llvm::json::Array(setupFiles(migrated.group, result.rules))},
                                        {"converted", migrated.isConverted()},
                                        {"to", migrated.target->name},
                                        {"why", llvm::json::fixUTF8(migrated.why)},
                                        {"proof", llvm::json::fixUTF8(migrated.proof)},
                                        {"notes", llvm::json::Array(migrated.group.notes)},
                                        {"refusals", std::move(refusals)}});
  }
  for (const auto &[unit, error] : result.failedUnits)
    failed.push_back(llvm::json::Object{{"file", unit}, {"reason", llvm::json::fixUTF8(error)}});
  for (const MigratedFile &file : result.files)
    edited.push_back(file.file);
  out << llvm::formatv("{0:2}\n", llvm::json::Value(llvm::json::Object{{"groups", std::move(groups)},
                                                                       {"editedFiles", std::move(edited)},
                                                                       {"parsedUnits", result.parsed},
                                                                       {"compiledUnits", result.compiled},
                                                                       {"failedUnits", std::move(failed)}}));
}

llvm::Error writePatches(const MigrationResult &result, const MigrateOptions &options, llvm::raw_ostream &told) {
  if (std::error_code error = llvm::sys::fs::create_directories(options.patches))
    return llvm::createStringError(error, options.patches + ": " + error.message());
  for (const PatchMail &mail : patchMails(result, options.author, BHLINT_VERSION)) {
    llvm::SmallString<128> path(options.patches);
    llvm::sys::path::append(path, mail.name);
    if (llvm::Error error = writeWhole(path.str().str(), mail.text))
      return error;
    told << path << "\n";
  }
  return llvm::Error::success();
}

void sayTotals(const MigrationResult &result, unsigned converted, bool compiles, llvm::raw_ostream &out) {
  out << converted << " of " << result.groups.size() << " converted, in " << result.files.size() << " files; "
      << result.parsed << " edited units parse and have no new finding";
  if (compiles)
    out << ", " << result.compiled << " compile";
  out << "\n";
}

void migrateAndTell(MigrateOptions options, Invocation &invocation) {
  options.request.run.enabled.emplace(); // what a rule finds that is off stands against no conversion
  if (!completeRunOptions(options.request.run, invocation))
    return;
  llvm::Expected<MigrationResult> result =
      migrate(options.request, [&](llvm::StringRef message) { invocation.warn(message); });
  if (!result)
    return invocation.fail(result.takeError());
  const bool isJson = options.format == "json";
  llvm::raw_ostream &told = options.showsDiff ? invocation.err : invocation.out;
  unsigned converted = 0;
  for (const MigratedGroup &migrated : result->groups) {
    if (!isJson)
      tell(migrated, result->rules, told);
    converted += migrated.isConverted();
  }
  if (isJson)
    writeJson(*result, told);
  for (const auto &[unit, error] : result->failedUnits)
    invocation.warn(unit + ": " + error);
  if (options.showsDiff)
    printDiff(result->files, invocation.out);
  if (!options.patches.empty())
    if (llvm::Error error = writePatches(*result, options, isJson ? invocation.err : told))
      return invocation.fail(std::move(error));
  if (options.writes)
    if (llvm::Error error = writeFiles(result->tree, result->files))
      return invocation.fail(std::move(error));
  if (!isJson)
    sayTotals(*result, converted, options.request.compiles, told);
  if (converted != result->groups.size() || !result->failedUnits.empty())
    invocation.status = Found;
}

/// Empty: it is a name and an address on one line.
std::string isAuthor(const std::string &text) {
  const llvm::StringRef who = text;
  const auto [name, address] = who.split(" <");
  const bool isGood = !name.trim().empty() && address.ends_with(">") && address.contains('@') && !who.contains('\n') &&
                      address.count('<') == 0 && address.count('>') == 1;
  return isGood ? "" : "it has to be written as \"Name <address>\"";
}

} // namespace

void addMigrateCommand(CLI::App &app, Invocation &invocation) {
  CLI::App *command = app.add_subcommand("migrate", "Convert tasklets to BH workqueues, workqueues or threads of interrupts");
  auto options = std::make_shared<MigrateOptions>();
  addDatabaseOptions(*command, options->request.run)->required();
  addExtractOptions(*command, options->request.run);
  addPaths(*command, options->request.run.paths);
  command->add_option("--to", options->request.to, "bh-workqueue, workqueue, threaded-irq, or auto: by what the handler does")
      ->type_name("TARGET")
      ->capture_default_str();
  CLI::Option *diff = command->add_flag("--diff", options->showsDiff, "Print the edits as a patch");
  CLI::Option *inPlace = command->add_flag("--in-place", options->writes, "Edit the files of the tree")->excludes(diff);
  CLI::Option *author = command
                            ->add_option("--author", options->author,
                                         "Who the patches are from, and who signs them off: \"Name <address>\"")
                            ->type_name("WHO")
                            ->check(isAuthor, "");
  command
      ->add_option("--patches", options->patches,
                   "Write a mail for git send-email for each driver; nothing else is edited")
      ->type_name("DIR")
      ->excludes(diff, inPlace)
      ->needs(author);
  command->add_option("--format", options->format, "Of what is said of each object: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->add_flag("--compile", options->request.compiles,
                    "Compile every edited unit with the database's own command; needs a database of Clang");
  command->callback([options, &invocation] { migrateAndTell(*options, invocation); });
}

} // namespace bhlint
