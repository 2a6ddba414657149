#include "analysis/program/link_unit.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

#include <string>

namespace bhlint {

using facts::UnitFacts;

/// `text`: room for it that several functions share.
static std::uint64_t shapeOf(const UnitFacts &unit, const facts::FunctionFacts &function, std::string &text) {
  text.clear();
  auto add = [&](std::uint64_t number) { text.append(reinterpret_cast<const char *>(&number), sizeof number); };
  add(function.location.line);
  for (const facts::Event &event : function.events) {
    add(static_cast<std::uint64_t>(event.kind) << 8 | static_cast<std::uint64_t>(event.call));
    if (event.kind == facts::EventKind::Call && event.index < unit.symbols.size() &&
        event.call != facts::CallKind::Field && event.call != facts::CallKind::Value)
      text += unit.text(unit.symbols[event.index].name);
    else
      text += unit.text(event.macro);
    add(event.value.bits);
    for (const facts::Value &argument : event.arguments) {
      add(static_cast<std::uint64_t>(argument.kind));
      add(argument.bits);
      add(argument.mask);
    }
  }
  for (const facts::Block &block : function.blocks)
    for (const facts::Edge &edge : block.edges)
      add(edge.to << 8 | edge.guards.size());
  return llvm::xxh3_64bits(text);
}

/// An external function may be defined once per module; inline ones in every unit that includes their header. A source
/// that several modules include is each one's own.
static std::uint64_t discriminatorOf(const UnitFacts &unit, const facts::FunctionFacts &function,
                                     std::uint64_t ofModule, std::string &room) {
  const bool isInternal = unit.symbols[function.symbol].file != 0;
  if (!isInternal && !function.isInHeader)
    return ofModule;
  const bool isIncluded = isInternal && !function.isInHeader && function.location.file != unit.mainFile;
  return shapeOf(unit, function, room) ^ (isIncluded ? ofModule : 0);
}

LinkUnit::LinkUnit(UnitFacts given, const LinkIndex &index) : facts(std::move(given)) {
  for (const std::string &text : facts.strings)
    stringHashes.push_back(llvm::StringMapImpl::hash(text));
  const std::uint64_t ofModule = llvm::xxh3_64bits(facts.text(facts.module));
  std::string room;
  for (const facts::FunctionFacts &function : facts.functions) {
    discriminators.push_back(discriminatorOf(facts, function, ofModule, room));
    auto hashOf = [&](facts::StringId id) { return llvm::xxh3_64bits(facts.text(id)); };
    const auto parts = {hashOf(facts.symbols[function.symbol].name), hashOf(function.location.file),
                        discriminators.back()};
    definitions.push_back(llvm::hash_combine_range(parts.begin(), parts.end()));
  }
  const std::vector<bool> areKnown = index.areKnown(definitions);
  bodies = std::make_unique<UnitBodies>(facts, index, [&](std::size_t i) { return !areKnown[i]; });
}

} // namespace bhlint
