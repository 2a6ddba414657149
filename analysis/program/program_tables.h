// What a program is put together with: names, functions, globals and bit sets get their numbers here.
#pragma once

#include "analysis/program/program.h"

#include "llvm/ADT/Hashing.h"

#include <tuple>
#include <unordered_map>

namespace bhlint {

struct KeyHash {
  template <typename Key> std::size_t operator()(const Key &key) const {
    return std::apply([](const auto &...parts) { return static_cast<std::size_t>(llvm::hash_combine(parts...)); }, key);
  }
};
/// Not iterated: the order is no one's.
template <typename Key, typename Id> using IdMap = std::unordered_map<Key, Id, KeyHash>;

class ProgramTables {
public:
  /// `program` is empty.
  explicit ProgramTables(Program &program) : program(program) {
    intern("");
    program.bits.push_back({});
  }

  NameId intern(llvm::StringRef text) { return intern(text, llvm::StringMapImpl::hash(text)); }
  NameId intern(llvm::StringRef text, std::uint32_t hash) {
    auto [entry, isNew] =
        program.stringIds.try_emplace_with_hash(text, hash, static_cast<NameId>(program.strings.size()));
    if (isNew)
      program.strings.push_back(entry->first());
    return entry->second;
  }

  std::uint32_t internBits(std::uint64_t mask, std::uint64_t bits) {
    if (mask == ~0ull && bits == 0) // nearly all
      return 0;
    auto [entry, isNew] = bitIds.try_emplace({mask, bits}, static_cast<std::uint32_t>(program.bits.size()));
    if (isNew)
      program.bits.push_back({mask, bits});
    return entry->second;
  }

  FunctionId addFunction(NameId name, bool isStatic) {
    Function function;
    function.name = name;
    function.isStatic = isStatic;
    program.functions.push_back(function);
    return static_cast<FunctionId>(program.functions.size() - 1);
  }

  std::uint32_t globalOf(NameId name, NameId file) {
    auto [entry, isNew] = globalIds.try_emplace({name, file}, static_cast<std::uint32_t>(program.globals.size()));
    if (isNew)
      program.globals.push_back({name, file});
    return entry->second;
  }

  Program &program;

private:
  IdMap<std::pair<std::uint64_t, std::uint64_t>, std::uint32_t> bitIds;
  IdMap<std::pair<NameId, NameId>, std::uint32_t> globalIds;
};

/// Functions that are called here and defined elsewhere get what was learned of them, and the steps of its chains.
void attachLearned(ProgramTables &tables);

/// Bindings and what is known of fields, in the order in which they are looked up.
void sortBindings(Program &program);

} // namespace bhlint
