// LockEvents: which lock an event takes or drops, by name.
//
// A lock's name is its class as lockdep means it: the field of a record, or a global. Objects are not told apart, but
// records that are initialised in several places are (a queue head in two other records has two locks). Nothing here knows
// where code runs; see lock_walk.h.
#pragma once

#include "analysis/program/program.h"

#include "llvm/ADT/SmallVector.h"

#include <map>

namespace bhlint {

struct LockName {
  FieldKey field;              ///< empty: a global, or a name of its own
  FieldKey owner;              ///< the field that `field`'s record is reached by; empty: a pointer from elsewhere
  std::uint32_t global = noId; ///< GlobalId
  NameId named = 0;            ///< of EffectContract::lockName: the first function that takes it
  bool isPointer = false;      ///< what the field points to
  friend auto operator<=>(const LockName &, const LockName &) = default;
};

/// A lock as a body names it: by a name, or as what one of its parameters points to.
struct LockReference {
  std::optional<LockName> name;
  std::uint32_t parameter = noId;
  bool isKnown() const { return name || parameter != noId; }
};

struct LockEvent {
  std::uint32_t event = 0;
  const EffectContract *contract = nullptr;
  LockReference lock;
  bool isSleeping = false; ///< a mutex
  bool isMask = false;     ///< no lock: disable_irq()
};

/// What an operand says of a lock: its address, a pointer to it, or a local that holds one of these.
LockReference lockReference(const Body &body, const Operand &operand);

class LockTable {
public:
  explicit LockTable(const Program &program);
  /// In order.
  std::vector<LockEvent> eventsOf(const Body &body) const;
  /// Whether two names may be one lock. nullopt: not; else how certain.
  std::optional<Confidence> areSame(const LockName &a, const LockName &b) const;
  /// Whether a lock is initialised in such records.
  bool isInRecord(NameId record) const { return records.count(record) != 0; }

private:
  void indexInits();

  const Program &program;
  struct Contract {
    const EffectContract *row = nullptr;
    bool isSleeping = false, isMask = false;
  };
  llvm::DenseMap<NameId, Contract> contracts;
  std::map<std::string, NameId> named;
  struct Inits {
    std::vector<FieldKey> owners; ///< of the places that initialise such a lock; sorted
    bool isInHeader = false;
  };
  std::map<FieldKey, Inits> inits;
  llvm::DenseSet<NameId> records; ///< of these fields
};

} // namespace bhlint
