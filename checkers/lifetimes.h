// Lifetimes: how the records of a module go: which calls free them, and which are freed by the driver core; and how the
// module's last functions lead to what they call.
#pragma once

#include "checkers/deferral_uses.h"

namespace bhlint {

class Lifetimes {
public:
  /// Of modules in `modules` only.
  Lifetimes(const Program &program, const std::set<NameId> &modules);

  using Record = std::pair<NameId, NameId>; ///< module, record
  /// Calls that free a record, in order.
  llvm::ArrayRef<UsePlace> frees(Record record) const { return placesIn(freed, record); }
  /// Calls whose results are freed after the last function of the driver has returned.
  llvm::ArrayRef<UsePlace> managed(Record record) const { return placesIn(managedAt, record); }
  /// Whether the module calls one of the functions.
  bool isCalled(NameId module, const std::vector<std::string> &functions) const;

  struct Step {
    FunctionId from = noId; ///< noId: a last function itself
    std::uint32_t event = noId;
  };
  /// What the last functions of the module (remove, disconnect, exit) lead to, each by a shortest way.
  const std::map<FunctionId, Step> &lastSteps(NameId module) const;
  /// The last functions themselves.
  llvm::ArrayRef<FunctionId> ends(NameId module) const;
  /// Whether only what sets up a device, or the module, leads to the function: what it undoes is undone when that
  /// fails.
  bool isUnwinding(FunctionId function, NameId module) const;
  /// Whether the function is the first of a driver, as contracts say: probe().
  bool isFirst(FunctionId function) const { return firstFunctions.count(function) != 0; }
  /// The record that a pointer points to, as far as its uses tell; 0: they don't.
  static NameId recordOf(const Body &body, const Operand &value);
  /// Whether the handler gives up a reference, or frees the record itself: somebody has left it to the handler.
  bool givesUpReference(FunctionId handler, Record record) const;

private:
  using Places = std::map<Record, std::vector<UsePlace>>;
  static llvm::ArrayRef<UsePlace> placesIn(const Places &places, Record record) {
    auto found = places.find(record);
    return found == places.end() ? llvm::ArrayRef<UsePlace>() : llvm::ArrayRef<UsePlace>(found->second);
  }
  void nameFunctions();
  void findEnds(const std::set<NameId> &modules);
  bool isBuiltIn(const Function &function) const;
  void scan(FunctionId id, const Body &body);
  void scanCall(FunctionId id, const Body &body, std::uint32_t event);
  void findBegins(const std::set<NameId> &modules);

  const Program &program;
  std::map<NameId, const FreeContract *> freeing;
  std::set<NameId> managing, putting;
  std::map<NameId, std::vector<const FreeContract *>> privates; ///< by what returns it
  Places freed, managedAt;
  std::map<std::pair<NameId, const FreeContract *>, std::vector<UsePlace>> wholeFrees; ///< by module
  std::map<Record, std::set<const FreeContract *>> isPrivate;
  llvm::DenseSet<std::pair<NameId, NameId>> called; ///< module, function
  std::map<NameId, std::vector<FunctionId>> lastFunctions;
  std::set<FunctionId> firstFunctions;
  llvm::DenseMap<FunctionId, llvm::SmallVector<FunctionId, 2>> callers; ///< in the same module
  mutable std::map<NameId, std::map<FunctionId, Step>> steps; ///< as asked
};

} // namespace bhlint
