#include "analysis/program/program_tables.h"

#include <algorithm>
#include <tuple>

namespace bhlint {

namespace {

void sortFieldBits(Program &program) {
  auto order = [](const FieldBits &entry) { return std::tie(entry.field, entry.module); };
  std::sort(program.fieldBits.begin(), program.fieldBits.end(),
            [&](const FieldBits &a, const FieldBits &b) { return order(a) < order(b); });
  std::vector<FieldBits> merged;
  for (const FieldBits &entry : program.fieldBits) {
    if (!merged.empty() && order(merged.back()) == order(entry))
      merged.back().bits |= entry.bits;
    else
      merged.push_back(entry);
  }
  program.fieldBits = std::move(merged);
}

} // namespace

void sortBindings(Program &program) {
  auto order = [](const FieldBinding &binding) {
    return std::tie(binding.function, binding.object, binding.setter, binding.owners, binding.place.file,
                    binding.place.line);
  };
  auto sortUnique = [&](auto &list) {
    std::sort(list.begin(), list.end(), [&](const auto &a, const auto &b) {
      return a.first == b.first ? order(a.second) < order(b.second) : a.first < b.first;
    });
    list.erase(std::unique(list.begin(), list.end(),
                           [&](const auto &a, const auto &b) {
                             return a.first == b.first && order(a.second) == order(b.second);
                           }),
               list.end());
  };
  sortUnique(program.fieldBindings);
  sortUnique(program.arrayBindings);
  sortFieldBits(program);
  std::sort(program.fieldConstants.begin(), program.fieldConstants.end(),
            [](const FieldConstant &a, const FieldConstant &b) {
              return std::tie(a.field, a.module, a.file, a.bits) < std::tie(b.field, b.module, b.file, b.bits);
            });
}

} // namespace bhlint
