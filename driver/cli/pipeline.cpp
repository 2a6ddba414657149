#include "driver/cli/pipeline.h"

#include "analysis/cache/facts_cache.h"
#include "analysis/ruleset/load.h"
#include "analysis/shard/shard_file.h"
#include "driver/cli/preludes.h"
#include "driver/cli/shards.h"
#include "driver/kbuild/sanitize.h"

#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <future>
#include <mutex>

namespace bhlint {

namespace {

llvm::Error failure(const std::string &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// One unit, with whatever Clang may do to the process kept inside it.
ExtractedUnit extractOne(const ExtractRequest &request, std::string file,
                         llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files, std::vector<std::string> &inputs) {
  ExtractedUnit unit;
  unit.file = std::move(file);
  llvm::CrashRecoveryContext recovery;
  constexpr unsigned stackSize = 64u << 20; // deeply nested initialisers recurse
  bool survived = recovery.RunSafelyOnThread(
      [&] {
        ExtractResult result = extractUnit(request, std::move(files));
        unit.usedPrelude = result.usedPrelude;
        unit.packed = packFacts(result.facts);
        inputs = std::move(result.inputs);
        if (result.errors != 0)
          unit.error = result.firstError.empty() ? "Clang reported an error" : result.firstError;
      },
      stackSize);
  if (!survived) {
    unit.packed.clear();
    unit.error = "the parser crashed on this unit";
  }
  return unit;
}

/// Facts of earlier runs. The prelude is not part of the key, because it must not change the facts.
class UnitCache {
public:
  UnitCache(const RunOptions &options, const Overlay &overlay, InputDigests &digests, const Warning &warn) {
    for (const auto &[path, text] : overlay)
      digests.setContents(path, text);
    if (!options.useCache || options.cacheFolder.empty())
      return;
    auto opened = FactsCache::open(options.cacheFolder, options.cacheBytes, digests, warn);
    if (opened)
      cache = std::move(*opened);
    else
      warn("no cache: " + llvm::toString(opened.takeError()));
  }

  bool find(const ExtractRequest &request, ExtractedUnit &unit) {
    if (!cache)
      return false;
    std::optional<std::string> packed = cache->find(keyOf(request));
    if (!packed)
      return false;
    unit.packed = std::move(*packed);
    unit.isFromCache = true;
    return true;
  }

  bool isOpen() const { return cache != nullptr; }

  void put(const ExtractRequest &request, const ExtractedUnit &unit, const std::vector<std::string> &inputs) {
    if (cache && unit.error.empty())
      cache->put(keyOf(request), inputs, unit.packed);
  }

private:
  static CacheKey keyOf(const ExtractRequest &request) {
    std::vector<std::string> parts{BHLINT_EXTRACTOR, std::to_string(facts::formatVersion), request.directory,
                                   request.file, request.treeRoot};
    parts.insert(parts.end(), request.arguments.begin(), request.arguments.end());
    return CacheKey::of(parts);
  }

  std::unique_ptr<FactsCache> cache;
};

TreeConstants readConstants(const RuleSet &rules, llvm::ArrayRef<CompileCommand> commands, llvm::StringRef tree,
                            llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> files) {
  std::vector<ConstantQuery> queries;
  for (const TreeConstant &constant : rules.constants)
    queries.push_back({constant.name, constant.header});
  return extractConstants(requestFor(commands.front(), tree), queries, std::move(files));
}

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
  return failure(message + (isCached ? "; they are in the cache, and the same command goes on from there"
                                     : "; without a cache, nothing of that is kept"));
}

/// Parses the units `missing`, whose requests are `toParse`, group by group.
void parseUnits(const RunOptions &options, llvm::ArrayRef<std::size_t> missing, std::vector<ExtractRequest> &toParse,
                UnitCache &cache, llvm::function_ref<void(const ExtractedUnit &, llvm::ArrayRef<std::string>)> count,
                Run &run) {
  if (missing.empty())
    return;
  PreludeFolder folder;
  llvm::CrashRecoveryContext::Enable();
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(options.jobs));
  auto parse = [&](std::size_t n) {
    // Each thread has a view of its own: a physical file system may be shared, its working directory may not.
    if (isInterrupted(options))
      return;
    ExtractedUnit &unit = run.units[missing[n]];
    std::vector<std::string> inputs;
    unit = extractOne(toParse[n], unit.file, openFiles(run.overlay), inputs);
    cache.put(toParse[n], unit, inputs);
    count(unit, inputs);
  };
  if (!options.usePrelude || folder.path().empty()) {
    for (std::size_t n = 0; n < missing.size(); ++n)
      pool.async([&, n] { parse(n); });
    pool.wait();
    return;
  }
  std::vector<std::unique_ptr<PreludeGroup>> groups = planPreludes(toParse, options.jobs, run.files);
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
        groups[g]->build(toParse, folder.path(), static_cast<unsigned>(g), openFiles(run.overlay));
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
          toParse[n].prelude = group.preludeOf(set);
          toParse[n].smallerPrelude = [&group, set] { return group.smallerPreludeOf(set); };
          parse(n);
          toParse[n].prelude.reset();
          toParse[n].smallerPrelude = nullptr;
          group.finishUnit();
        });
  }
  pool.wait();
}

} // namespace

ExtractRequest requestFor(const CompileCommand &command, llvm::StringRef tree) {
  CompileCommand sane = sanitizeCommand(command);
  ExtractRequest request;
  request.directory = sane.directory;
  request.file = sane.file;
  request.treeRoot = tree.str();
  request.arguments = std::move(sane.arguments);
  request.arguments.pop_back(); // the input, by sanitizeCommand()'s contract the last one
  return request;
}

std::string extractorName() { return BHLINT_EXTRACTOR "-" + std::to_string(facts::formatVersion); }

/// Looks units up in the cache, then parses the others, in parallel.
llvm::Error extractUnits(const RunOptions &options, llvm::ArrayRef<CompileCommand> commands, bool recordInputs,
                         InputDigests &digests, const Progress &progress, const Warning &warn, Run &run) {
  UnitCache cache(options, run.overlay, digests, warn);
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
        digests.digest(digests.file(input));
    counter.add(unit);
  };
  parseUnits(options, missing, toParse, cache, count, run);
  run.clock.lap("parse");
  if (isInterrupted(options))
    return interrupted(counter.now(), cache.isOpen());
  return llvm::Error::success();
}

/// VERSION, PATCHLEVEL and SUBLEVEL at the top of the tree's Makefile, joined by dots.
static std::string readKernelVersion(llvm::StringRef tree, llvm::vfs::FileSystem &files) {
  auto makefile = files.getBufferForFile(tree + "/Makefile");
  if (!makefile)
    return {};
  std::string version;
  for (llvm::StringRef wanted : {"VERSION", "PATCHLEVEL", "SUBLEVEL"}) {
    llvm::StringRef rest = (*makefile)->getBuffer();
    for (llvm::StringRef line; !rest.empty();) {
      std::tie(line, rest) = rest.split('\n');
      auto [name, value] = line.split('=');
      unsigned number = 0;
      if (name.trim() != wanted || value.trim().getAsInteger(10, number))
        continue;
      version += (version.empty() ? "" : ".") + std::to_string(number);
      break;
    }
  }
  return version;
}

/// major*1000+minor of "6.12.117"; 0 = not a version.
static unsigned versionNumber(llvm::StringRef version) {
  auto [major, rest] = version.split('.');
  unsigned high = 0, low = 0;
  if (major.getAsInteger(10, high) || rest.split('.').first.getAsInteger(10, low))
    return 0;
  return high * 1000 + low;
}

constexpr llvm::StringLiteral learnedFolder = "kernel", learnedFile = "learned.json.gz";

/// The file for the tree's version, else for the newest one before it, else for the oldest.
static std::string chooseLearned(llvm::StringRef rules, unsigned version, llvm::vfs::FileSystem &files) {
  llvm::SmallString<256> folder(rules);
  llvm::sys::path::append(folder, learnedFolder);
  std::vector<std::pair<unsigned, std::string>> known;
  std::error_code error;
  for (llvm::vfs::directory_iterator entry = files.dir_begin(folder, error), end; entry != end && !error;
       entry.increment(error)) {
    llvm::SmallString<256> file(entry->path());
    llvm::sys::path::append(file, learnedFile);
    if (unsigned number = versionNumber(llvm::sys::path::filename(entry->path())); number && files.exists(file))
      known.emplace_back(number, file.str().str());
  }
  std::sort(known.begin(), known.end());
  std::string chosen;
  for (const auto &[number, file] : known)
    if (chosen.empty() || number <= version)
      chosen = file;
  return chosen;
}

static llvm::Error readLearnedContracts(const RunOptions &options, llvm::vfs::FileSystem &files, Run &run) {
  std::string path = options.learned;
  if (path.empty() && !run.kernelVersion.empty())
    path = chooseLearned(options.rules, versionNumber(run.kernelVersion), files);
  if (path.empty() || !options.useLearned)
    return llvm::Error::success();
  auto text = files.getBufferForFile(path);
  if (!text)
    return failure(path + ": " + text.getError().message());
  llvm::Expected<LearnedContracts> learned = readLearned((*text)->getBuffer(), path);
  if (!learned)
    return learned.takeError();
  run.learned = std::make_unique<LearnedContracts>(std::move(*learned));
  return llvm::Error::success();
}

llvm::Error chooseForVersion(const RunOptions &options, llvm::vfs::FileSystem &files, Run &run) {
  run.rules = forKernel(std::move(run.rules), versionNumber(run.kernelVersion));
  return readLearnedContracts(options, files, run);
}

Overlay readOverlay(llvm::StringRef tree, llvm::StringRef folder) {
  Overlay overlay;
  if (folder.empty())
    return overlay;
  std::error_code error;
  llvm::SmallString<256> root(folder);
  llvm::sys::fs::make_absolute(root);
  for (llvm::sys::fs::recursive_directory_iterator entry(root, error), end; entry != end && !error;
       entry.increment(error)) {
    if (entry->type() != llvm::sys::fs::file_type::regular_file)
      continue;
    auto content = llvm::MemoryBuffer::getFile(entry->path());
    if (!content)
      continue;
    llvm::SmallString<256> target(tree);
    llvm::sys::path::append(target, llvm::StringRef(entry->path()).drop_front(root.size()));
    overlay.emplace_back(target.str().str(), (*content)->getBuffer().str());
  }
  return overlay;
}

llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> openFiles(const Overlay &overlay) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  if (overlay.empty())
    return real;
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const auto &[path, text] : overlay)
    memory->addFile(path, 0, llvm::MemoryBuffer::getMemBuffer(text, path));
  auto overlaid = llvm::makeIntrusiveRefCnt<llvm::vfs::OverlayFileSystem>(real);
  overlaid->pushOverlay(memory);
  return overlaid;
}

llvm::Expected<RuleSet> readRules(const std::string &folder) {
  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  LoadResult rules = loadRuleSet(*real, folder);
  if (rules.errors.empty())
    return std::move(rules.rules);
  std::string message;
  for (const RuleError &error : rules.errors)
    message += formatRuleError(error) + "\n";
  return failure(message + "the rules in " + folder + " are not usable");
}

llvm::Expected<PreparedRun> prepareRun(const RunOptions &options) {
  PreparedRun prepared;
  Run &run = prepared.run;
  llvm::Expected<RuleSet> rules = readRules(options.rules);
  if (!rules)
    return rules.takeError();
  run.rules = std::move(*rules);

  llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> real(llvm::vfs::createPhysicalFileSystem().release());
  llvm::Expected<CompileDatabase> database = readCompileDatabase(*real, options.database);
  if (!database)
    return database.takeError();
  if (!options.tree.empty())
    database->tree = absolutePath("/", options.tree);
  llvm::Expected<std::vector<CompileCommand>> commands = selectCommands(*database, options.paths);
  if (!commands)
    return commands.takeError();
  if (commands->empty())
    return failure("the compile database " + options.database + " has no C unit");
  run.tree = database->tree;
  run.overlay = readOverlay(run.tree, options.overlay);
  run.files = openFiles(run.overlay);
  run.kernelVersion = readKernelVersion(run.tree, *run.files);
  if (llvm::Error error = chooseForVersion(options, *real, run))
    return error;
  run.constants = readConstants(run.rules, *commands, run.tree, run.files);
  run.clock.lap("prepare");

  prepared.commands = std::move(*commands);
  return prepared;
}

llvm::Expected<Run> extractAll(const RunOptions &options, const Progress &progress, const Warning &warn) {
  if (!options.facts.empty())
    return readShards(options, progress, warn);
  llvm::Expected<PreparedRun> prepared = prepareRun(options);
  if (!prepared)
    return prepared.takeError();
  InputDigests digests;
  if (llvm::Error error = extractUnits(options, prepared->commands, false, digests, progress, warn, prepared->run))
    return error;
  return std::move(prepared->run);
}

namespace {

/// Facts of the units in their order, unpacked a little ahead of who links them.
class UnpackedUnits {
public:
  UnpackedUnits(std::vector<ExtractedUnit> &units, unsigned jobs)
      : units(units), pool(llvm::hardware_concurrency(jobs)), slots(units.size()), unpacked(units.size()) {
    while (begun < std::min(ahead, units.size()))
      begin();
  }

  std::optional<facts::UnitFacts> next() {
    while (taken < units.size()) {
      std::size_t mine = taken++;
      slots[mine].wait();
      std::optional<facts::UnitFacts> unit = std::move(*unpacked[mine]);
      unpacked[mine].reset();
      if (begun < units.size())
        begin();
      if (unit)
        return unit;
    }
    return std::nullopt;
  }

private:
  void begin() {
    ExtractedUnit &unit = units[begun];
    auto result = std::make_unique<std::optional<facts::UnitFacts>>();
    slots[begun] = pool.async([&unit, &result = *result] {
      if (unit.packed.empty())
        return;
      llvm::Expected<facts::UnitFacts> facts = unpackFacts(unit.packed);
      std::string().swap(unit.packed);
      if (facts)
        result = std::move(*facts);
      else
        unit.error = llvm::toString(facts.takeError()) + "; run with --no-cache";
    });
    unpacked[begun++] = std::move(result);
  }

  static constexpr std::size_t ahead = 64;
  std::vector<ExtractedUnit> &units;
  llvm::DefaultThreadPool pool;
  std::vector<std::shared_future<void>> slots;
  std::vector<std::unique_ptr<std::optional<facts::UnitFacts>>> unpacked; ///< by slot, until it is taken
  std::size_t begun = 0, taken = 0;
};

} // namespace

void summarise(Run &run, unsigned jobs) {
  UnpackedUnits units(run.units, jobs);
  run.program =
      std::make_unique<Program>(link([&] { return units.next(); }, run.rules, run.constants, run.learned.get()));
  run.clock.lap("link");
  run.resolver = std::make_unique<CallResolver>(*run.program);
  run.summaries = std::make_unique<Summaries>(summarize(*run.program, *run.resolver, jobs));
  run.clock.lap("summaries");
}

void analyse(Run &run, unsigned jobs) {
  summarise(run, jobs);
  run.contexts = std::make_unique<ContextMap>(inferContexts(*run.program, *run.resolver, *run.summaries, jobs));
  run.clock.lap("contexts");
}

} // namespace bhlint
