#include "driver/migrate/migration.h"

#include "analysis/migrate/collect.h"
#include "driver/migrate/compile.h"
#include "driver/migrate/decide.h"
#include "driver/migrate/linked_keys.h"
#include "driver/migrate/nested_disables.h"
#include "driver/migrate/proof.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

namespace bhlint {

namespace {

namespace path = llvm::sys::path;

class Migration {
public:
  Migration(const MigrationRequest &request, const Warning &warn, PreparedRun prepared)
      : request(request), warn(warn), prepared(std::move(prepared)), graph(this->prepared.run.tree) {
    result.tree = this->prepared.run.tree;
  }

  llvm::Expected<MigrationResult> run() {
    if (llvm::Error error = readRules())
      return error;
    if (llvm::Error error = collectAll())
      return error;
    if (llvm::Error error = analyseEdited(request.run, prepared, prepared.run.overlay, warn, before))
      return error;
    const auto textOf = [&](const std::string &file) { return graph.textOf(file); };
    const std::set<std::string> keys = keysLinkedWith(asked, sites);
    for (MigrationGroup &group : groupSites(sites, result.rules, textOf)) {
      if (llvm::none_of(group.nodes, [&](const DeferralNode &node) { return keys.count(node.key) != 0; }))
        continue; // another driver's, seen with this one; not all of its users were
      addUnbuilt(group);
      result.groups.push_back(convert(group));
    }
    noteUnplaced();
    if (llvm::Error error = verifyAll())
      return error;
    for (MigratedGroup &migrated : result.groups) {
      llvm::sort(migrated.group.refusals);
      migrated.group.refusals.erase(std::unique(migrated.group.refusals.begin(), migrated.group.refusals.end()),
                                    migrated.group.refusals.end());
    }
    return std::move(result);
  }

private:
  MigratedGroup convertTo(const MigrationGroup &group, const std::string &to) {
    const auto textOf = [&](const std::string &file) { return graph.textOf(file); };
    MigratedGroup migrated;
    migrated.group = group;
    decideTarget(migrated, result.rules, to, before.findings);
    checkSurroundings(migrated, result.rules, before.run, before.findings);
    refuseNestedDisables(migrated, result.rules, before.run, textOf);
    migrated.edits = editsFor(migrated.group, result.rules, *migrated.target, textOf);
    if (migrated.isConverted())
      proveMigration(migrated, result.rules, before.run);
    return migrated;
  }

  /// What sleeps and is only scheduled by its own interrupt is rather that interrupt's thread than work.
  MigratedGroup convert(const MigrationGroup &group) {
    MigratedGroup migrated = convertTo(group, request.to);
    if (request.to != "auto" || !migrated.target->maySleep)
      return migrated;
    for (const MigrationTarget &target : result.rules.targets)
      if (target.thread) {
        MigratedGroup thread = convertTo(group, target.name);
        thread.why = migrated.why + "; nothing but its interrupt schedules it";
        if (thread.isConverted())
          return thread;
      }
    return migrated;
  }

  llvm::Error readRules() {
    llvm::Expected<MigrationRules> read = readMigrationRules(request.run.rules);
    if (!read)
      return read.takeError();
    result.rules = std::move(*read);
    if (request.to != "auto" && !result.rules.target(request.to)) {
      std::string names = "auto";
      for (const MigrationTarget &target : result.rules.targets)
        names += ", " + target.name;
      return llvm::createStringError("there is nothing to migrate to that is called '" + request.to + "'; one of " +
                                     names);
    }
    for (const MigrationTarget &target : result.rules.targets)
      if (!MigrationRules::isIn(target, prepared.run.kernelVersion))
        return llvm::createStringError("Linux " + prepared.run.kernelVersion + " does not have what a " + target.what +
                                       " needs; it came with " + std::to_string(target.since / 1000) + "." +
                                       std::to_string(target.since % 1000));
    return llvm::Error::success();
  }

  bool mentionsOld(const std::string &file) {
    llvm::StringRef text = graph.textOf(file);
    if (hasWord(text, result.rules.record))
      return true;
    return llvm::any_of(result.rules.calls, [&](const auto &call) { return hasWord(text, call.first); });
  }

  std::string fileOf(const CompileCommand &command) const { return relativeToTree(command.path(), result.tree); }

  /// Sites of the given units, and of all others that a group reaches by way of headers and external names.
  llvm::Error collectAll() {
    std::vector<CompileCommand> open;
    for (const CompileCommand &command : prepared.commands)
      if (known.insert(fileOf(command)).second && mentionsOld(fileOf(command)))
        open.push_back(command);
    asked = known;
    while (!open.empty()) {
      collect(open);
      open.clear();
      for (const std::string &file : reachedFiles()) {
        llvm::Expected<std::vector<CompileCommand>> commands = commandsOf(file);
        if (!commands)
          return commands.takeError();
        if (commands->empty())
          unbuilt.insert(file);
        else if (known.insert(file).second || (asked.count(file) && !collected.count(file)))
          open.push_back(commands->front());
      }
    }
    std::vector<CompileCommand> all = std::move(prepared.commands);
    for (const CompileCommand &command : commandsDone)
      if (!asked.count(fileOf(command)))
        all.push_back(command);
    prepared.commands = std::move(all);
    return llvm::Error::success();
  }

  void collect(const std::vector<CompileCommand> &commands) {
    std::vector<DeferralSites> found(commands.size());
    llvm::DefaultThreadPool pool(llvm::hardware_concurrency(request.run.jobs));
    for (std::size_t i = 0; i < commands.size(); ++i)
      pool.async([&, i] {
        found[i] = collectSites(requestFor(commands[i], result.tree), result.rules, openFiles(prepared.run.overlay));
      });
    pool.wait();
    for (std::size_t i = 0; i < commands.size(); ++i) {
      collected.insert(fileOf(commands[i]));
      commandsDone.push_back(commands[i]);
      if (found[i].error.empty())
        sites.push_back(std::move(found[i]));
      else
        result.failedUnits.emplace_back(fileOf(commands[i]), found[i].error);
    }
    llvm::sort(sites, [](const DeferralSites &a, const DeferralSites &b) { return a.unit < b.unit; });
  }

  /// Sources that may use what the sites' headers declare, and are not collected yet.
  std::set<std::string> reachedFiles() {
    std::map<std::string, std::set<std::string>> words; // by header
    const std::set<std::string> keys = keysLinkedWith(asked, sites);
    for (const DeferralSites &unit : sites) {
      for (const DeferralNode &node : unit.nodes)
        if (keys.count(node.key) && llvm::StringRef(node.place.file).ends_with(".h") &&
            !result.rules.isShared(node.place.file) && (node.kind == NodeKind::Field || node.hasExternalName))
          words[node.place.file].insert(node.name);
      for (const DataBinding &binding : unit.bindings)
        if (keys.count(binding.handler) && llvm::StringRef(binding.handler).starts_with("f:") &&
            !llvm::StringRef(binding.handler).contains('@'))
          for (const DeferralNode &node : unit.nodes)
            if (node.key == binding.node)
              words[node.place.file].insert(binding.handler.substr(2));
    }
    std::set<std::string> files;
    for (const auto &[header, names] : words)
      if (llvm::StringRef(header).ends_with(".h") && lookedAt[header] != names) {
        lookedAt[header] = names;
        for (const std::string &file : graph.usersOf(header, names))
          if (llvm::StringRef(file).ends_with(".c") && !collected.count(file))
            files.insert(file);
      }
    return files;
  }

  llvm::Expected<std::vector<CompileCommand>> commandsOf(const std::string &file) {
    if (!database) {
      llvm::Expected<CompileDatabase> read = readCompileDatabase(*llvm::vfs::getRealFileSystem(), request.run.database);
      if (!read)
        return read.takeError();
      database = std::move(*read);
      database->tree = result.tree;
      for (const RecordedUnit &unit : database->units)
        hasUnit.insert(unit.path);
    }
    if (!hasUnit.count(result.tree + "/" + file))
      return std::vector<CompileCommand>();
    return selectCommands(*database, {file});
  }

  /// Units whose uses of the mechanism belong to no group: they are not passed over in silence.
  void noteUnplaced() {
    for (const DeferralSites &unit : sites) {
      const bool isPlaced = llvm::any_of(
          result.groups, [&](const MigratedGroup &migrated) { return migrated.group.files.count(unit.unit) != 0; });
      auto isHere = [&](const auto &site) { return site.text.name.file == unit.unit; };
      if (isPlaced || !asked.count(unit.unit) ||
          !(llvm::any_of(unit.calls, isHere) || llvm::any_of(unit.macros, isHere)))
        continue;
      std::string reason = "what it does with a " + result.rules.what + " belongs to no object that is set up";
      for (const Trouble &trouble : unit.troubles)
        if (trouble.place.file == unit.unit)
          reason += "; line " + std::to_string(trouble.place.line) + ": " + trouble.reason;
      result.failedUnits.emplace_back(unit.unit, reason);
    }
  }

  /// A file that this configuration doesn't build and that uses one of the group's members.
  void addUnbuilt(MigrationGroup &group) {
    for (const std::string &file : unbuilt)
      for (const DeferralNode &node : group.nodes) {
        if (node.kind != NodeKind::Field && !node.hasExternalName)
          continue;
        if (mentionsOld(file) && hasWord(graph.textOf(file), node.name) &&
            graph.usersOf(node.place.file, {node.name}).count(file))
          group.refusals.push_back(
              {{file, 0, 0, 1, 1}, "it is also used here, which this configuration doesn't build"});
      }
  }

  // Edited files, as the groups that are not refused make them.

  /// Refuses groups whose edits can't be made together.
  void makeFiles() {
    for (bool isDone = false; !isDone;) {
      isDone = true;
      result.files.clear();
      std::map<std::string, FileToEdit> edited;
      for (const MigratedGroup &migrated : result.groups)
        if (migrated.isConverted())
          for (const TextEdit &edit : migrated.edits) {
            FileToEdit &file = edited[edit.span.file];
            file.edits.push_back(edit);
            file.header = migrated.target->header;
          }
      for (auto &[name, file] : edited) {
        file.path = result.tree + "/" + name;
        file.text = graph.textOf(name);
        llvm::Expected<std::string> text = applyEdits(file, *llvm::vfs::getRealFileSystem());
        if (text) {
          result.files.push_back({name, file.text.str(), std::move(*text)});
          continue;
        }
        refuseIn(name, {name, 0, 0, 1, 1}, llvm::toString(text.takeError()));
        isDone = false;
        break;
      }
    }
  }

  void refuseIn(const std::string &file, const SourceSpan &place, const std::string &reason) {
    for (MigratedGroup &migrated : result.groups)
      if (migrated.isConverted() &&
          llvm::any_of(migrated.edits, [&](const TextEdit &edit) { return edit.span.file == file; }))
        migrated.group.refusals.push_back({place, reason});
  }

  /// "file:line: message", of an absolute file.
  void refuseUnit(const DeferralSites &unit, const std::string &error) {
    llvm::StringRef text = error;
    text.consume_front(result.tree);
    text.consume_front("/");
    for (const MigratedFile &file : result.files)
      if (std::binary_search(unit.files.begin(), unit.files.end(), file.file))
        refuseIn(file.file, {unit.unit, 0, 0, 1, 1}, "edited, it does not compile any more: " + text.str());
  }

  std::vector<const DeferralSites *> editedUnits() const {
    std::vector<const DeferralSites *> units;
    for (const DeferralSites &unit : sites)
      if (llvm::any_of(result.files, [&](const MigratedFile &file) {
            return std::binary_search(unit.files.begin(), unit.files.end(), file.file);
          }))
        units.push_back(&unit);
    return units;
  }

  const CompileCommand *commandFor(const DeferralSites &unit) const {
    for (const CompileCommand &command : commandsDone)
      if (fileOf(command) == unit.unit)
        return &command;
    return nullptr;
  }

  /// What `check` says of each edited unit, in parallel; empty: nothing is wrong.
  template <class Check> bool checkUnits(Check check, unsigned &count) {
    const std::vector<const DeferralSites *> units = editedUnits();
    std::vector<std::string> errors(units.size());
    llvm::DefaultThreadPool pool(llvm::hardware_concurrency(request.run.jobs));
    for (std::size_t i = 0; i < units.size(); ++i)
      pool.async([&, i] {
        if (const CompileCommand *command = commandFor(*units[i]))
          errors[i] = check(*command);
      });
    pool.wait();
    count = static_cast<unsigned>(units.size());
    bool isGood = true;
    for (std::size_t i = 0; i < units.size(); ++i)
      if (!errors[i].empty()) {
        refuseUnit(*units[i], errors[i]);
        isGood = false;
      }
    return isGood;
  }

  llvm::Error verifyAll() {
    for (;;) {
      makeFiles();
      if (result.files.empty())
        return llvm::Error::success();
      const Overlay overlay = overlayWith(prepared, result.files);
      if (!checkUnits(
              [&](const CompileCommand &command) {
                return parseErrors(requestFor(command, result.tree), openFiles(overlay));
              },
              result.parsed))
        continue;
      llvm::Expected<bool> isGood = hasNoNewFindings(overlay);
      if (!isGood)
        return isGood.takeError();
      if (!*isGood)
        continue;
      if (!request.compiles)
        return llvm::Error::success();
      llvm::Expected<std::unique_ptr<OverlayFolder>> folder = OverlayFolder::make(overlay);
      if (!folder)
        return folder.takeError();
      if (checkUnits([&](const CompileCommand &command) { return (*folder)->compile(command); }, result.compiled))
        return llvm::Error::success();
    }
  }

  /// About a lock that the handler took in the same context before: it is not the conversion's, but was hidden by what
  /// the old calls say of their context. It refuses all the same: who converts it would be shown it next.
  static bool wasSoBefore(const Finding &finding, const MigratedGroup &migrated) {
    const MigrationTarget &target = *migrated.target;
    return !target.maySleep && finding.sinkKind == SinkKind::Other && finding.ambient == Context::BhWork &&
           llvm::is_contained(migrated.group.handlers, finding.root.function) &&
           llvm::none_of(target.calls, [&](const auto &call) { return call.second.function == finding.sink; });
  }

  llvm::Expected<bool> hasNoNewFindings(const Overlay &overlay) {
    AnalysedTree after;
    if (llvm::Error error = analyseEdited(request.run, prepared, overlay, warn, after))
      return error;
    std::set<FindingSubject> old;
    for (const Finding &finding : before.findings)
      if (finding.confidence != Confidence::Low)
        old.insert(subjectOf(finding));
    bool isGood = true;
    for (const Finding &finding : after.findings) {
      if (finding.confidence == Confidence::Low || old.count(subjectOf(finding)))
        continue;
      for (const auto &file : {finding.place.file, finding.root.place.file})
        for (MigratedGroup &migrated : result.groups)
          if (migrated.isConverted() && migrated.group.files.count(file)) {
            const std::string said = wasSoBefore(finding, migrated)
                                         ? "edited, it has a finding about a lock that its handler takes in the old "
                                           "form, too; that is to be mended first: "
                                         : "edited, it has a new finding: ";
            migrated.group.refusals.push_back(
                {{finding.place.file, 0, 0, finding.place.line, finding.place.column}, said + finding.message});
            isGood = false;
          }
    }
    result.analysed = static_cast<unsigned>(editedUnits().size());
    return isGood;
  }

  const MigrationRequest &request;
  const Warning &warn;
  PreparedRun prepared;
  IncludeGraph graph;
  MigrationResult result;
  std::vector<DeferralSites> sites; ///< sorted by unit
  std::vector<CompileCommand> commandsDone;
  std::set<std::string> asked, known, collected, unbuilt;
  std::map<std::string, std::set<std::string>> lookedAt; ///< header -> names
  std::optional<CompileDatabase> database;
  std::set<std::string> hasUnit;
  AnalysedTree before;
};

} // namespace

llvm::Expected<MigrationRules> readMigrationRules(const std::string &folder) {
  std::vector<RuleError> errors;
  MigrationRules rules = loadMigrationRules(*llvm::vfs::getRealFileSystem(), folder, errors);
  if (!errors.empty())
    return llvm::createStringError(errors.front().where.file + ":" + std::to_string(errors.front().where.line) + ": " +
                                   errors.front().message);
  return rules;
}

llvm::Expected<MigrationResult> migrate(const MigrationRequest &request, const Warning &warn) {
  llvm::Expected<PreparedRun> prepared = prepareRun(request.run, warn);
  if (!prepared)
    return prepared.takeError();
  return Migration(request, warn, std::move(*prepared)).run();
}

} // namespace bhlint
