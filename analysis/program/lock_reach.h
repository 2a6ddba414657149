// LockReach: which functions lead to a lock, to a wait, or to a field that both halves use, so that the walk (lock_walk.h)
// need not enter the others.
#pragma once

#include "analysis/program/lock_events.h"
#include "analysis/program/node_visit.h"
#include "analysis/program/parallel.h"
#include "analysis/program/shared_fields.h"

#include "llvm/ADT/BitVector.h"

namespace bhlint {

class LockReach {
public:
  LockReach(const Program &program, const CallResolver &resolver, const LockTable &table, const SharedFields &fields,
            Workers &workers);

  /// What a body calls, as far as it has a body and contracts don't say all of it.
  struct Calls {
    struct Call {
      std::uint32_t event = 0, firstTarget = 0, targetCount = 0;
      bool isOneOfSeveral = false; ///< there are other targets, without a body
    };
    std::vector<Call> calls; ///< in order
    std::vector<CallTarget> targets;
    llvm::ArrayRef<CallTarget> targetsOf(const Call &call) const {
      return llvm::ArrayRef(targets).slice(call.firstTarget, call.targetCount);
    }
  };

  /// The row for a call that waits for a handler; null: it doesn't.
  const WaitContract *waitAt(const BodyEvent &event) const;
  /// Contracts say all of it.
  bool isLeaf(FunctionId id) const;
  /// Whether a walk through `module` goes from `caller` to `callee`.
  bool isInside(NameId module, FunctionId caller, FunctionId callee) const;

  llvm::BitVector reachesLock, reachesWait; ///< by function; the second implies the first
  llvm::BitVector isWalked;                 ///< those, and what leads to a field
  llvm::BitVector isCalled;
  std::vector<std::vector<LockEvent>> locks; ///< by function
  std::vector<Calls> calls;                  ///< by function

private:
  void indexContracts();
  void addContracted(const std::string &record, const std::string &field);
  void find(const LockTable &table, const SharedFields &fields, Workers &workers);
  Calls callsIn(FunctionId id) const;
  llvm::SmallVector<CallTarget, 2> targetsOf(FunctionId id, std::uint32_t event) const;
  using Callers = std::vector<std::vector<FunctionId>>;
  void spreadFields(const SharedFields &fields, const Callers &callers);
  void spread(std::vector<FunctionId> worklist, const std::vector<std::vector<FunctionId>> &callers);

  const Program &program;
  const CallResolver &resolver;
  llvm::DenseMap<NameId, const WaitContract *> waits;
  FieldSet contractedFields;
};

} // namespace bhlint
