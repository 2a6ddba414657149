#include "analysis/cache/packed_bytes.h"

#include "analysis/cache/test_folder.h"

#include "gtest/gtest.h"

#include <random>

namespace bhlint {
namespace {

TEST(PackedBytes, ComeBack) {
  for (const std::string &bytes : {std::string(), std::string("x"), std::string(100000, 'x'), noise(5000, 1)}) {
    EXPECT_EQ(unpackBytes(packBytes(bytes)), bytes);
    EXPECT_EQ(packBytes(bytes), packBytes(bytes));
  }
  EXPECT_LT(packBytes(std::string(100000, 'x')).size(), 1000u);
}

TEST(PackedBytes, AnyBytesAreReadSafely) {
  EXPECT_EQ(unpackBytes(""), std::nullopt);
  EXPECT_EQ(unpackBytes("q"), std::nullopt);
  EXPECT_EQ(unpackBytes("z1234567"), std::nullopt);
  EXPECT_EQ(unpackBytes("z" + std::string(7, '\xff') + "\x7f" + "some bytes"), std::nullopt) << "8 EiB";
  std::string packed = packBytes(std::string(1000, 'a') + noise(1000, 2));
  for (std::size_t length = 0; length < packed.size(); ++length)
    EXPECT_EQ(unpackBytes(packed.substr(0, length)), std::nullopt);
  std::mt19937 random(3);
  for (int round = 0; round < 1000; ++round) {
    std::string changed = packed;
    changed[random() % changed.size()] ^= static_cast<char>(1u << random() % 8);
    unpackBytes(changed); // whatever it gives: the seal of the file is what tells
  }
}

} // namespace
} // namespace bhlint
