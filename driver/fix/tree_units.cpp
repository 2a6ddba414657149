#include "driver/fix/tree_units.h"

#include "analysis/migrate/collect.h"
#include "driver/migrate/compile.h"
#include "driver/migrate/handler_reach.h"
#include "driver/fix/result_use.h"
#include "driver/migrate/migration.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ThreadPool.h"

#include <set>

namespace bhlint {

llvm::Expected<TreeUnits> TreeUnits::make(const RunOptions &options, const Warning &warn) {
  llvm::Expected<FixRules> rules = readFixRules(options.rules);
  if (!rules)
    return rules.takeError();
  llvm::Expected<PreparedRun> prepared = prepareRun(options, warn);
  if (!prepared)
    return prepared.takeError();
  llvm::Expected<MigrationRules> migrations = readMigrationRules(options.rules);
  if (!migrations)
    return migrations.takeError();
  return TreeUnits(options, warn, std::move(*prepared), std::move(*rules), std::move(*migrations));
}

EditableUnits TreeUnits::editable(bool compiles) {
  EditableUnits units;
  units.tree = prepared.run.tree;
  units.rules = rules;
  units.textOf = [this](const std::string &file) -> std::optional<std::string> {
    auto text = prepared.run.files->getBufferForFile(absolutePath(prepared.run.tree, file));
    return text ? std::optional((*text)->getBuffer().str()) : std::nullopt;
  };
  units.migrations = [this](const Finding &finding) { return migrationsFor(finding); };
  units.facts.mostGiven = [this](const std::string &file, const std::string &function, unsigned parameter) {
    return mostGiven(file, function, parameter);
  };
  units.facts.returnsNothing = [this](const std::string &function) { return returnsNothing(function); };
  units.whyAtomic = [this](const std::string &file, const std::string &function) { return whyAtomic(file, function); };
  units.analyse = [this](const std::vector<MigratedFile> &edited) { return analyse(edited); };
  if (compiles)
    units.compile = [this](const std::vector<MigratedFile> &edited) { return compile(edited); };
  return units;
}

/// The units as they are; null: that failed.
const AnalysedTree *TreeUnits::analysed() {
  if (before)
    return before.get();
  before = std::make_unique<AnalysedTree>();
  if (llvm::Error error = analyseEdited(options, prepared, prepared.run.overlay, warn, *before)) {
    llvm::consumeError(std::move(error)); // the same is asked again of the edited units, and told then
    before = nullptr;
  }
  return before.get();
}

namespace {

/// Functions that lead to one, as long as these are certainly all: it is the file's own, and its address goes only to where contracts say
/// in which context it is called.
class KnownCallers {
public:
  explicit KnownCallers(const Run &run) : run(run), program(*run.program) {
    for (const ContextRoot &root : run.contexts->roots)
      roots.insert(root.function);
  }

  /// Empty: all are known.
  std::string whyNot(FunctionId function) {
    std::vector<FunctionId> open{function};
    std::set<FunctionId> seen{function};
    while (!open.empty()) {
      const FunctionId id = open.back();
      open.pop_back();
      const Function &at = program.functions[id];
      const std::string name = program.text(at.name).str() + "()";
      if (at.isInit || at.isExit)
        continue;
      if (!at.isStatic)
        return name + " may be called from elsewhere";
      if (at.isAddressTaken && !roots.count(id))
        return "what calls " + name + " is not known";
      for (FunctionId caller = 0; caller < program.functions.size(); ++caller)
        if (calls(caller, id) && seen.insert(caller).second)
          open.push_back(caller);
    }
    return {};
  }

private:
  bool calls(FunctionId caller, FunctionId callee) const {
    const Body *body = program.bodyOf(caller);
    return body && llvm::any_of(body->events, [&](const BodyEvent &event) {
             return HandlerReach::isDirect(event) && event.index == callee;
           });
  }

  const Run &run;
  const Program &program;
  std::set<FunctionId> roots;
};

} // namespace

/// Only what is certain counts: where callers aren't known, it may be called from anywhere.
std::string TreeUnits::whyAtomic(const std::string &file, const std::string &function) {
  const std::string unknown = "where " + function + "() runs is not known";
  if (!analysed())
    return unknown;
  const Program &program = *before->run.program;
  std::uint16_t ambient = 0;
  for (FunctionId id : program.named(function)) {
    if (program.text(program.functions[id].file) != file)
      continue;
    ambient |= before->run.contexts->ambient[id];
    if (const std::string why = KnownCallers(before->run).whyNot(id); !why.empty())
      return why;
  }
  for (unsigned i = 0; i < contextCount; ++i)
    if (const auto context = static_cast<Context>(i); (ambient & (1u << i)) && !maySleep(context))
      return function + "() takes it in " + std::string(contextPhrase(context));
  return ambient != 0 ? "" : unknown;
}

std::optional<std::uint64_t> TreeUnits::mostGiven(const std::string &file, const std::string &function,
                                                  unsigned parameter) {
  if (!analysed())
    return std::nullopt;
  const Program &program = *before->run.program;
  std::optional<std::uint64_t> most;
  for (FunctionId id : program.named(function)) {
    const Function &called = program.functions[id];
    if (program.text(called.file) != file)
      continue;
    if (!called.isStatic || called.isAddressTaken)
      return std::nullopt;
    for (FunctionId caller = 0; caller < program.functions.size(); ++caller)
      if (const Body *body = program.bodyOf(caller))
        for (const BodyEvent &event : body->events) {
          if (!HandlerReach::isDirect(event) || event.index != id)
            continue;
          const bool isGiven = parameter < event.argumentCount;
          const Operand value = isGiven ? body->arguments[event.firstArgument + parameter] : Operand();
          if (value.valueKind() != facts::ValueKind::Constant || value.isNegated)
            return std::nullopt;
          most = std::max(most.value_or(0), program.bits[value.bits].bits);
        }
  }
  return most;
}

bool TreeUnits::returnsNothing(const std::string &function) {
  if (!analysed())
    return false;
  const Program &program = *before->run.program;
  for (FunctionId id : program.named(function)) {
    const auto text = prepared.run.files->getBufferForFile(
        absolutePath(prepared.run.tree, program.text(program.functions[id].file).str()));
    if (program.bodyOf(id) && text && definesWithoutResult(CodeTokens((*text)->getBuffer()), function))
      return true;
  }
  return false;
}

/// Conversions of what the finding's root has to itself.
std::vector<CallEdit> TreeUnits::migrationsFor(const Finding &finding) {
  const std::string &unit = finding.root.place.file;
  const std::string path = absolutePath(prepared.run.tree, unit);
  const auto command = llvm::find_if(prepared.commands, [&](const CompileCommand &one) { return one.path() == path; });
  if (!mayMigrate(finding, migrationRules) || command == prepared.commands.end() || !analysed())
    return {};
  auto [entry, isNew] = local.try_emplace(unit);
  if (isNew) {
    const auto text = prepared.run.files->getBufferForFile(path);
    const DeferralSites sites =
        collectSites(requestFor(*command, prepared.run.tree), migrationRules, openFiles(prepared.run.overlay));
    if (text)
      entry->second = migrateLocally(sites, migrationRules, before->run, before->findings, [&](const std::string &file) {
        return file == unit ? (*text)->getBuffer() : llvm::StringRef();
      });
  }
  return editsByMigration(finding, entry->second, migrationRules);
}

llvm::Expected<FoundIn> TreeUnits::analyse(const std::vector<MigratedFile> &edited) const {
  AnalysedTree after;
  if (llvm::Error error = analyseEdited(options, prepared, overlayWith(prepared, edited), warn, after))
    return error;
  FoundIn found{std::move(after.findings), {}};
  for (const ExtractedUnit &unit : after.run.units)
    if (!unit.error.empty())
      found.failedUnits.push_back({unit.file, unit.error});
  return found;
}

/// The edited ones; with an edited header, all that there are.
llvm::Expected<CompiledUnits> TreeUnits::compile(const std::vector<MigratedFile> &edited) const {
  const std::string &tree = prepared.run.tree;
  llvm::Expected<std::unique_ptr<OverlayFolder>> folder = OverlayFolder::make(overlayWith(prepared, edited));
  if (!folder)
    return folder.takeError();
  const bool hasHeader =
      llvm::any_of(edited, [](const MigratedFile &file) { return llvm::StringRef(file.file).ends_with(".h"); });
  std::vector<const CompileCommand *> commands;
  for (const CompileCommand &command : prepared.commands)
    if (hasHeader ||
        llvm::any_of(edited, [&](const MigratedFile &file) { return absolutePath(tree, file.file) == command.path(); }))
      commands.push_back(&command);
  std::vector<std::string> errors(commands.size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.jobs));
  for (std::size_t i = 0; i < commands.size(); ++i)
    pool.async([&, i] { errors[i] = (*folder)->compile(*commands[i]); });
  pool.wait();
  CompiledUnits compiled{static_cast<unsigned>(commands.size()), {}};
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (!errors[i].empty())
      compiled.failed.push_back({relativeToTree(commands[i]->path(), tree), errors[i]});
  return compiled;
}

llvm::Expected<FixResult> fixFindingsOf(const RunOptions &options, bool compiles, const FoundIn &before,
                                        std::vector<Finding> asked, const Warning &warn) {
  llvm::Expected<TreeUnits> units = TreeUnits::make(options, warn);
  if (!units)
    return units.takeError();
  return fixFindings(units->editable(compiles), before, std::move(asked));
}

} // namespace bhlint
