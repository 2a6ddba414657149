// UnitBodies: the bodies of a unit's functions as the program keeps them, each list of all of them in one array.
//
// They are made by whoever unpacks a unit, on any thread, so they refer to names, functions, globals and masks by the
// unit's own numbers. Which of these the program needs, and in what order it is to number them, stands beside each
// body; when link() has done that, setNumbers() puts the program's numbers in.
#pragma once

#include "analysis/program/link_index.h"
#include "analysis/program/program.h"

namespace bhlint {

namespace facts {
class FlatUnit;
}

/// A number of the unit that becomes one of the program's.
struct NumberUse {
  enum Kind : std::uint8_t {
    Text,    ///< facts::StringId
    Callee,  ///< facts::SymbolIndex of a function that is called
    Address, ///< facts::SymbolIndex of a function whose address is taken
    Global   ///< facts::SymbolIndex of a variable
  };
  std::uint32_t kind : 2;
  std::uint32_t index : 30;
};

/// A unit's numbers -> the program's. What nobody has asked for has none.
struct UnitNumbers {
  std::vector<NameId> names;          ///< by StringId
  std::vector<FunctionId> functions;  ///< by SymbolIndex
  std::vector<std::uint32_t> globals; ///< by SymbolIndex: GlobalId
};

class UnitBodies {
public:
  /// Makes the bodies of the functions for which `isWanted` says so, by their index in `unit`.
  UnitBodies(const facts::FlatUnit &unit, const LinkIndex &index, llvm::function_ref<bool(std::size_t)> isWanted);
  UnitBodies(const UnitBodies &) = delete;

  /// Of a function, by its index in the unit; null: not wanted.
  const Body *bodyOf(std::size_t function) const {
    return functions[function].body.blocks.empty() ? nullptr : &functions[function].body; // each has an entry block
  }
  /// What its body refers to: each number once, in the order in which it does so.
  llvm::ArrayRef<NumberUse> usesOf(std::size_t function) const { return part(uses, &Ends::uses, function); }
  /// The same, into maskBits().
  llvm::ArrayRef<std::uint32_t> bitsOf(std::size_t function) const { return part(usedBits, &Ends::bits, function); }
  /// Names that it calls and LinkIndex::isAsked.
  llvm::ArrayRef<facts::StringId> askedCallsOf(std::size_t function) const {
    return part(askedCalls, &Ends::asked, function);
  }
  /// Masks and constants of the unit's values; [0]: mask ~0, bits 0.
  llvm::ArrayRef<MaskBits> maskBits() const { return bits; }

  /// Puts the program's numbers in. To be called once, when every use in a body that the program keeps has its number.
  /// `bitNumbers`: by maskBits(). What only link() wants is gone then.
  void setNumbers(const UnitNumbers &numbers, llvm::ArrayRef<std::uint32_t> bitNumbers);

private:
  friend class BodyMaker;
  /// Of the parts of a function in the lists below.
  struct Ends {
    std::uint32_t uses = 0, bits = 0, asked = 0;
  };
  struct MadeFunction {
    Body body;
    Ends ends;
  };
  template <typename T>
  llvm::ArrayRef<T> part(const std::vector<T> &list, std::uint32_t Ends::*end, std::size_t function) const {
    const std::uint32_t begin = function == 0 ? 0 : functions[function - 1].ends.*end;
    return llvm::ArrayRef(list).slice(begin, functions[function].ends.*end - begin);
  }

  std::vector<MadeFunction> functions; ///< as in the unit
  std::vector<NumberUse> uses;
  std::vector<std::uint32_t> usedBits;
  std::vector<facts::StringId> askedCalls;
  std::vector<MaskBits> bits;
  // Slices of these are what a Body holds; they don't grow after they were made.
  std::vector<NameId> names;
  std::vector<FieldKey> fields;
  std::vector<Path> paths;
  std::vector<BodyEvent> events;
  std::vector<Operand> arguments;
  std::vector<BodyBlock> blocks;
  std::vector<BodyEdge> edges;
  std::vector<EdgeGuard> guards;
  std::vector<EdgeAssignment> assigns;
};

} // namespace bhlint
