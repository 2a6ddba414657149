// FlatUnit: a unit's facts where they lie in their bytes, checked, and read without making UnitFacts of them.
//
// UnitFacts are thousands of small lists; who goes through the facts of a whole tree once can do without (link_unit.h).
// What the lists mean is in facts.h, how they lie in facts.fbs: those of all functions stand one after the other, and
// `Function` says where a function's own begin.
#pragma once

#include "analysis/facts/facts.h"
#include "analysis/facts/facts_generated.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace bhlint::facts {

/// The lists of a unit, or places in them.
struct FlatPlaces {
  std::uint32_t parameters = 0, parameterRecords = 0, locals = 0, paths = 0, fieldSteps = 0, events = 0, arguments = 0,
                blocks = 0, edges = 0, guards = 0, assigns = 0;
};

class FlatUnit {
public:
  struct Function {
    const wire::Function *head = nullptr;
    FlatPlaces begin;
  };

  /// Bytes are not trusted: all counts fit together and all indices are in range afterwards. The error is one sentence
  /// that says what is wrong with them.
  static llvm::Expected<std::unique_ptr<const FlatUnit>> open(std::string bytes);
  /// Whether open() would take them; of an index that is out of range, only what it is (validate.h).
  static llvm::Error validate(std::string bytes);
  FlatUnit(const FlatUnit &) = delete;

  const wire::Unit &unit() const { return *root; }
  llvm::ArrayRef<llvm::StringRef> strings() const { return texts; }
  llvm::StringRef text(StringId id) const { return texts[id]; }
  llvm::ArrayRef<Function> functions() const { return functionList; }
  /// Where the lists of functions end.
  const FlatPlaces &end() const { return places; }
  Symbol symbol(SymbolIndex index) const;
  Value value(std::uint32_t id) const;
  std::vector<Initializer> initializers() const;
  std::vector<Suppression> suppressions() const;
  static Location location(const wire::Location &l) { return {l.file(), l.line(), l.column()}; }

  // The bits of wire::Unit, wire::Symbol and wire::Function.
  enum UnitFlag : std::uint32_t { BuiltIn = 1 };
  enum SymbolFlag : std::uint32_t { IsFunction = 1, IsNoReturn = 2 };
  enum FunctionFlag : std::uint32_t { IsInit = 1, IsExit = 2, IsInHeader = 4, IsInline = 8, IsTruncated = 16 };

private:
  friend class FlatCheck;
  explicit FlatUnit(std::string given);
  llvm::Error read(std::string &problem);

  std::string bytes;
  std::unique_ptr<std::uint64_t[]> aligned; ///< a copy, where `bytes` don't lie on an 8-byte boundary
  const wire::Unit *root = nullptr;
  std::vector<llvm::StringRef> texts;
  std::vector<Function> functionList;
  FlatPlaces places; ///< end(); field steps of initializers follow
};

} // namespace bhlint::facts
