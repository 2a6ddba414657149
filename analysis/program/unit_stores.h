// UnitStores: what the code and the initialisers of a unit put into fields and objects.
#pragma once

#include "analysis/program/program.h"

namespace bhlint {

/// In the order in which the unit says so; lists as in Program.
struct UnitStores {
  std::vector<std::pair<FieldKey, FieldBinding>> fieldBindings;
  std::vector<std::pair<std::uint32_t, FieldBinding>> arrayBindings;
  std::vector<ObjectBinding> objectBindings;
  std::vector<FieldConstant> fieldConstants;
  std::vector<FieldBits> fieldBits;
};

/// Adds what `setter`, a function of `module`, stores. `bits`: of the program.
void addStores(const Body &body, FunctionId setter, NameId module, llvm::ArrayRef<MaskBits> bits, UnitStores &stores);

/// Moves all to the ends of the program's lists.
void appendStores(UnitStores stores, Program &program);

} // namespace bhlint
