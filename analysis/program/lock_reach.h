// LockReach: which functions lead to a lock, to a wait, or to a field that both halves use, so that the walk (lock_walk.h)
// need not enter the others.
#pragma once

#include "analysis/program/lock_events.h"
#include "analysis/program/node_visit.h"
#include "analysis/program/shared_fields.h"

#include "llvm/ADT/BitVector.h"

namespace bhlint {

class LockReach {
public:
  LockReach(const Program &program, const CallResolver &resolver, const LockTable &table,
            const SharedFields &fields);

  /// The row for a call that waits for a handler; null: it doesn't.
  const WaitContract *waitAt(const BodyEvent &event) const;
  /// Contracts say all of it.
  bool isLeaf(FunctionId id) const;
  /// What a call leads to; nothing when that is too many, or when contracts say where it leads.
  llvm::SmallVector<CallTarget, 2> targetsOf(FunctionId id, std::uint32_t event) const;
  /// Whether a walk through `module` goes from `caller` to `callee`.
  bool isInside(NameId module, FunctionId caller, FunctionId callee) const;
  /// Whether the function takes the lock that its parameter points to, or hands it on.
  bool isLockedThrough(FunctionId id, std::uint32_t parameter) const;

  llvm::BitVector reachesLock, reachesWait; ///< by function; the second implies the first
  llvm::BitVector isWalked;                 ///< those, and what leads to a field
  llvm::BitVector isCalled;
  std::vector<std::vector<LockEvent>> locks; ///< by function

private:
  void indexContracts();
  void addContracted(const std::string &record, const std::string &field);
  void find(const LockTable &table, const SharedFields &fields);
  using Callers = std::vector<std::vector<FunctionId>>;
  void spreadFields(const SharedFields &fields, const Callers &callers);
  void spread(std::vector<FunctionId> worklist, const std::vector<std::vector<FunctionId>> &callers);

  const Program &program;
  const CallResolver &resolver;
  llvm::DenseMap<NameId, const WaitContract *> waits;
  FieldSet contractedFields;
};

/// Whether a branch of the body looks at the parameter.
bool asksFor(const Body &body, std::uint32_t parameter);

} // namespace bhlint
