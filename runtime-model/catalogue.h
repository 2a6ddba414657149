// Catalogue: what kernel functions do, in instructions. Read from data/functions.yaml; the scenario language's words.
//
// A function is described by its mechanism, never by a verdict. What is allowed where comes out of running it.
//
// To add a function: a row in data/functions.yaml.
#pragma once

#include "runtime-model/instruction.h"
#include "runtime-model/system.h"

#include "llvm/ADT/StringRef.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace bhlint::model {

/// Something wrong in a file that a person wrote. 1-based.
struct Diagnostic {
  std::string file;
  unsigned line = 0, column = 0;
  std::string message;
};
std::string toString(const Diagnostic &diagnostic);

/// One step of a function's description, as written: `might_sleep @kernel/locking/mutex.c:586 unless in_interrupt`.
struct StepText {
  Act act = Act::Nop;
  std::string operand;      ///< "$1", ".slab", or a name
  std::string second;       ///< "$2": the queue of work_queue, the value of set
  std::string site;
  Guard guard;
  std::string guardVariable;
  bool onlyIfBlocking = false; ///< `if blocking`: only with a gfp argument that allows direct reclaim
  bool onlyIfAtomic = false;
};

enum class ArgumentKind : std::uint8_t { Lock, Tasklet, Work, Queue, Timer, Line, Action, Callback, Variable, Gfp };

struct FunctionText {
  std::string name;
  std::vector<ArgumentKind> arguments;
  std::vector<StepText> does;
  unsigned line = 0;
};

struct Catalogue {
  std::map<std::string, FunctionText, std::less<>> functions;
  std::map<std::string, LockKind, std::less<>> locks; ///< the kernel's own: ".slab"
  std::map<std::string, bool, std::less<>> gfp;       ///< flag -> may reclaim directly
};

/// Parses one step; fills `error` and returns false when it does not make sense.
bool parseStep(llvm::StringRef text, StepText &step, std::string &error);

/// The catalogue that is built in. Parsed once.
const Catalogue &catalogue();
/// From YAML text; `file` is for messages.
std::unique_ptr<Catalogue> readCatalogue(llvm::StringRef yaml, const std::string &file,
                                         std::vector<Diagnostic> &diagnostics);

} // namespace bhlint::model
