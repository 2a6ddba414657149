// Shards of a made-up tree, for the tests of this folder.
#pragma once

#include "analysis/facts/random_facts.h"
#include "analysis/shard/shard_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace bhlint {

class TestShards {
public:
  static constexpr unsigned count = 3;
  static constexpr std::uint32_t unitCount = 10;

  TestShards() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bhlint-shard-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~TestShards() { std::filesystem::remove_all(folder); }

  static facts::UnitFacts factsOf(std::uint32_t position) { return facts::randomFacts(position, 1 + position % 4); }

  /// What the shard says, before a test changes it.
  static ShardIndex index(unsigned number) {
    ShardIndex index;
    index.tool = "0.1.0-test";
    index.shard = {number, count};
    index.tree = "/tree";
    index.kernelVersion = "6.12.1";
    for (std::uint32_t i = 0; i < unitCount; ++i)
      index.allUnits.push_back("drivers/unit" + std::to_string(i) + ".c");
    index.commands.bytes[3] = 7;
    index.constants = {{"FLAG_A", true, 1024}, {"FLAG_B", false, 0}};
    std::vector<unsigned> shards = assignShards(index.allUnits, count);
    for (std::uint32_t i = 0; i < unitCount; ++i)
      if (shards[i] == number)
        index.units.push_back({i, i % 3 == 0 ? "unit.c:1: no such thing" : "", 0, 0, {}});
    index.sources = {{"drivers/unit1.c", "/* bhlint: allow(x) y */\nint i;\n"}};
    index.inputs = {{"include/a.h", FileState::Kind::Regular, {}}, {"include/b.h", FileState::Kind::Absent, {}}};
    index.inputs[0].contents.bytes[0] = 5;
    return index;
  }

  std::string path(unsigned number) const { return folder + "/" + shardFileName({number, count}); }

  std::string write(const ShardIndex &index) const {
    std::vector<std::string> packed;
    for (const ShardUnit &unit : index.units)
      packed.push_back(packFacts(factsOf(unit.position)));
    std::string to = path(index.shard.number);
    llvm::cantFail(writeShard(to, index, packed));
    return to;
  }

  static std::string read(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static void overwrite(const std::string &path, const std::string &bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }

  std::string folder;
};

} // namespace bhlint
