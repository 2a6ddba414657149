// PathValues: what the tests on one path through a function have said of values, so that a path which contradicts
// itself is not followed: `if (err) goto fail;` behind `err = 0`, two tests of one flag.
//
// Fields are believed to keep their values while the function runs, other than by its own stores.
#pragma once

#include "analysis/program/program.h"

#include <map>
#include <tuple>

namespace bhlint {

class PathValues {
public:
  /// Whether the path may go on along the edge, by what is known; its tests are known from then on.
  bool follow(const Program &program, const BodyEdge &edge);
  void assign(const Program &program, std::uint32_t local, const Operand &value);
  /// Nothing is known any more of what the path holds.
  void store(std::uint32_t path);
  void know(const Operand &value, bool isNonZero);
  /// nullopt: not known. Constants know themselves.
  std::optional<bool> isNonZero(const Program &program, const Operand &value) const;
  auto operator<=>(const PathValues &) const = default;

private:
  enum class Test : std::uint8_t { AnyBit, Equal };
  using Key = std::tuple<facts::ValueKind, std::uint32_t, std::uint32_t, Test, std::uint64_t>; ///< kind, index, bits
  static Key keyOf(const Operand &value, Test test = Test::AnyBit, std::uint64_t operand = ~0ull) {
    return {value.valueKind(), value.index, value.bits, test, operand};
  }
  bool assume(const Program &program, const EdgeGuard &guard);
  void forget(facts::ValueKind kind, std::uint32_t index);

  std::map<Key, bool> tests;
};

} // namespace bhlint
