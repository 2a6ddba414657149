#include "driver/cli/shard_option.h"

#include "llvm/ADT/StringExtras.h"

#include <vector>

using namespace llvm;

namespace bhlint {

namespace {

Expected<ShardNumber> checked(const Twine &source, std::uint64_t number, std::uint64_t count) {
  if (count == 0 || count > maxShards)
    return createStringError(source + ": there can be 1 to " + Twine(maxShards) + " shards, not " + Twine(count));
  if (number == 0 || number > count)
    return createStringError(source + ": shards are numbered from 1 to " + Twine(count) + ", so there is no shard " +
                             Twine(number));
  return ShardNumber{static_cast<unsigned>(number), static_cast<unsigned>(count)};
}

/// The variables of one engine. The first thing that is wrong with them is kept.
class Variables {
public:
  explicit Variables(Environment environment) : environment(environment) {}

  std::uint64_t number(const char *name) {
    std::optional<std::string> text = environment(name);
    if (!text)
      fail(std::string(name) + " is not set");
    return text ? parse(name, *text) : 0;
  }
  std::uint64_t numberOr(const char *name, std::uint64_t fallback) {
    std::optional<std::string> text = environment(name);
    return text ? parse(name, *text) : fallback;
  }
  const std::string &problem() const { return firstProblem; }

private:
  std::uint64_t parse(const char *name, StringRef text) {
    std::uint64_t value = 0;
    if (text.getAsInteger(10, value) || value > UINT32_MAX) {
      fail(std::string(name) + " is '" + text.str() + "', which is not a number");
      return 0;
    }
    return value;
  }
  void fail(std::string problem) {
    if (firstProblem.empty())
      firstProblem = std::move(problem);
  }

  Environment environment;
  std::string firstProblem;
};

Expected<ShardNumber> fromSlurm(Environment environment) {
  Variables slurm(environment);
  std::uint64_t id = slurm.number("SLURM_ARRAY_TASK_ID"), first = slurm.number("SLURM_ARRAY_TASK_MIN");
  std::uint64_t count = slurm.number("SLURM_ARRAY_TASK_COUNT");
  std::uint64_t step = slurm.numberOr("SLURM_ARRAY_TASK_STEP", 1);
  std::uint64_t last = slurm.numberOr("SLURM_ARRAY_TASK_MAX", first + (count - 1) * step);
  if (!slurm.problem().empty())
    return createStringError("--shard auto: " + slurm.problem());
  // Nobody tells a task which place it has in a list such as 1,5,6.
  if (count == 0 || step == 0 || id < first || (id - first) % step != 0 || last != first + (count - 1) * step)
    return createStringError("--shard auto: the array's numbers are not evenly spaced (task " + Twine(id) + " of " +
                             Twine(count) + " from " + Twine(first) + " to " + Twine(last) +
                             "); use --array=1-N, or say --shard K/N");
  return checked("--shard auto (Slurm)", (id - first) / step + 1, count);
}

Expected<ShardNumber> fromKubernetes(Environment environment) {
  Variables pod(environment);
  std::uint64_t index = pod.number("JOB_COMPLETION_INDEX");
  std::uint64_t count = pod.number("BHLINT_SHARDS");
  if (!pod.problem().empty())
    return createStringError("--shard auto: " + pod.problem() +
                             "; Kubernetes tells a pod its index only, so set BHLINT_SHARDS to the job's completions");
  return checked("--shard auto (Kubernetes)", index + 1, count);
}

Expected<ShardNumber> fromGitlab(Environment environment) {
  Variables job(environment);
  std::uint64_t index = job.number("CI_NODE_INDEX"), count = job.number("CI_NODE_TOTAL");
  if (!job.problem().empty())
    return createStringError("--shard auto: " + job.problem());
  return checked("--shard auto (GitLab)", index, count);
}

struct Engine {
  const char *name;
  const char *mark; ///< the variable that is set in its jobs
  Expected<ShardNumber> (*read)(Environment);
};

constexpr Engine engines[] = {{"Slurm", "SLURM_ARRAY_TASK_ID", fromSlurm},
                              {"Kubernetes", "JOB_COMPLETION_INDEX", fromKubernetes},
                              {"GitLab", "CI_NODE_INDEX", fromGitlab}};

Expected<ShardNumber> fromEnvironment(Environment environment) {
  std::vector<const Engine *> found;
  for (const Engine &engine : engines)
    if (environment(engine.mark))
      found.push_back(&engine);
  if (found.empty())
    return createStringError("--shard auto: this is no task of a job array; SLURM_ARRAY_TASK_ID (Slurm), "
                             "JOB_COMPLETION_INDEX (Kubernetes) and CI_NODE_INDEX (GitLab) are not set");
  if (found.size() > 1)
    return createStringError(std::string("--shard auto: the variables of both ") + found[0]->name + " and " +
                             found[1]->name + " are set; say --shard K/N");
  return found[0]->read(environment);
}

} // namespace

Expected<ShardNumber> parseShard(StringRef text, Environment environment) {
  if (text.empty())
    return ShardNumber();
  if (text == "auto")
    return fromEnvironment(environment);
  auto [number, count] = text.split('/');
  std::uint64_t k = 0, n = 0;
  if (number.getAsInteger(10, k) || count.getAsInteger(10, n))
    return createStringError("--shard " + text + ": write K/N, as in 3/10, or auto");
  return checked("--shard " + text, k, n);
}

} // namespace bhlint
