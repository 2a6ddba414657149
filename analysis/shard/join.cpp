#include "analysis/shard/join.h"

#include "llvm/ADT/StringMap.h"

#include <algorithm>
#include <iterator>

using namespace llvm;

namespace bhlint {

namespace {

Error doesNotFit(const ShardFile &a, const ShardFile &b, const Twine &what) {
  return createStringError(b.path() + " does not fit to " + a.path() + ": " + what);
}

std::string describe(const ShardConstant &constant) {
  return constant.isKnown ? std::to_string(constant.value) : "unknown";
}

Error compareUnits(const ShardFile &a, const ShardFile &b) {
  const std::vector<std::string> &left = a.index().allUnits, &right = b.index().allUnits;
  if (left == right)
    return Error::success();
  auto [x, y] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  std::string first = x == left.end() ? "nothing" : *x, second = y == right.end() ? "nothing" : *y;
  return doesNotFit(a, b,
                    "they are shares of different units (" + Twine(left.size()) + " and " + Twine(right.size()) +
                        "; the first difference is " + first + " against " + second + ")");
}

Error compareConstants(const ShardFile &a, const ShardFile &b) {
  const std::vector<ShardConstant> &left = a.index().constants, &right = b.index().constants;
  if (left == right)
    return Error::success();
  auto [x, y] = std::mismatch(left.begin(), left.end(), right.begin(), right.end());
  if (x == left.end() || y == right.end() || x->name != y->name)
    return doesNotFit(a, b, "they were made with different rules");
  return doesNotFit(a, b, "they are of different trees: " + x->name + " is " + describe(*x) + " and " + describe(*y));
}

Error compareOrigins(const ShardFile &a, const ShardFile &b) {
  if (a.index().shard.count != b.index().shard.count)
    return doesNotFit(a, b, "they are shards " + toString(a.index().shard) + " and " + toString(b.index().shard));
  if (a.index().kernelVersion != b.index().kernelVersion)
    return doesNotFit(a, b,
                      "they are of different trees: versions '" + a.index().kernelVersion + "' and '" +
                          b.index().kernelVersion + "'");
  if (Error error = compareUnits(a, b))
    return error;
  if (a.index().commands != b.index().commands)
    return doesNotFit(a, b, "their units are compiled with different commands");
  return compareConstants(a, b);
}

/// Shards read the same headers: one that differs says that the trees do.
class SharedInputs {
public:
  Error add(const ShardFile &shard) {
    for (const ShardInput &input : shard.index().inputs) {
      auto [entry, isNew] = seen.try_emplace(input.path, Seen{&input, &shard});
      const Seen &before = entry->second;
      if (!isNew && !(*before.input == input))
        return doesNotFit(*before.shard, shard,
                          "they are of different trees: the contents of " + input.path + " differ");
    }
    return Error::success();
  }

private:
  struct Seen {
    const ShardInput *input;
    const ShardFile *shard;
  };
  StringMap<Seen> seen;
};

} // namespace

Expected<JoinedShards> joinShards(ArrayRef<ShardFile> shards, StringRef tool) {
  if (shards.empty())
    return createStringError("there is no shard of facts");
  const ShardFile &first = shards.front();
  SharedInputs inputs;
  std::vector<const ShardFile *> byNumber(first.index().shard.count);
  for (const ShardFile &shard : shards) {
    if (shard.index().tool != tool)
      return createStringError(shard.path() + ": made by bhlint " + shard.index().tool + ", and this is bhlint " +
                               tool + "; make the facts again with this one");
    if (Error error = compareOrigins(first, shard))
      return error;
    const ShardFile *&place = byNumber[shard.index().shard.number - 1];
    if (place)
      return createStringError(shard.path() + " and " + place->path() + " overlap: both are shard " +
                               toString(shard.index().shard));
    place = &shard;
    if (Error error = inputs.add(shard))
      return error;
  }
  JoinedShards out;
  std::vector<unsigned> assigned = assignShards(first.index().allUnits, first.index().shard.count);
  for (unsigned i = 0; i < byNumber.size(); ++i)
    if (!byNumber[i])
      out.missing.push_back({i + 1, first.index().shard.count});
  for (std::uint32_t position = 0; position < assigned.size(); ++position)
    if (!byNumber[assigned[position] - 1])
      out.noFacts.push_back(position);
  return out;
}

} // namespace bhlint
