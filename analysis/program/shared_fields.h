// SharedFields: which fields of records a module writes in one half (interrupts, bottom halves) and uses in the other
// (processes), and where. What protects them is found by the walk over locks (lock_walk.h), which goes to these places.
//
// Facts tell stores of constants, variables, results and set bits; a read only where its value is an argument,
// returned, kept, or decides a branch; of the latter they don't have the line. Only fields of records that have a lock,
// too, are looked at: others are mostly of objects that one half hands to the other. Fields whose address is handed to
// others, and those that an ordering macro or function is used for anywhere in the module, are left out, whatever else
// is done to them.
#pragma once

#include "analysis/program/contexts.h"
#include "analysis/program/lock_events.h"

#include "llvm/ADT/BitVector.h"

#include <map>

namespace bhlint {

/// An event that uses a field; several, if it uses several.
struct FieldAccess {
  std::uint32_t event = 0;
  FieldKey field;
  bool isWrite = false;
  bool isChange = false; ///< of bits, by what was there: `x |= 4`
};

class SharedFields {
public:
  SharedFields() = default; ///< none
  SharedFields(const Program &program, const ContextMap &contexts, const LockTable &locks);
  /// By event. Of functions that only run while their module starts: none.
  llvm::ArrayRef<FieldAccess> accessesOf(FunctionId id) const;
  /// Whether there is more to the event's block: what its branches ask for.
  llvm::ArrayRef<FieldKey> askedBy(FunctionId id, std::uint32_t block) const;
  bool has(FunctionId id) const { return id < isUser.size() && isUser.test(id); }

  /// Contexts that interrupt a process.
  static std::uint16_t interrupting();

private:
  struct Use {
    bool isWrittenAbove = false, isUsedAbove = false, isWrittenBelow = false, isUsedBelow = false;
    bool isLeftOut = false;
    bool isShared() const { return !isLeftOut && ((isWrittenAbove && isUsedBelow) || (isWrittenBelow && isUsedAbove)); }
  };
  struct Found {
    std::vector<FieldAccess> accesses;
    std::vector<std::pair<std::uint32_t, FieldKey>> asked; ///< block, field
  };
  struct Places {
    std::vector<FieldAccess> accesses;
    std::vector<std::vector<FieldKey>> asked; ///< by block
  };
  Found scan(const Body &body, NameId module);
  void note(NameId module, std::uint16_t ambient, const Found &found);
  bool isOrdering(const BodyEvent &event) const;
  bool isOfInterest(FieldKey field) const;

  const Program *program = nullptr; ///< null, as `locks`: nothing was looked at
  const LockTable *locks = nullptr;
  llvm::DenseSet<NameId> orderings, atomicRecords;
  std::map<std::pair<NameId, FieldKey>, Use> uses; ///< by module
  std::map<FunctionId, Places> places;
  llvm::BitVector isUser;
};

} // namespace bhlint
