// CallResolver: which functions an event can call. Direct calls are certain; calls through fields are narrowed by the
// object, then by the module, then are every function stored in a field of that name and type.
#pragma once

#include "analysis/program/state.h"

#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>

namespace bhlint {

struct CallTarget {
  FunctionId function = noId;
  Confidence confidence = Confidence::High;
  std::uint32_t object = noId; ///< the ops table that it comes from, when one is known
};

class CallResolver {
public:
  explicit CallResolver(const Program &program);
  /// Targets of event `event` of `caller`; empty = unknown. Sorted. Does not look at values: for that see
  /// `targetsOf` with a state.
  llvm::SmallVector<CallTarget, 2> targetsOf(FunctionId caller, std::uint32_t event) const;
  /// The same on one path: a function pointer whose value is known there calls just that.
  llvm::SmallVector<CallTarget, 2> targetsOf(FunctionId caller, std::uint32_t event, const Evaluator &evaluator,
                                             const State &state) const;
  static constexpr std::size_t mostTargets = 64;        ///< above that the call is unknown
  static constexpr std::size_t mostBottomUpTargets = 8; ///< above that summaries take the call as unknown

private:
  llvm::SmallVector<CallTarget, 2> throughField(const Function &caller, const Path &path) const;
  llvm::SmallVector<CallTarget, 2> throughType(NameId module, FieldKey field) const;
  llvm::SmallVector<CallTarget, 2> throughValue(const Body &body, const Operand &value) const;
  const Program &program;
  std::map<std::pair<std::uint32_t, FieldKey>, std::vector<std::uint32_t>> pointees;      ///< object, field -> objects
  std::unique_ptr<std::shared_mutex> mutex = std::make_unique<std::shared_mutex>();       ///< of `byType`
  mutable std::map<std::pair<NameId, FieldKey>, llvm::SmallVector<CallTarget, 2>> byType; ///< throughType(), as asked
};

} // namespace bhlint
