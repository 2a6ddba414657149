#include "analysis/facts/serialize.h"

#include "analysis/facts/dump.h"
#include "analysis/facts/random_facts.h"
#include "analysis/facts/validate.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include <cstring>
#include <memory>
#include <random>

using namespace llvm;
using testing::HasSubstr;

namespace bhlint::facts {
namespace {

std::string errorOf(StringRef bytes) {
  Expected<UnitFacts> unit = deserialize(bytes);
  return unit ? std::string() : toString(unit.takeError());
}

void expectRoundTrip(const UnitFacts &unit) {
  Expected<UnitFacts> back = deserialize(serialize(unit));
  ASSERT_TRUE(bool(back)) << toString(back.takeError());
  EXPECT_EQ(*back, unit);
}

TEST(Serialize, EmptyUnitComesBack) { expectRoundTrip(UnitFacts()); }

TEST(Serialize, RandomFactsComeBackEqual) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    UnitFacts unit = randomFacts(seed, seed % 7);
    ASSERT_EQ(toString(validate(unit)), "");
    expectRoundTrip(unit);
  }
}

/// What stands before an empty list decides whether it lies on an even boundary, which does not matter for it.
TEST(Serialize, EmptyListsComeBackWhereverTheyLie) {
  for (std::size_t strings = 0; strings < 4; ++strings)
    for (std::size_t length = 0; length < 9; ++length)
      for (std::size_t symbols = 0; symbols < 4; ++symbols) {
        SCOPED_TRACE(testing::Message() << strings << " strings of " << length << ", " << symbols << " symbols");
        UnitFacts unit;
        unit.strings.resize(1 + strings, std::string(length, 'x'));
        unit.symbols.resize(symbols);
        expectRoundTrip(unit);
        unit.functions.resize(1);
        unit.symbols.resize(1 + symbols);
        unit.functions[0].blocks.resize(1);
        expectRoundTrip(unit);
      }
}

TEST(Serialize, SameFactsGiveSameBytes) {
  EXPECT_EQ(serialize(randomFacts(1, 20)), serialize(randomFacts(1, 20)));
  EXPECT_NE(serialize(randomFacts(1, 20)), serialize(randomFacts(2, 20)));
}

TEST(Serialize, ReadsFromAnyAddress) {
  UnitFacts unit = randomFacts(5, 10);
  std::string bytes = serialize(unit);
  for (unsigned shift = 0; shift < 8; ++shift) {
    std::string shifted = std::string(shift, 'x') + bytes;
    Expected<UnitFacts> back = deserialize(StringRef(shifted).drop_front(shift));
    ASSERT_TRUE(bool(back)) << toString(back.takeError());
    EXPECT_EQ(*back, unit);
  }
}

TEST(Serialize, RefusesWhatIsNotFacts) {
  EXPECT_EQ(errorOf(""), "these are not facts, or they are damaged");
  EXPECT_EQ(errorOf("BHFU"), "these are not facts, or they are damaged");
  EXPECT_EQ(errorOf(std::string(1000, '\0')), "these are not facts, or they are damaged");
  EXPECT_EQ(errorOf(std::string(1000, '\xff')), "these are not facts, or they are damaged");
}

/// The version is the only 4-byte number with this value near the root of an empty unit.
TEST(Serialize, NamesTheVersionThatItCannotRead) {
  std::string bytes = serialize(UnitFacts());
  std::string before(reinterpret_cast<const char *>(&formatVersion), sizeof formatVersion);
  std::uint32_t other = formatVersion + 1000;
  bool isFound = false;
  for (std::size_t at = 8; at + 4 <= bytes.size() && !isFound; at += 4) {
    if (bytes.compare(at, 4, before) != 0)
      continue;
    std::string changed = bytes;
    changed.replace(at, 4, reinterpret_cast<const char *>(&other), 4);
    isFound = errorOf(changed) == "the facts are of format " + std::to_string(other) + ", this program reads format " +
                                      std::to_string(formatVersion);
  }
  EXPECT_TRUE(isFound);
}

TEST(Serialize, RefusesIndicesOutOfRange) {
  UnitFacts unit = randomFacts(3, 4);
  unit.functions[2].blocks[0].edges.push_back({1000, {}, {}});
  EXPECT_EQ(errorOf(serialize(unit)),
            "the facts are damaged: function 2: a block or its edges refer to something out of range");
}

TEST(Serialize, RefusesAnUnknownEnumerator) {
  UnitFacts unit = randomFacts(3, 4);
  unit.functions[1].paths.push_back({static_cast<RootKind>(77), 0, 0, {}, 0});
  EXPECT_EQ(errorOf(serialize(unit)), "the facts are damaged: their parts do not fit together");
}

/// An exact-size heap copy, so that ASan sees a read of one byte too many.
std::unique_ptr<char[]> exactCopy(StringRef bytes) {
  std::unique_ptr<char[]> copy(new char[bytes.size() ? bytes.size() : 1]);
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return copy;
}

/// Refused, or in range everywhere: dump() and validate() walk through every index.
bool isRefusedOrInRange(StringRef bytes) {
  auto copy = exactCopy(bytes);
  Expected<UnitFacts> unit = deserialize(StringRef(copy.get(), bytes.size()));
  if (!unit) {
    consumeError(unit.takeError());
    return true;
  }
  if (Error error = validate(*unit)) {
    consumeError(std::move(error));
    return false;
  }
  return dump(*unit).find("<bad") == std::string::npos;
}

TEST(SerializeCorruption, EveryTruncationIsRefused) {
  std::string bytes = serialize(randomFacts(11, 3));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    auto copy = exactCopy(StringRef(bytes).take_front(length));
    EXPECT_NE(errorOf(StringRef(copy.get(), length)), "") << "cut to " << length << " of " << bytes.size();
  }
}

TEST(SerializeCorruption, FlippedBitsAreRefusedOrInRange) {
  std::mt19937_64 random(17);
  std::string bytes = serialize(randomFacts(12, 6));
  unsigned refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string changed = bytes;
    for (auto n = 1 + random() % 4; n; --n)
      changed[random() % changed.size()] ^= static_cast<char>(1u << random() % 8);
    ASSERT_TRUE(isRefusedOrInRange(changed)) << "round " << i;
    refused += !errorOf(changed).empty();
  }
  // A flip in a name or a line number yields other facts; one in a count or an index does not pass.
  EXPECT_GT(refused, 500u);
}

/// Random words over random places reach counts and offsets that single bits do not.
TEST(SerializeCorruption, OverwrittenWordsAreRefusedOrInRange) {
  static constexpr std::uint32_t words[] = {0,          1,          2,       0x7fffffff, 0x80000000,
                                            0xffffffff, 0xfffffffe, 0x10000, 0x3fffffff};
  std::mt19937_64 random(18);
  std::string bytes = serialize(randomFacts(13, 2));
  for (int i = 0; i < 5000; ++i) {
    std::string changed = bytes;
    std::uint32_t word = words[random() % std::size(words)];
    changed.replace(random() % (changed.size() / 4) * 4, 4, reinterpret_cast<const char *>(&word), 4);
    ASSERT_TRUE(isRefusedOrInRange(changed)) << "round " << i;
  }
}

/// Offsets that are a little off still lead to something, but not to where an 8-byte number may lie. (UBSan tells.)
TEST(SerializeCorruption, ShiftedOffsetsAreRefusedOrInRange) {
  std::string bytes = serialize(randomFacts(15, 1));
  for (std::size_t at = 0; at + 4 <= std::min<std::size_t>(bytes.size(), 400); at += 4)
    for (int step : {-8, -4, 4, 8}) {
      std::uint32_t word;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      word += static_cast<std::uint32_t>(step);
      std::string changed = bytes;
      changed.replace(at, sizeof word, reinterpret_cast<const char *>(&word), sizeof word);
      ASSERT_TRUE(isRefusedOrInRange(changed)) << "at " << at << " by " << step;
    }
}

TEST(SerializeCorruption, NoiseBehindAValidStartIsRefusedOrInRange) {
  std::mt19937_64 random(19);
  std::string bytes = serialize(randomFacts(14, 2));
  for (int i = 0; i < 1000; ++i) {
    std::string changed = bytes.substr(0, random() % bytes.size());
    for (auto n = random() % 200; n; --n)
      changed += static_cast<char>(random());
    ASSERT_TRUE(isRefusedOrInRange(changed)) << "round " << i;
  }
}

} // namespace
} // namespace bhlint::facts
