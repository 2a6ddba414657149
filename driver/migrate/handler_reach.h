// HandlerReach: functions that run when a group's handlers do, as far as direct calls show.
#pragma once

#include "analysis/migrate/plan.h"
#include "driver/cli/pipeline.h"

#include "llvm/ADT/DenseSet.h"

namespace bhlint {

class HandlerReach {
public:
  HandlerReach(const Run &run, const MigrationGroup &group);

  static bool isDirect(const BodyEvent &event) {
    return event.kind == facts::EventKind::Call &&
           (event.call == facts::CallKind::Direct || event.call == facts::CallKind::Cleanup);
  }
  bool has(const std::string &name) const;
  /// In the order in which they are reached; the handlers first.
  const std::vector<FunctionId> &functions() const { return order; }

private:
  void add(FunctionId id);

  const Program &program;
  llvm::DenseSet<FunctionId> seen;
  std::vector<FunctionId> order;
};

} // namespace bhlint
