#include "driver/cli/shard_option.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <map>

using namespace llvm;
using testing::HasSubstr;

namespace bhlint {
namespace {

using Variables = std::map<std::string, std::string>;

/// "3/10", or what is wrong.
std::string read(StringRef text, const Variables &variables = {}) {
  auto environment = [&](const char *name) -> std::optional<std::string> {
    auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  Expected<ShardNumber> shard = parseShard(text, environment);
  return shard ? toString(*shard) : toString(shard.takeError());
}

Variables slurm(const char *id, const char *first, const char *last, const char *count, const char *step) {
  return {{"SLURM_ARRAY_TASK_ID", id},
          {"SLURM_ARRAY_TASK_MIN", first},
          {"SLURM_ARRAY_TASK_MAX", last},
          {"SLURM_ARRAY_TASK_COUNT", count},
          {"SLURM_ARRAY_TASK_STEP", step}};
}

TEST(ShardOption, OnTheCommandLine) {
  EXPECT_EQ(read(""), "1/1");
  EXPECT_EQ(read("1/1"), "1/1");
  EXPECT_EQ(read("3/10"), "3/10");
  EXPECT_EQ(read("3/10", slurm("1", "1", "4", "4", "1")), "3/10") << "who says it knows better";
  EXPECT_EQ(read("0/3"), "--shard 0/3: shards are numbered from 1 to 3, so there is no shard 0");
  EXPECT_EQ(read("4/3"), "--shard 4/3: shards are numbered from 1 to 3, so there is no shard 4");
  EXPECT_EQ(read("1/0"), "--shard 1/0: there can be 1 to 100000 shards, not 0");
  EXPECT_EQ(read("1/100001"), "--shard 1/100001: there can be 1 to 100000 shards, not 100001");
  for (const char *text : {"3", "3/", "/3", "-1/3", "1/3/5", "a/b", "1 /3", "99999999999999999999/3"})
    EXPECT_EQ(read(text), std::string("--shard ") + text + ": write K/N, as in 3/10, or auto");
}

TEST(ShardOption, Slurm) {
  EXPECT_EQ(read("auto", slurm("1", "1", "10", "10", "1")), "1/10");
  EXPECT_EQ(read("auto", slurm("10", "1", "10", "10", "1")), "10/10");
  EXPECT_EQ(read("auto", slurm("0", "0", "3", "4", "1")), "1/4");
  EXPECT_EQ(read("auto", slurm("9", "5", "11", "4", "2")), "3/4");
  EXPECT_EQ(
      read("auto", {{"SLURM_ARRAY_TASK_ID", "2"}, {"SLURM_ARRAY_TASK_MIN", "1"}, {"SLURM_ARRAY_TASK_COUNT", "3"}}),
      "2/3");
  // --array=1,5,6: task 5 is the second, but nothing says so.
  EXPECT_THAT(read("auto", slurm("5", "1", "6", "3", "1")), HasSubstr("not evenly spaced"));
  EXPECT_THAT(read("auto", slurm("1", "1", "6", "3", "1")), HasSubstr("not evenly spaced"));
  EXPECT_THAT(read("auto", slurm("6", "5", "11", "4", "2")), HasSubstr("not evenly spaced"));
  EXPECT_THAT(read("auto", slurm("0", "1", "4", "4", "1")), HasSubstr("not evenly spaced"));
  EXPECT_THAT(read("auto", slurm("1", "1", "0", "0", "1")), HasSubstr("not evenly spaced"));
  EXPECT_THAT(read("auto", slurm("1", "1", "1", "1", "0")), HasSubstr("not evenly spaced"));
  EXPECT_EQ(read("auto", slurm("one", "1", "4", "4", "1")),
            "--shard auto: SLURM_ARRAY_TASK_ID is 'one', which is not a number");
  EXPECT_EQ(read("auto", {{"SLURM_ARRAY_TASK_ID", "1"}}), "--shard auto: SLURM_ARRAY_TASK_MIN is not set");
}

TEST(ShardOption, Kubernetes) {
  EXPECT_EQ(read("auto", {{"JOB_COMPLETION_INDEX", "0"}, {"BHLINT_SHARDS", "8"}}), "1/8");
  EXPECT_EQ(read("auto", {{"JOB_COMPLETION_INDEX", "7"}, {"BHLINT_SHARDS", "8"}}), "8/8");
  EXPECT_EQ(read("auto", {{"JOB_COMPLETION_INDEX", "8"}, {"BHLINT_SHARDS", "8"}}),
            "--shard auto (Kubernetes): shards are numbered from 1 to 8, so there is no shard 9");
  EXPECT_THAT(read("auto", {{"JOB_COMPLETION_INDEX", "0"}}), HasSubstr("BHLINT_SHARDS is not set; Kubernetes tells"));
}

TEST(ShardOption, Gitlab) {
  EXPECT_EQ(read("auto", {{"CI_NODE_INDEX", "1"}, {"CI_NODE_TOTAL", "5"}}), "1/5");
  EXPECT_EQ(read("auto", {{"CI_NODE_INDEX", "6"}, {"CI_NODE_TOTAL", "5"}}),
            "--shard auto (GitLab): shards are numbered from 1 to 5, so there is no shard 6");
  EXPECT_EQ(read("auto", {{"CI_NODE_INDEX", "1"}}), "--shard auto: CI_NODE_TOTAL is not set");
}

TEST(ShardOption, NoEngineOrTwo) {
  EXPECT_THAT(read("auto"), HasSubstr("this is no task of a job array"));
  EXPECT_THAT(read("auto", {{"CI_NODE_TOTAL", "1"}}), HasSubstr("this is no task of a job array"));
  Variables both = slurm("1", "1", "4", "4", "1");
  both["CI_NODE_INDEX"] = "2";
  both["CI_NODE_TOTAL"] = "3";
  EXPECT_EQ(read("auto", both), "--shard auto: the variables of both Slurm and GitLab are set; say --shard K/N");
}

} // namespace
} // namespace bhlint
