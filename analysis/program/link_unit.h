// LinkUnit: a unit's facts, with what link() needs of them and any thread can make beforehand. Numbers are given out on
// one thread, in order; the less that one does, the better.
#pragma once

#include "analysis/facts/flat_unit.h"
#include "analysis/program/unit_bodies.h"

#include <memory>

namespace bhlint {

struct LinkUnit {
  /// `index` says which bodies are not wanted any more.
  LinkUnit(std::unique_ptr<const facts::FlatUnit> facts, const LinkIndex &index);

  std::unique_ptr<const facts::FlatUnit> facts;
  std::vector<facts::Initializer> initializers;
  std::vector<facts::Suppression> suppressions;
  /// By function: what tells it from others of its name in its file. Of header functions and internal ones a hash of
  /// the body that does not depend on the unit's numbers, since the preprocessor may make another one of it; of others
  /// the module.
  std::vector<std::uint64_t> discriminators;
  std::vector<std::uint64_t> definitions;  ///< by function: LinkIndex's hash
  std::vector<std::uint32_t> stringHashes; ///< by string: llvm::StringMap's
  std::unique_ptr<UnitBodies> bodies;
};

} // namespace bhlint
