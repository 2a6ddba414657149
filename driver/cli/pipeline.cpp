#include "driver/cli/pipeline.h"

#include "analysis/program/link_unit.h"
#include "analysis/ruleset/profile.h"
#include "analysis/shard/shard_file.h"
#include "driver/cli/preludes.h"
#include "driver/cli/select_units.h"
#include "driver/cli/shards.h"
#include "driver/cli/unit_cache.h"
#include "driver/kbuild/sanitize.h"

#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <future>
#include <mutex>

namespace bhlint {

namespace {

/// How far it is, for the progress and for who interrupts it.
class Counter {
public:
  Counter(std::size_t total, const Progress &progress) : progress(progress) { state.total = total; }
  void add(const ExtractedUnit &unit) {
    std::lock_guard lock(mutex);
    ++state.done;
    state.failed += !unit.error.empty();
    state.cached += unit.isFromCache;
    if (progress)
      progress(state);
  }
  const ProgressState &now() const { return state; }

private:
  const Progress &progress;
  std::mutex mutex;
  ProgressState state;
};

bool isInterrupted(const RunOptions &options) { return options.isInterrupted && options.isInterrupted(); }

/// What was done so far is not lost; the user should know.
llvm::Error interrupted(const ProgressState &state, bool isCached) {
  std::string message =
      "interrupted when " + std::to_string(state.done) + " of " + std::to_string(state.total) + " units were done";
  return llvm::createStringError(message + (isCached
                                                ? "; they are in the cache, and the same command goes on from there"
                                                : "; without a cache, nothing of that is kept"));
}

/// Parses the units `missing`, whose requests are `toParse`, group by group.
void parseUnits(const RunOptions &options, llvm::ArrayRef<std::size_t> missing, std::vector<ExtractRequest> &toParse,
                UnitCache &cache, llvm::function_ref<void(const ExtractedUnit &, llvm::ArrayRef<std::string>)> count,
                Run &run) {
  if (missing.empty())
    return;
  std::unique_ptr<IsolatedParser> isolated;
  if (options.limits.seconds != 0) {
    llvm::Expected<std::unique_ptr<IsolatedParser>> made = IsolatedParser::make(options.limits, run.overlay);
    if (!made) {
      const std::string why = llvm::toString(made.takeError());
      for (std::size_t n : missing)
        run.units[n].error = why;
      return;
    }
    isolated = std::move(*made);
  }
  PreludeFolder folder;
  llvm::CrashRecoveryContext::Enable();
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.jobs));
  // Each thread has a view of its own: a physical file system may be shared, its working directory may not.
  auto parse = [&](std::size_t n, llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
    if (isInterrupted(options))
      return;
    ExtractedUnit &unit = run.units[missing[n]];
    ParsedUnit parsed = isolated ? isolated->parse(toParse[n]) : parseHere(toParse[n], std::move(files));
    unit.packed = std::move(parsed.packed);
    unit.error = std::move(parsed.error);
    unit.usedPrelude = parsed.usedPrelude;
    cache.put(toParse[n], unit, parsed.inputs);
    count(unit, parsed.inputs);
  };
  if (isolated || !options.usePrelude || folder.path().empty()) {
    for (std::size_t n = 0; n < missing.size(); ++n)
      pool.async([&, n] { parse(n, openFiles(run.overlay)); });
    pool.wait();
    return;
  }
  std::unique_ptr<PreludeStore> store = PreludeStore::open(options, cache);
  PreludeWorkshop workshop(toParse, folder.path(), store.get());
  std::vector<std::unique_ptr<PreludeGroup>> groups = planPreludes(workshop, options.jobs, run.files);
  // An interrupted run builds no more of them. Who would wait for one has to know.
  std::vector<std::promise<bool>> decided(groups.size());
  std::vector<std::shared_future<bool>> isBuilding;
  for (std::promise<bool> &decision : decided)
    isBuilding.push_back(decision.get_future().share());
  auto build = [&](std::size_t g) {
    pool.async([&, g] {
      bool goesOn = !isInterrupted(options);
      decided[g].set_value(goesOn);
      if (goesOn)
        groups[g]->build(workshop, static_cast<unsigned>(g), openFiles(run.overlay));
    });
  };
  build(0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    // Tasks start in this order: whoever waits for a prelude waits for a task that runs.
    if (g + 1 < groups.size())
      build(g + 1);
    PreludeGroup &group = *groups[g];
    for (std::size_t set = 0; set < group.sets.size(); ++set)
      for (std::size_t n : group.sets[set].units)
        pool.async([&, set, n, isBuilding = isBuilding[g]] {
          if (!isBuilding.get())
            return;
          UnitView view(openFiles(run.overlay), workshop.store);
          toParse[n].prelude = view.open(group.preludeOf(set));
          toParse[n].smallerPrelude = [&] { return view.open(group.smallerPreludeOf(set)); };
          parse(n, view.files());
          toParse[n].prelude.reset();
          toParse[n].smallerPrelude = nullptr;
          group.finishUnit();
        });
  }
  pool.wait();
  run.preludesBuilt = workshop.builtCount();
  run.preludesFound = workshop.foundCount();
}

} // namespace

std::vector<ConstantQuery> constantsIn(const RuleSet &rules) {
  std::vector<ConstantQuery> queries;
  for (const TreeConstant &constant : rules.constants)
    queries.push_back({constant.name, constant.header});
  return queries;
}

ExtractRequest requestFor(const CompileCommand &command, llvm::StringRef tree) {
  CompileCommand sane = sanitizeCommand(command);
  ExtractRequest request;
  request.directory = sane.directory;
  request.file = sane.path(); // as written, a built tree and a database of it would not share facts
  request.treeRoot = tree.str();
  request.arguments = std::move(sane.arguments);
  request.arguments.pop_back(); // the input, by sanitizeCommand()'s contract the last one
  return request;
}

/// Looks units up in the cache, then parses the others, in parallel.
llvm::Error extractUnits(const RunOptions &options, llvm::ArrayRef<CompileCommand> commands, bool recordInputs,
                         UnitCache &cache, const Progress &progress, Run &run) {
  std::vector<ExtractRequest> requests;
  run.units.resize(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    requests.push_back(requestFor(commands[i], run.tree));
    run.units[i].file = relativeToTree(commands[i].path(), run.tree);
  }
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.jobs));
  Counter counter(commands.size(), progress);
  for (std::size_t i = 0; i < commands.size(); ++i)
    pool.async([&, i] {
      if (!isInterrupted(options) && cache.find(requests[i], run.units[i]))
        counter.add(run.units[i]);
    });
  pool.wait();
  run.clock.lap("cache");
  if (isInterrupted(options))
    return interrupted(counter.now(), cache.isOpen());

  std::vector<std::size_t> missing;
  std::vector<ExtractRequest> toParse;
  for (std::size_t i = 0; i < commands.size(); ++i)
    if (!run.units[i].isFromCache) {
      missing.push_back(i);
      toParse.push_back(requests[i]);
    }
  auto count = [&](const ExtractedUnit &unit, llvm::ArrayRef<std::string> inputs) {
    if (recordInputs)
      for (const std::string &input : inputs)
        cache.inputs().digest(cache.inputs().file(input));
    counter.add(unit);
  };
  parseUnits(options, missing, toParse, cache, count, run);
  run.clock.lap("parse");
  if (isInterrupted(options))
    return interrupted(counter.now(), cache.isOpen());
  return llvm::Error::success();
}

llvm::Expected<RuleSet> readRules(const std::string &folder, Digest &digest, const std::string &profile) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  Hasher hasher;
  auto observe = [&](llvm::StringRef path, llvm::StringRef text) {
    hasher.addField(path.drop_front(folder.size())).addField(text);
  };
  LoadResult rules = loadRuleSet(*real, folder, observe);
  if (!profile.empty())
    applyProfile(*real, folder, profile, rules, observe);
  digest = hasher.finish();
  if (rules.errors.empty())
    return std::move(rules.rules);
  std::string message;
  for (const RuleError &error : rules.errors)
    message += formatRuleError(error) + "\n";
  return llvm::createStringError(message + "the rules in " + folder + " are not usable");
}

PreparedRun::PreparedRun() = default;
PreparedRun::PreparedRun(PreparedRun &&) noexcept = default;
PreparedRun::~PreparedRun() = default;

llvm::Expected<Run> beginRun(const RunOptions &options, std::string tree) {
  Run run;
  llvm::Expected<RuleSet> rules = readRules(options.rules, run.rulesDigest, options.profile);
  if (!rules)
    return rules.takeError();
  run.rules = std::move(*rules);
  run.profile = options.profile;
  run.tree = std::move(tree);
  run.overlay = readOverlay(run.tree, options.overlay);
  run.overlay.insert(run.overlay.begin(), options.editorTexts.begin(), options.editorTexts.end());
  run.files = openFiles(run.overlay);
  run.kernelVersion = readKernelVersion(run.tree, *run.files);
  if (llvm::Error error = chooseForVersion(options, *llvm::vfs::getRealFileSystem(), run))
    return error;
  return run;
}

/// `cache` is the one that the units were selected with.
static llvm::Expected<PreparedRun> prepareUnits(const RunOptions &options, SelectedUnits units,
                                                std::unique_ptr<UnitCache> cache) {
  llvm::Expected<Run> run = beginRun(options, std::move(units.tree));
  if (!run)
    return run.takeError();
  PreparedRun prepared;
  prepared.run = std::move(*run);
  prepared.commands = std::move(units.commands);
  prepared.cache = std::move(cache);
  prepared.cache->setOverlay(prepared.run.overlay);
  prepared.run.constants = prepared.cache->constants(requestFor(prepared.commands.front(), prepared.run.tree),
                                                     constantsIn(prepared.run.rules), prepared.run.files);
  prepared.run.clock.lap("prepare");
  return prepared;
}

llvm::Expected<PreparedRun> prepareRun(const RunOptions &options, const Warning &warn) {
  auto cache = std::make_unique<UnitCache>(options, warn);
  llvm::Expected<SelectedUnits> selected = selectUnits(options, *cache);
  if (!selected)
    return selected.takeError();
  return prepareUnits(options, std::move(*selected), std::move(cache));
}

static llvm::Expected<Run> extractPrepared(const RunOptions &options, llvm::Expected<PreparedRun> prepared,
                                           const Progress &progress) {
  if (!prepared)
    return prepared.takeError();
  if (llvm::Error error =
          extractUnits(options, prepared->commands, /*recordInputs=*/false, *prepared->cache, progress, prepared->run))
    return error;
  return std::move(prepared->run);
}

llvm::Expected<Run> extractAll(const RunOptions &options, const Progress &progress, const Warning &warn) {
  if (!options.facts.empty())
    return readShards(options, progress, warn);
  return extractPrepared(options, prepareRun(options, warn), progress);
}

llvm::Expected<Run> extractOne(const RunOptions &options, const CompileCommand &command, const Warning &warn) {
  return extractPrepared(
      options, prepareUnits(options, {treeOf(command), {command}}, std::make_unique<UnitCache>(options, warn)),
      nullptr);
}

namespace {

/// Facts of the units in their order, unpacked a little ahead of who links them.
class UnpackedUnits {
public:
  UnpackedUnits(std::vector<ExtractedUnit> &units, const LinkIndex &index, unsigned jobs)
      : units(units), index(index), pool(llvm::hardware_concurrency(jobs)), slots(units.size()),
        unpacked(units.size()) {
    while (begun < std::min(ahead, units.size()))
      begin();
  }

  /// Null: that was all. They are valid until the next is asked for.
  LinkUnit *next() {
    while (taken < units.size()) {
      if (taken > 0) // many small pieces: whoever links has better to do
        pool.async([done = std::shared_ptr(std::move(unpacked[taken - 1]))]() mutable { done.reset(); });
      const std::size_t mine = taken++;
      slots[mine].wait();
      if (begun < units.size())
        begin();
      if (*unpacked[mine])
        return &**unpacked[mine];
    }
    return nullptr;
  }

private:
  void begin() {
    ExtractedUnit &unit = units[begun];
    auto result = std::make_unique<std::optional<LinkUnit>>();
    slots[begun] = pool.async([&unit, &index = index, &result = *result] {
      if (unit.packed.empty())
        return;
      auto facts = openFacts(unit.packed);
      std::string().swap(unit.packed);
      if (facts)
        result.emplace(std::move(*facts), index);
      else
        unit.error = llvm::toString(facts.takeError()) + "; run with --no-cache";
    });
    unpacked[begun++] = std::move(result);
  }

  static constexpr std::size_t ahead = 64;
  std::vector<ExtractedUnit> &units;
  const LinkIndex &index;
  llvm::DefaultThreadPool pool;
  std::vector<std::shared_future<void>> slots;
  std::vector<std::unique_ptr<std::optional<LinkUnit>>> unpacked; ///< by slot, until it is taken
  std::size_t begun = 0, taken = 0;
};

} // namespace

static llvm::Error linkUnits(Run &run, unsigned jobs) {
  std::future<llvm::Error> read =
      std::async(jobs == 1 ? std::launch::deferred : std::launch::async, [&] { return readLearnedContracts(run); });
  std::optional<llvm::Error> error;
  auto learned = [&] {
    error.emplace(read.get());
    return run.learned.get();
  };
  LinkIndex index(run.rules);
  UnpackedUnits units(run.units, index, jobs);
  run.program = std::make_unique<Program>(link([&] { return units.next(); }, index, run.constants, learned, jobs));
  if (*error)
    return std::move(*error);
  run.resolver = std::make_unique<CallResolver>(*run.program);
  run.clock.lap("link");
  return llvm::Error::success();
}

static void summariseLinked(Run &run, const Workers &workers) {
  run.summaries = std::make_unique<Summaries>(summarize(*run.program, *run.resolver, workers));
  run.clock.lap("summaries");
}

llvm::Error summarise(Run &run, unsigned jobs) {
  if (llvm::Error error = linkUnits(run, jobs))
    return error;
  summariseLinked(run, jobs);
  return llvm::Error::success();
}

llvm::Error analyse(Run &run, const Workers &workers, const Companion &companion) {
  if (llvm::Error error = linkUnits(run, workers.threads()))
    return error;
  // Neither summaries nor contexts have work for all threads all the time.
  const auto when = workers.threads() == 1 ? std::launch::deferred : std::launch::async;
  std::shared_future<std::vector<ContextRoot>> roots = std::async(when, [&] { return findRoots(*run.program); });
  std::future<void> linked = std::async(when, [&] {
    roots.wait(); // first what contexts wait for
    if (companion.onLinked)
      companion.onLinked();
  });
  summariseLinked(run, workers);
  std::future<void> summarised = std::async(when, [&] {
    linked.wait();
    if (companion.onSummarised)
      companion.onSummarised(roots.get());
  });
  run.contexts =
      std::make_unique<ContextMap>(inferContexts(*run.program, *run.resolver, *run.summaries, roots.get(), workers));
  summarised.wait();
  run.clock.lap("contexts");
  return llvm::Error::success();
}

} // namespace bhlint
