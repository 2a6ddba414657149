#include "driver/migrate/linked_keys.h"

#include <map>

namespace bhlint {

namespace {

class Linked {
public:
  explicit Linked(const std::vector<DeferralSites> &units) : units(units) {
    for (const DeferralSites &unit : units) {
      for (const auto &[a, b] : unit.links)
        link(a, b);
      for (const DataBinding &binding : unit.bindings)
        link(binding.node, binding.handler);
      for (const TypeNameSite &site : unit.typeNames) // `struct old a, b;`
        if (auto [entry, isNew] = declarators.try_emplace(site.name, site.node); !isNew)
          link(entry->second, site.node);
    }
  }

  std::set<std::string> from(const std::set<std::string> &asked) {
    for (const DeferralSites &unit : units) {
      if (!asked.count(unit.unit))
        continue;
      for (const DeferralNode &node : unit.nodes)
        addIn(unit, node.place, node.key);
      for (const TypeNameSite &site : unit.typeNames)
        addIn(unit, site.name, site.node);
      for (const auto *sites : {&unit.calls, &unit.macros})
        for (const CallSite &site : *sites)
          addIn(unit, site.text.name, site.node);
      for (const Trouble &trouble : unit.troubles)
        addIn(unit, trouble.place, trouble.node);
    }
    while (!open.empty()) {
      const std::string next = std::move(open.back());
      open.pop_back();
      for (auto [neighbour, end] = neighbours.equal_range(next); neighbour != end; ++neighbour)
        add(neighbour->second);
    }
    return std::move(reached);
  }

private:
  void link(const std::string &a, const std::string &b) {
    neighbours.emplace(a, b);
    neighbours.emplace(b, a);
  }
  void add(const std::string &key) {
    if (!key.empty() && reached.insert(key).second)
      open.push_back(key);
  }
  void addIn(const DeferralSites &unit, const SourceSpan &place, const std::string &key) {
    if (place.file == unit.unit)
      add(key);
  }

  const std::vector<DeferralSites> &units;
  std::multimap<std::string, std::string> neighbours;
  std::map<SourceSpan, std::string> declarators;
  std::set<std::string> reached;
  std::vector<std::string> open;
};

} // namespace

std::set<std::string> keysLinkedWith(const std::set<std::string> &asked, const std::vector<DeferralSites> &units) {
  return Linked(units).from(asked);
}

} // namespace bhlint
