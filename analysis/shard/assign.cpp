#include "analysis/shard/assign.h"

#include "analysis/cache/digest.h"

#include "llvm/ADT/StringMap.h"

#include <algorithm>

namespace bhlint {

std::string toString(ShardNumber shard) { return std::to_string(shard.number) + "/" + std::to_string(shard.count); }

std::vector<unsigned> assignShards(llvm::ArrayRef<std::string> units, unsigned count) {
  struct Card {
    Digest digest;
    std::size_t position;
  };
  std::vector<Card> cards;
  llvm::StringMap<unsigned> occurrences;
  for (std::size_t position = 0; position < units.size(); ++position) {
    std::string occurrence = std::to_string(occurrences[units[position]]++);
    cards.push_back({Hasher().addField(units[position]).addField(occurrence).finish(), position});
  }
  std::sort(cards.begin(), cards.end(), [](const Card &a, const Card &b) { return a.digest.bytes < b.digest.bytes; });
  std::vector<unsigned> shards(units.size());
  for (std::size_t i = 0; i < cards.size(); ++i)
    shards[cards[i].position] = 1 + static_cast<unsigned>(i % count);
  return shards;
}

} // namespace bhlint
