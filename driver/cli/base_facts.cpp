#include "driver/cli/base_facts.h"

#include "driver/gate/users.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"

namespace bhlint {

namespace {

/// Headers that commands include, whatever the source says; relative to the tree.
std::set<std::string> forcedHeaders(const CompileCommand &command, llvm::StringRef tree) {
  std::set<std::string> headers;
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i)
    if (command.arguments[i] == "-include")
      headers.insert(relativeToTree(absolutePath(command.directory, command.arguments[i + 1]), tree));
  return headers;
}

} // namespace

llvm::Expected<std::unique_ptr<BaseFacts>> BaseFacts::compare(OpenedShards shards, const Git &git, const Series &series,
                                                              const CompileCommand &command,
                                                              std::vector<std::string> &notes) {
  std::unique_ptr<BaseFacts> facts(new BaseFacts(std::move(shards)));
  facts->tree = git.tree();
  facts->build = command.directory;
  if (llvm::Error error = facts->findOutdated(git, series, facts->readInputs(series), command, notes))
    return error;
  return facts;
}

/// Of what the shards were made from, all that is not the source of a unit and differs from the base. Sources are
/// looked at when they are asked for.
std::set<std::string> BaseFacts::readInputs(const Series &series) {
  for (const auto &[path, text] : series.before) {
    if (text)
      digests.setContents(absolutePath(tree, path), *text);
    else
      digests.setAbsent(absolutePath(tree, path));
  }
  std::set<std::string> twice;
  for (std::size_t s = 0; s < shards.files.size(); ++s) {
    const ShardIndex &index = shards.files[s].index();
    for (std::size_t n = 0; n < index.units.size(); ++n) {
      const std::string &source = index.allUnits[index.units[n].position];
      if (index.units[n].error.empty() && !units.try_emplace(source, Unit{s, n, nullptr}).second)
        twice.insert(source); // compiled in two ways; which one is wanted is not known here
    }
  }
  for (const std::string &source : twice)
    units.erase(source);
  std::set<std::string> differing;
  for (const ShardFile &shard : shards.files)
    for (const ShardInput &input : shard.index().inputs) {
      if (auto unit = units.find(input.path); unit != units.end())
        unit->second.source = &input;
      else if (!isSame(input))
        differing.insert(input.path);
    }
  return differing;
}

bool BaseFacts::isSame(const ShardInput &input) {
  const InputDigests::SeenFile seen = digests.look(digests.file(localPath(input.path, tree, build)));
  return seen.kind == input.kind && seen.contents == input.contents;
}

llvm::Error BaseFacts::findOutdated(const Git &git, const Series &series, std::set<std::string> differing,
                                    const CompileCommand &command, std::vector<std::string> &notes) {
  std::set<std::string> headers;
  bool isElsewhere = false; // the compiler's own headers have no includers that git could tell
  for (const std::string &path : differing) {
    isElsewhere |= llvm::sys::path::is_absolute(path);
    llvm::StringRef name = path;
    name = name.starts_with("(") ? name.split('/').second : name;
    headers.insert(name.str());
  }
  const std::set<std::string> forced = forcedHeaders(command, tree);
  for (std::set<std::string> &sources : outdated) {
    if (&sources != outdated) // the second round: also what the series changes
      for (const SeriesStep &step : series.steps) {
        for (const auto &[file, change] : step.changes.files)
          headers.insert(file);
        headers.insert(step.changes.deleted.begin(), step.changes.deleted.end());
        for (const auto &[from, to] : step.changes.renames)
          headers.insert(from);
      }
    llvm::Expected<Includers> includers = filesThatInclude(git, headers);
    if (!includers)
      return includers.takeError();
    sources = std::move(includers->sources);
    sources.insert(headers.begin(), headers.end());
    const bool concernsAll =
        llvm::any_of(forced, [&](const std::string &header) { return includers->headers.count(header) != 0; });
    if (&sources == outdated && (isElsewhere || concernsAll)) {
      isUsable = false;
      notes.push_back("--facts: made with another configuration or compiler (" + *differing.begin() +
                      " differs); nothing of it is used");
      return llvm::Error::success();
    }
    if (concernsAll) // by the series
      for (const auto &[source, unit] : units)
        sources.insert(source);
  }
  if (!differing.empty())
    notes.push_back("--facts: not made from the base; " + std::to_string(differing.size()) +
                    (differing.size() == 1 ? " file differs" : " files differ") + " (" + *differing.begin() +
                    (differing.size() == 1 ? ")" : ", ...)") + ", and the units that see them are parsed");
  return llvm::Error::success();
}

std::optional<std::string> BaseFacts::find(const std::string &source, std::size_t state) {
  auto unit = units.find(source);
  if (!isUsable || unit == units.end() || !unit->second.source || outdated[state == 0 ? 0 : 1].count(source) ||
      !isSame(*unit->second.source))
    return std::nullopt;
  llvm::Expected<llvm::StringRef> packed = shards.files[unit->second.shard].packedFacts(unit->second.number);
  if (packed)
    return packed->str();
  llvm::consumeError(packed.takeError()); // damaged: then it is parsed
  return std::nullopt;
}

} // namespace bhlint
