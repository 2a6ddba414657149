#include "driver/cli/shards.h"

#include "driver/cli/unit_cache.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/ThreadPool.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace bhlint {

namespace {

//===-------------------------------------------------------------------------------------------------- writing ---===//

/// Names for the folders of this machine: shards of other machines, which have them elsewhere, are compared with ours.
constexpr llvm::StringLiteral treeName = "(tree)", buildName = "(build)";

void replaceAll(std::string &text, llvm::StringRef from, llvm::StringRef to) {
  for (std::size_t at = 0; (at = text.find(from.data(), at, from.size())) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to.data(), to.size());
}

/// Of what the extractor is told about the unit.
Digest digestOf(const ExtractRequest &request) {
  Hasher hasher;
  auto add = [&](std::string text) {
    replaceAll(text, request.treeRoot, treeName);
    replaceAll(text, request.directory, buildName);
    hasher.addField(text);
  };
  add(request.file);
  for (const std::string &argument : request.arguments)
    add(argument);
  return hasher.finish();
}

Digest digestOf(llvm::ArrayRef<CompileCommand> commands, llvm::StringRef tree, unsigned jobs) {
  std::vector<Digest> digests(commands.size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
  constexpr std::size_t batch = 256;
  for (std::size_t begin = 0; begin < commands.size(); begin += batch)
    pool.async([&, begin] {
      for (std::size_t i = begin; i < std::min(begin + batch, commands.size()); ++i)
        digests[i] = digestOf(requestFor(commands[i], tree));
    });
  pool.wait();
  Hasher hasher;
  for (const Digest &digest : digests)
    hasher.add(digest);
  return hasher.finish();
}

/// The file as a machine names it that has tree and build folder somewhere else.
std::string portablePath(const std::string &path, const std::string &tree, const std::string &build) {
  std::string inTree = relativeToTree(path, tree);
  if (!llvm::sys::path::is_absolute(inTree) || !liesIn(path, build))
    return inTree;
  return buildName.str() + "/" + relativeToTree(path, build);
}

std::vector<ShardInput> inputsOf(InputDigests &digests, const std::string &tree, const std::string &build) {
  std::vector<ShardInput> inputs;
  for (InputDigests::SeenFile &file : digests.seenFiles())
    inputs.push_back({portablePath(file.path, tree, build), file.kind, file.contents});
  llvm::sort(inputs, [](const ShardInput &a, const ShardInput &b) { return a.path < b.path; });
  return inputs;
}

llvm::Expected<std::vector<ShardSource>> sourcesOf(const Run &run) {
  std::set<std::string> files;
  for (const ExtractedUnit &unit : run.units) {
    if (unit.packed.empty())
      continue;
    llvm::Expected<facts::UnitFacts> facts = unpackFacts(unit.packed);
    if (!facts)
      return facts.takeError();
    for (const facts::Suppression &comment : facts->suppressions)
      files.insert(std::string(facts->text(comment.location.file)));
  }
  std::vector<ShardSource> sources;
  for (const std::string &file : files)
    if (auto buffer = run.files->getBufferForFile(absolutePath(run.tree, file)))
      sources.push_back({file, (*buffer)->getBuffer().str()});
  return sources;
}

std::vector<ShardConstant> constantsOf(const Run &run) {
  std::vector<ShardConstant> constants;
  for (const TreeConstant &asked : run.rules.constants) {
    auto found = llvm::find_if(run.constants, [&](const auto &known) { return known.first == asked.name; });
    bool isKnown = found != run.constants.end();
    constants.push_back({asked.name, isKnown, isKnown ? found->second : 0});
  }
  return constants;
}

//===-------------------------------------------------------------------------------------------------- reading ---===//

/// Files as they are, and the shards in folders; in an order that does not depend on the file system.
llvm::Expected<std::vector<std::string>> findShardFiles(llvm::ArrayRef<std::string> places) {
  std::vector<std::string> files;
  for (const std::string &place : places) {
    if (!llvm::sys::fs::is_directory(place)) {
      files.push_back(place);
      continue;
    }
    std::size_t before = files.size();
    std::error_code error;
    for (llvm::sys::fs::directory_iterator entry(place, error), end; entry != end && !error; entry.increment(error))
      if (isShardFileName(llvm::sys::path::filename(entry->path())))
        files.push_back(entry->path());
    if (error)
      return llvm::createStringError(error, place + ": " + error.message());
    if (files.size() == before)
      return llvm::createStringError(place + ": there is no shard of facts in this folder (shard-K-of-N.facts, as "
                                             "`bhlint facts` writes them)");
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Calls `work` for 0 to `count`, in parallel; the first error by number is returned.
llvm::Error forAll(std::size_t count, unsigned jobs, llvm::function_ref<llvm::Error(std::size_t)> work) {
  std::mutex mutex;
  std::size_t first = count;
  std::string problem;
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
  for (std::size_t i = 0; i < count; ++i)
    pool.async([&, i] {
      llvm::Error error = work(i);
      if (!error)
        return;
      std::lock_guard lock(mutex);
      std::string text = llvm::toString(std::move(error));
      if (i < first) {
        first = i;
        problem = std::move(text);
      }
    });
  pool.wait();
  return first == count ? llvm::Error::success() : llvm::createStringError(problem);
}

llvm::Expected<std::vector<ShardFile>> openAll(llvm::ArrayRef<std::string> files, unsigned jobs) {
  std::vector<std::optional<ShardFile>> opened(files.size());
  llvm::Error error = forAll(files.size(), jobs, [&](std::size_t i) -> llvm::Error {
    llvm::Expected<ShardFile> shard = ShardFile::open(files[i]);
    if (!shard)
      return shard.takeError();
    opened[i].emplace(std::move(*shard));
    return llvm::Error::success();
  });
  if (error)
    return error;
  std::vector<ShardFile> shards;
  for (std::optional<ShardFile> &shard : opened)
    shards.push_back(std::move(*shard));
  return shards;
}

/// What the rules name has to be there: a constant that nobody asked for is not one that the tree lacks.
llvm::Error takeConstants(const ShardFile &shard, Run &run) {
  for (const TreeConstant &wanted : run.rules.constants) {
    auto found =
        llvm::find_if(shard.index().constants, [&](const ShardConstant &known) { return known.name == wanted.name; });
    if (found == shard.index().constants.end())
      return llvm::createStringError(
          shard.path() + ": the rules name the constant " + wanted.name +
          ", which was not read when these facts were made; make them again with these rules");
    if (found->isKnown)
      run.constants.emplace_back(found->name, found->value);
  }
  return llvm::Error::success();
}

/// The sources with comments that speak to bhlint, at their places in the tree; nothing else is read.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> sourcesIn(llvm::ArrayRef<ShardFile> shards, llvm::StringRef tree) {
  auto memory = llvm::makeIntrusiveRefCnt<llvm::vfs::InMemoryFileSystem>();
  for (const ShardFile &shard : shards)
    for (const ShardSource &source : shard.index().sources)
      memory->addFile(absolutePath(tree, source.path), 0, llvm::MemoryBuffer::getMemBufferCopy(source.text));
  return memory;
}

void nameMissing(const JoinedShards &joined, const ShardFile &shard, const Warning &warn, Run &run) {
  if (joined.missing.empty())
    return;
  std::string numbers;
  for (ShardNumber missing : joined.missing)
    numbers += (numbers.empty() ? "" : ", ") + std::to_string(missing.number);
  unsigned count = shard.index().shard.count;
  warn("of " + std::to_string(count) + " shards these are missing: " + numbers + "; " +
       std::to_string(joined.noFacts.size()) + " units are not looked at");
  std::vector<unsigned> assigned = assignShards(shard.index().allUnits, count);
  for (std::uint32_t position : joined.noFacts)
    run.units[position].error =
        "its facts are in shard " + toString({assigned[position], count}) + ", which is missing";
}

} // namespace

llvm::Expected<WrittenShard> writeShardOf(const RunOptions &options, ShardNumber shard, const std::string &folder,
                                          const Progress &progress, const Warning &warn) {
  // Before the work, not after it.
  if (std::error_code error = llvm::sys::fs::create_directories(folder))
    return llvm::createStringError(error, "can't create " + folder + ": " + error.message());
  llvm::Expected<PreparedRun> prepared = prepareRun(options, warn);
  if (!prepared)
    return prepared.takeError();
  Run &run = prepared->run;
  ShardIndex index;
  index.tool = extractorName();
  index.shard = shard;
  index.tree = run.tree;
  index.kernelVersion = run.kernelVersion;
  for (const CompileCommand &command : prepared->commands)
    index.allUnits.push_back(relativeToTree(command.path(), run.tree));
  index.commands = digestOf(prepared->commands, run.tree, options.jobs);
  index.constants = constantsOf(run);

  std::vector<unsigned> assigned = assignShards(index.allUnits, shard.count);
  std::vector<CompileCommand> mine;
  for (std::uint32_t position = 0; position < assigned.size(); ++position)
    if (assigned[position] == shard.number) {
      mine.push_back(prepared->commands[position]);
      index.units.push_back({position, "", 0, 0, {}});
    }
  if (llvm::Error error = extractUnits(options, mine, /*recordInputs=*/true, *prepared->cache, progress, run))
    return error;
  for (std::size_t i = 0; i < index.units.size(); ++i)
    index.units[i].error = run.units[i].error;
  llvm::Expected<std::vector<ShardSource>> sources = sourcesOf(run);
  if (!sources)
    return sources.takeError();
  index.sources = std::move(*sources);
  index.inputs = inputsOf(prepared->cache->inputs(), run.tree, prepared->commands.front().directory);

  WrittenShard written{folder + "/" + shardFileName(shard), index.allUnits.size(), {}};
  std::vector<std::string> packed;
  for (ExtractedUnit &unit : run.units)
    packed.push_back(unit.packed.empty() ? packFacts({}) : std::move(unit.packed));
  if (llvm::Error error = writeShard(written.file, std::move(index), packed))
    return error;
  written.units = std::move(run.units);
  return written;
}

llvm::Expected<OpenedShards> openShards(llvm::ArrayRef<std::string> places, unsigned jobs) {
  llvm::Expected<std::vector<std::string>> files = findShardFiles(places);
  if (!files)
    return files.takeError();
  llvm::Expected<std::vector<ShardFile>> shards = openAll(*files, jobs);
  if (!shards)
    return shards.takeError();
  llvm::Expected<JoinedShards> joined = joinShards(*shards, extractorName());
  if (!joined)
    return joined.takeError();
  return OpenedShards{std::move(*shards), std::move(*joined)};
}

std::string localPath(llvm::StringRef portable, llvm::StringRef tree, llvm::StringRef build) {
  if (portable.consume_front(buildName) && portable.consume_front("/"))
    return absolutePath(build, portable);
  return absolutePath(tree, portable);
}

llvm::Expected<Run> readShards(const RunOptions &options, const Progress &progress, const Warning &warn) {
  Run run;
  llvm::Expected<RuleSet> rules = readRules(options.rules, run.rulesDigest, options.profile);
  if (!rules)
    return rules.takeError();
  run.rules = std::move(*rules);
  run.profile = options.profile;
  llvm::Expected<OpenedShards> opened = openShards(options.facts, options.jobs);
  if (!opened)
    return opened.takeError();
  const std::vector<ShardFile> &shards = opened->files;
  const ShardFile &first = shards.front();
  run.tree = first.index().tree;
  run.kernelVersion = first.index().kernelVersion;
  run.files = sourcesIn(shards, run.tree);
  if (llvm::Error error = chooseForVersion(options, *llvm::vfs::getRealFileSystem(), run))
    return error;
  if (llvm::Error error = takeConstants(first, run))
    return error;
  run.units.resize(first.index().allUnits.size());
  for (std::size_t position = 0; position < run.units.size(); ++position)
    run.units[position].file = first.index().allUnits[position];
  nameMissing(opened->joined, first, warn, run);

  std::vector<std::pair<const ShardFile *, std::size_t>> parts;
  for (const ShardFile &shard : shards)
    for (std::size_t n = 0; n < shard.index().units.size(); ++n)
      parts.emplace_back(&shard, n);
  llvm::Error error = forAll(parts.size(), options.jobs, [&](std::size_t i) -> llvm::Error {
    auto [shard, n] = parts[i];
    llvm::Expected<llvm::StringRef> facts = shard->packedFacts(n);
    if (!facts)
      return facts.takeError();
    const ShardUnit &unit = shard->index().units[n];
    run.units[unit.position].packed = facts->str();
    run.units[unit.position].error = unit.error;
    return llvm::Error::success();
  });
  if (error)
    return error;
  return run;
}

} // namespace bhlint
