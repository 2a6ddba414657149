#include "driver/cli/results.h"

#include "analysis/cache/packed_bytes.h"
#include "driver/cli/build_id.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ThreadPool.h"

namespace bhlint {

namespace {

constexpr llvm::StringLiteral resultKind = "r";

std::vector<Digest> digestsOf(llvm::ArrayRef<ExtractedUnit> units, unsigned jobs) {
  std::vector<Digest> digests(units.size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(jobs));
  constexpr std::size_t batch = 256;
  for (std::size_t begin = 0; begin < units.size(); begin += batch)
    pool.async([&, begin] {
      for (std::size_t i = begin; i < std::min(begin + batch, units.size()); ++i)
        digests[i] = Hasher().add(units[i].packed).finish();
    });
  pool.wait();
  return digests;
}

Digest nameOf(const Run &run, const std::string &program, unsigned jobs) {
  Hasher hasher;
  hasher.addField("result").addField(program).add(run.rulesDigest).addField(run.kernelVersion);
  llvm::StringRef learned = run.learnedText ? run.learnedText->getBuffer() : llvm::StringRef();
  hasher.add(Hasher().add(learned).finish());
  hasher.addField(std::to_string(run.constants.size()));
  for (const auto &[constant, value] : run.constants)
    hasher.addField(constant).addField(std::to_string(value));
  for (const std::string &rule : run.unasked)
    hasher.addField(rule);
  for (const Digest &digest : digestsOf(run.units, jobs))
    hasher.add(digest);
  return hasher.finish();
}

std::size_t failedUnitsOf(const Run &run) {
  return static_cast<std::size_t>(
      llvm::count_if(run.units, [](const ExtractedUnit &unit) { return !unit.error.empty(); }));
}

} // namespace

ResultCache::ResultCache(const RunOptions &options, const Run &run, const Warning &warn) : warn(warn) {
  std::string program = buildId();
  if (!options.useCache || !options.useResults || options.cacheFolder.empty() || program.empty())
    return;
  llvm::Expected<std::unique_ptr<NamedFiles>> opened = NamedFiles::open(options.cacheFolder, options.factBytes());
  if (!opened) {
    llvm::consumeError(opened.takeError()); // the cache of units has said so
    return;
  }
  files = std::move(*opened);
  name = nameOf(run, program, options.jobs);
  failedUnits = failedUnitsOf(run);
}

std::optional<CheckResult> ResultCache::find() {
  std::optional<std::string> packed = files ? files->read(name, resultKind) : std::nullopt;
  std::optional<std::string> bytes = packed ? unpackBytes(*packed) : std::nullopt;
  return bytes ? readCheckResult(*bytes) : std::nullopt;
}

void ResultCache::put(const CheckResult &result, const Run &run) {
  // Facts that turned out to be damaged when they were linked: the next run has to say so again.
  if (!files || failedUnitsOf(run) != failedUnits)
    return;
  if (llvm::Error error = files->write(name, resultKind, packBytes(writeCheckResult(result))))
    warn("the findings are not kept for the next run: " + llvm::toString(std::move(error)));
}

} // namespace bhlint
