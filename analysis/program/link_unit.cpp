#include "analysis/program/link_unit.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/xxhash.h"

#include <string>

namespace bhlint {

using facts::FlatUnit;
namespace wire = facts::wire;

namespace {

/// Which module the unit is of, and whether the function is internal and in another file than the unit's.
class Discriminators {
public:
  explicit Discriminators(const FlatUnit &flat)
      : flat(flat), unit(flat.unit()), ofModule(llvm::xxh3_64bits(flat.text(unit.module_name()))) {}

  /// An external function may be defined once per module; inline ones in every unit that includes their header. A
  /// source that several modules include is each one's own.
  std::uint64_t of(const FlatUnit::Function &function) {
    const bool isInternal = unit.symbols()->Get(function.head->symbol())->file() != 0;
    const bool isInHeader = function.head->flags() & FlatUnit::IsInHeader;
    if (!isInternal && !isInHeader)
      return ofModule;
    const bool isIncluded = isInternal && !isInHeader && function.head->location().file() != unit.main_file();
    return shapeOf(function) ^ (isIncluded ? ofModule : 0);
  }

private:
  void add(std::uint64_t number) { room.append(reinterpret_cast<const char *>(&number), sizeof number); }
  void add(llvm::StringRef text) { room.append(text.data(), text.size()); }

  std::uint64_t shapeOf(const FlatUnit::Function &function) {
    room.clear();
    add(function.head->location().line());
    std::uint32_t argument = function.begin.arguments;
    for (std::uint32_t i = 0; i < function.head->event_count(); ++i) {
      const wire::Event &event = *unit.events()->Get(function.begin.events + i);
      addEvent(event, argument);
      argument += event.argument_count();
    }
    std::uint32_t edge = function.begin.edges;
    for (std::uint32_t i = 0; i < function.head->block_count(); ++i)
      for (const std::uint32_t end = edge + unit.blocks()->Get(function.begin.blocks + i)->edge_count(); edge < end;
           ++edge)
        add(std::uint64_t(unit.edges()->Get(edge)->to()) << 8 | unit.edges()->Get(edge)->guard_count());
    return llvm::xxh3_64bits(room);
  }

  void addEvent(const wire::Event &event, std::uint32_t firstArgument) {
    add(std::uint64_t(event.kind()) << 8 | event.call());
    const auto call = static_cast<facts::CallKind>(event.call());
    const bool isDirect = event.kind() == static_cast<std::uint8_t>(facts::EventKind::Call) &&
                          call != facts::CallKind::Field && call != facts::CallKind::Value;
    add(flat.text(isDirect ? unit.symbols()->Get(event.index())->name() : event.macro()));
    add(unit.values()->Get(event.value())->bits());
    for (std::uint32_t i = firstArgument; i < firstArgument + event.argument_count(); ++i) {
      const wire::Value &value = *unit.values()->Get(unit.arguments()->Get(i));
      add(value.kind());
      add(value.bits());
      add(value.mask());
    }
  }

  const FlatUnit &flat;
  const wire::Unit &unit;
  const std::uint64_t ofModule;
  std::string room; ///< that functions share
};

} // namespace

LinkUnit::LinkUnit(std::unique_ptr<const FlatUnit> given, const LinkIndex &index)
    : facts(std::move(given)), initializers(facts->initializers()), suppressions(facts->suppressions()) {
  stringHashes.reserve(facts->strings().size());
  for (llvm::StringRef text : facts->strings())
    stringHashes.push_back(llvm::StringMapImpl::hash(text));
  Discriminators discriminator(*facts);
  for (const FlatUnit::Function &function : facts->functions()) {
    discriminators.push_back(discriminator.of(function));
    auto hashOf = [&](facts::StringId id) { return llvm::xxh3_64bits(facts->text(id)); };
    definitions.push_back(static_cast<std::uint64_t>(
        llvm::hash_combine(hashOf(facts->symbol(function.head->symbol()).name),
                           hashOf(function.head->location().file()), discriminators.back())));
  }
  const std::vector<bool> areKnown = index.areKnown(definitions);
  bodies = std::make_unique<UnitBodies>(*facts, index, [&](std::size_t i) { return !areKnown[i]; });
}

} // namespace bhlint
