#include "driver/cli/gate_states.h"

#include "driver/cli/interrupt.h"
#include "driver/cli/progress_line.h"
#include "driver/cli/unit_cache.h"

#include "analysis/findings/order.h"
#include "analysis/program/dump.h"

#include <algorithm>
#include <future>

namespace bhlint {

using llvm::StringRef;

static void keep(FindingsRun result, TreeState &state) {
  state = TreeState();
  state.findings = std::move(result.report.findings);
  for (Finding &finding : result.allowed) {
    state.allowed.insert(finding.fingerprint);
    state.findings.push_back(std::move(finding));
  }
  sortFindings(state.findings);
  state.failed = std::move(result.report.failedUnits);
  state.analysed = result.report.unitsAnalysed;
  const Program &program = *result.run.program;
  std::vector<FunctionExtent> extents;
  for (FunctionId id = 0; id < program.functions.size(); ++id) {
    const Function &function = program.functions[id];
    if (function.body == noId)
      continue;
    std::string name = program.text(function.name).str();
    if (!function.isStatic && !function.isInHeader)
      if (const std::string behaviour = behaviourOf(*result.run.summaries, id); !behaviour.empty())
        state.behaviours[name] += behaviour;
    extents.push_back({program.text(function.file).str(), std::move(name), function.place.line, function.endLine});
  }
  state.functions = FunctionTable(std::move(extents));
}

llvm::Expected<Run> StateReader::begin(const TreeDifference &files) {
  Run run;
  run.tree = database.tree();
  for (const auto &[path, text] : files)
    run.overlay.emplace_back(absolutePath(run.tree, path), text);
  run.files = openFiles(run.overlay);
  if (!hasRules) {
    llvm::Expected<RuleSet> read = readRules(options.run.rules, shared.rulesDigest);
    if (!read)
      return read.takeError();
    shared.rules = std::move(*read);
    shared.kernelVersion = readKernelVersion(run.tree, *run.files);
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
    if (llvm::Error error = chooseForVersion(options.run, *real, shared))
      return error;
    hasRules = true;
  }
  run.rules = shared.rules;
  run.kernelVersion = shared.kernelVersion;
  return run;
}

llvm::Expected<Run> StateReader::base() { return begin(difference(0)); }
llvm::Expected<Run> StateReader::end() { return begin(difference(series.steps.size())); }

/// Found with the first state that has a unit.
llvm::Error StateReader::share(const Run &first, llvm::ArrayRef<CompileCommand> commands, UnitCache &cache) {
  if (hasConstants || commands.empty())
    return llvm::Error::success();
  hasConstants = true;
  shared.constants = cache.constants(requestFor(commands.front(), first.tree), constantsIn(first.rules), first.files);
  if (!brought)
    return llvm::Error::success();
  llvm::Expected<std::unique_ptr<BaseFacts>> compared =
      BaseFacts::compare(std::move(*brought), git, series, commands.front(), notes);
  if (!compared)
    return compared.takeError();
  facts = std::move(*compared);
  return llvm::Error::success();
}

/// The units whose facts were brought along; what is left in `commands` has to be found or parsed.
std::vector<ExtractedUnit> StateReader::takeFacts(std::size_t number, std::vector<CompileCommand> &commands) {
  std::vector<ExtractedUnit> known;
  if (facts)
    std::erase_if(commands, [&](const CompileCommand &command) {
      std::string file = relativeToTree(command.path(), database.tree());
      std::optional<std::string> packed = facts->find(file, number);
      if (!packed)
        return false;
      known.push_back({std::move(*packed), std::move(file), "", false, false});
      return true;
    });
  return known;
}

llvm::Expected<Run> StateReader::extract(std::size_t number, const TreeDifference &files, bool takesFacts) {
  llvm::Expected<Run> run = begin(files);
  if (!run)
    return run.takeError();
  llvm::Expected<std::vector<CompileCommand>> commands = units.commands(files, *run->files);
  if (!commands)
    return commands.takeError();
  RunOptions how = options.run;
  if (number == 0)
    how.limits.seconds = 0; // the base is ours
  const Warning warn = [&](StringRef message) { invocation.warn(message); };
  UnitCache cache(how, warn);
  cache.setOverlay(run->overlay);
  if (llvm::Error error = share(*run, *commands, cache))
    return error;
  run->constants = shared.constants;
  std::vector<ExtractedUnit> known;
  if (takesFacts)
    known = takeFacts(number, *commands);
  if (!commands->empty()) {
    InterruptGuard guard;
    how.isInterrupted = InterruptGuard::isInterrupted;
    ProgressLine line(invocation.err);
    if (llvm::Error error = extractUnits(
            how, *commands, /*recordInputs=*/false, cache,
            [&](const ProgressState &progress) { line.update(progress); }, *run))
      return error;
  }
  for (const ExtractedUnit &unit : run->units)
    ++(unit.isFromCache ? counts.cached : counts.parsed);
  counts.brought += known.size();
  run->units.insert(run->units.end(), std::make_move_iterator(known.begin()), std::make_move_iterator(known.end()));
  std::stable_sort(run->units.begin(), run->units.end(),
                   [](const ExtractedUnit &a, const ExtractedUnit &b) { return a.file < b.file; });
  return run;
}

llvm::Error StateReader::analyse(std::size_t number, Run run, TreeState &state) {
  return analyse(
      std::move(run),
      [&](StringRef message) {
        if (number == series.steps.size()) // who writes the patch sees what is wrong with its comments
          said.insert(message.str());
      },
      state);
}

llvm::Error StateReader::analyse(Run run, const Warning &warn, TreeState &state) {
  if (llvm::Error error = readLearnedContracts(shared))
    return error;
  run.learned = shared.learned;
  clock.lap("learned");
  llvm::Expected<FindingsRun> found = findIn(std::move(run), options.run.jobs, warn);
  if (!found)
    return found.takeError();
  keep(std::move(*found), state);
  clock.lap("analyse");
  return llvm::Error::success();
}

llvm::Error StateReader::read(std::size_t number, TreeState &state) {
  llvm::Expected<Run> run = extract(number);
  if (!run)
    return run.takeError();
  clock.lap("extract");
  return analyse(number, std::move(*run), state);
}

llvm::Error StateReader::readEdited(const std::vector<MigratedFile> &edited, TreeState &state) {
  TreeDifference files = difference(series.steps.size());
  for (const MigratedFile &file : edited)
    files[file.file] = file.after;
  llvm::Expected<Run> run = extract(series.steps.size(), files, /*takesFacts=*/false);
  if (!run)
    return run.takeError();
  return analyse(std::move(*run), [](StringRef) {}, state);
}

llvm::Error StateReader::readEnds(TreeState &first, TreeState &last) {
  llvm::Expected<Run> before = extract(0);
  if (!before)
    return before.takeError();
  clock.lap("extract");
  std::future<llvm::Expected<Run>> after = std::async(std::launch::async, [&] { return extract(series.steps.size()); });
  llvm::Error error = analyse(0, std::move(*before), first);
  llvm::Expected<Run> run = after.get();
  if (!run)
    return llvm::joinErrors(std::move(error), run.takeError());
  if (error)
    return error;
  clock.lap("extract");
  return analyse(series.steps.size(), std::move(*run), last);
}

} // namespace bhlint
