// Calls as written in a scenario -> Program. Resolves names through a symbol table that the scenario reader fills.
#pragma once

#include "runtime-model/catalogue.h"
#include "runtime-model/system.h"

#include "llvm/ADT/ArrayRef.h"

#include <map>
#include <string>
#include <vector>

namespace bhlint::model {

enum class SymbolKind : std::uint8_t { Lock, Tasklet, Work, Queue, Timer, Line, Action, Callback, Variable, Task, Slot };
const char *symbolKindName(SymbolKind kind);

struct Symbol {
  SymbolKind kind;
  unsigned index;
};

/// One line of a list of calls, with its place.
struct CallText {
  std::string text;
  unsigned line = 0, column = 0;
};

class ProgramCompiler {
public:
  ProgramCompiler(System &system, std::map<std::string, Symbol, std::less<>> &symbols, std::string file,
                  std::vector<Diagnostic> &diagnostics)
      : target(system), names(symbols), fileName(std::move(file)), errors(diagnostics) {}

  /// Adds a program and returns its index.
  int compile(const std::string &name, const std::vector<CallText> &calls);
  /// Index of a named object, created when it is one of the kernel's own; -1 and an error otherwise.
  int resolve(const std::string &name, SymbolKind kind, const CallText &at);

private:
  void compileCall(const CallText &call, Program &program);
  void compileFunction(const FunctionText &function, llvm::ArrayRef<llvm::StringRef> arguments, const CallText &call,
                       Program &program);
  bool emit(const StepText &step, llvm::ArrayRef<llvm::StringRef> arguments, const CallText &call, Program &program);
  bool resolveOperand(const StepText &step, Operand operand, const std::string &first, const std::string &second,
                      const CallText &call, Instruction &out);
  void error(const CallText &at, std::string message);
  int builtinQueue(const std::string &name);
  int builtinLock(const std::string &name);

  System &target;
  std::map<std::string, Symbol, std::less<>> &names;
  std::string fileName;
  std::vector<Diagnostic> &errors;
  std::map<std::string, unsigned, std::less<>> labels;
  std::vector<std::pair<std::size_t, std::string>> jumps; ///< instruction, label
};

} // namespace bhlint::model
