// The matrix: each operation in each context, judged by the rules, the model and a real kernel, side by side.
//
// No verdict is typed in. The model's comes from executing data/operations.yaml in data/contexts.yaml; the rules' from a
// function that asks the rule set (rule_verdict.h); the kernel's is recorded data (kernel/matrix.tsv).
//
// To add a context or an operation: a row in its YAML file. To add a kernel's record: tools/kernel-matrix.
#pragma once

#include "runtime-model/explore.h"
#include "runtime-model/scenario.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bhlint::model {

enum class CellVerdict : std::uint8_t {
  Ok,
  Bug,           ///< the kernel's own checks report it
  Hang,
  Silent,        ///< wrong, and nothing reports it
  NotApplicable
};
llvm::StringRef cellVerdictName(CellVerdict verdict);
/// Do a model's and a kernel's verdict say the same? A kernel cannot tell ok from silent; what it reports may also hang.
bool agrees(CellVerdict model, CellVerdict kernel);

struct Judgement {
  CellVerdict verdict = CellVerdict::NotApplicable;
  std::string why;
  Problem problem = Problem::None; ///< of the model
};

/// What an operation does, for who judges by names: the calls as written, "kmalloc GFP_KERNEL", and which of the objects
/// were put on which queue.
struct OperationCalls {
  std::vector<std::string> calls;
  std::map<std::string, std::string> queues;
};

/// What the rules say of an operation in a context. "ok": they have nothing against it.
using RuleJudge = std::function<Judgement(const std::string &context, const OperationCalls &operation,
                                          const Profile &profile)>;

std::vector<std::string> contextNames();
std::vector<std::string> operationNames();
OperationCalls operationCalls(llvm::StringRef context, llvm::StringRef operation);

/// The scenario of one cell. Nothing, with diagnostics empty, when the context has nothing for the operation to do.
std::optional<Scenario> cellScenario(llvm::StringRef context, llvm::StringRef operation, const Profile &profile,
                                     std::vector<Diagnostic> &diagnostics);
Judgement judgeByModel(llvm::StringRef context, llvm::StringRef operation, const Profile &profile);

/// The recorded kernels, and the profile that each was built with.
struct RecordedKernel {
  const char *name;
  Profile profile;
};
const std::vector<RecordedKernel> &recordedKernels();
Judgement judgeByKernel(llvm::StringRef kernel, llvm::StringRef context, llvm::StringRef operation);

/// Preempt count and predicates with which an operation begins in a context; the columns of kernel/contexts.tsv.
struct EntryState {
  std::uint32_t preemptCount = 0;
  bool hardirq = false, softirq = false, serving = false, task = false, irqsOff = false, atomic = false;
  unsigned rcuDepth = 0;
  friend bool operator==(const EntryState &, const EntryState &) = default;
};
std::optional<EntryState> entryState(llvm::StringRef context, const Profile &profile);

struct Cell {
  std::string profile; ///< "preempt" or "preempt-rt"
  std::string context, operation;
  std::string kernelName; ///< whose record it is; empty: none
  CellVerdict rule = CellVerdict::NotApplicable, model = CellVerdict::NotApplicable,
              kernel = CellVerdict::NotApplicable;
  std::string why;
};
std::vector<Cell> computeMatrix(const RuleJudge &rules);

} // namespace bhlint::model
