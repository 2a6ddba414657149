#include "analysis/program/link_unit.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

#include <string>

namespace bhlint {

using facts::UnitFacts;

static std::uint64_t shapeOf(const UnitFacts &unit, const facts::FunctionFacts &function) {
  std::string text;
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

LinkUnit::LinkUnit(UnitFacts given) : facts(std::move(given)) {
  for (const facts::FunctionFacts &function : facts.functions) {
    const bool isInternal = facts.symbols[function.symbol].file != 0;
    shapes.push_back(isInternal || function.isInHeader ? shapeOf(facts, function) : 0);
  }
  for (const std::string &text : facts.strings)
    stringHashes.push_back(llvm::StringMapImpl::hash(text));
}

} // namespace bhlint
