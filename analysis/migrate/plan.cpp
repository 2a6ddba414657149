#include "analysis/migrate/plan.h"
#include "analysis/migrate/written_text.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

namespace bhlint {

namespace {

/// Which keys belong together.
class KeySets {
public:
  std::size_t of(const std::string &key) {
    auto [entry, isNew] = numbers.try_emplace(key, parents.size());
    if (isNew)
      parents.push_back(parents.size());
    return root(entry->second);
  }
  void join(const std::string &a, const std::string &b) { parents[of(a)] = of(b); }

private:
  std::size_t root(std::size_t at) {
    while (parents[at] != at)
      at = parents[at] = parents[parents[at]];
    return at;
  }
  std::map<std::string, std::size_t> numbers;
  std::vector<std::size_t> parents;
};

template <class T> void sortUnique(std::vector<T> &items) {
  llvm::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
}

class Grouping {
public:
  Grouping(const std::vector<DeferralSites> &units, const MigrationRules &rules, FileText textOf)
      : units(units), rules(rules), textOf(textOf) {}

  std::vector<MigrationGroup> run() {
    joinKeys();
    for (const DeferralSites &unit : units)
      addUnit(unit);
    for (const DeferralSites &unit : units)
      addTroubles(unit);
    std::vector<MigrationGroup> result;
    for (auto &[root, group] : groups)
      if (finish(group))
        result.push_back(std::move(group));
    llvm::sort(result, [](const MigrationGroup &a, const MigrationGroup &b) {
      return a.objects.front().place < b.objects.front().place;
    });
    for (const std::string &file : filesOf(result))
      findLeftOut(file, result);
    for (MigrationGroup &group : result)
      sortUnique(group.refusals);
    return result;
  }

private:
  void joinKeys() {
    std::map<SourceSpan, std::string> typeNames;
    for (const DeferralSites &unit : units) {
      for (const auto &[a, b] : unit.links)
        sets.join(a, b);
      for (const DataBinding &binding : unit.bindings)
        sets.join(binding.node, binding.handler);
      for (const TypeNameSite &site : unit.typeNames) // `struct old a, b;`
        if (auto [entry, isNew] = typeNames.try_emplace(site.name, site.node); !isNew)
          sets.join(entry->second, site.node);
    }
  }

  MigrationGroup &groupOf(const std::string &key) { return groups[sets.of(key)]; }

  void addUnit(const DeferralSites &unit) {
    for (const DeferralNode &node : unit.nodes) {
      auto [entry, isNew] = nodes.try_emplace(node.key, node);
      entry->second.isDefined = entry->second.isDefined || node.isDefined;
    }
    auto add = [&](auto MigrationGroup::*list, const std::string &key, const auto &site, const std::string &file) {
      MigrationGroup &group = groupOf(key);
      (group.*list).push_back(site);
      group.files.insert(file);
    };
    for (const TypeNameSite &site : unit.typeNames)
      add(&MigrationGroup::typeNames, site.node, site, site.name.file);
    for (const CallSite &site : unit.calls)
      if (!site.node.empty())
        add(&MigrationGroup::calls, site.node, site, site.text.name.file);
    for (const CallSite &site : unit.macros)
      add(&MigrationGroup::macros, site.node, site, site.text.name.file);
    std::set<std::string> bound;
    for (const DataBinding &binding : unit.bindings) {
      groupOf(binding.node).bindings.push_back(binding);
      bound.insert(binding.handler);
    }
    for (const DataHandler &handler : unit.handlers)
      handlers[handler.key].push_back(&handler);
  }

  void addTroubles(const DeferralSites &unit) {
    for (const Trouble &trouble : unit.troubles) {
      if (!trouble.node.empty()) {
        groupOf(trouble.node).refusals.push_back({trouble.place, trouble.reason});
        continue;
      }
      for (auto &[root, group] : groups)
        if (group.files.count(trouble.place.file))
          group.refusals.push_back({trouble.place, trouble.reason});
    }
  }

  /// The same handler as several units show it.
  DataHandler joined(const std::vector<const DataHandler *> &seen) {
    DataHandler handler = *seen.front();
    for (const DataHandler *other : llvm::drop_begin(seen)) {
      if (other->isDefined && !handler.isDefined) {
        handler.uses = other->uses;
        handler.place = other->place;
        handler.words = other->words;
        handler.isDefined = true;
      }
      llvm::append_range(handler.parameters, other->parameters);
      llvm::append_range(handler.otherUses, other->otherUses);
      for (std::size_t i = 0; i < other->calls.size(); ++i)
        if (!llvm::is_contained(handler.calls, other->calls[i])) {
          handler.calls.push_back(other->calls[i]);
          handler.callData.push_back(other->callData[i]);
        }
    }
    sortUnique(handler.parameters);
    sortUnique(handler.otherUses);
    return handler;
  }

  /// False: nothing that is set up or declared here.
  bool finish(MigrationGroup &group) {
    if (group.files.empty())
      return false;
    for (const auto &[key, node] : nodes)
      if (&groupOf(key) == &group) {
        group.nodes.push_back(node);
        if (node.kind == NodeKind::Field || node.kind == NodeKind::Global ||
            (node.isObject && node.kind == NodeKind::Local))
          if (node.kind != NodeKind::Field || node.isObject)
            group.objects.push_back(node);
        if (node.kind == NodeKind::Function)
          addFunction(group, node);
      }
    if (group.objects.empty())
      for (const DeferralNode &node : group.nodes)
        if (node.kind != NodeKind::Parameter && node.kind != NodeKind::Function)
          group.objects.push_back(node);
    if (group.objects.empty())
      return false;
    llvm::sort(group.objects, [](const auto &a, const auto &b) { return a.place < b.place; });
    sortUnique(group.typeNames);
    sortUnique(group.calls);
    sortUnique(group.macros);
    sortUnique(group.bindings);
    std::set<std::string> bound;
    for (const DataBinding &binding : group.bindings)
      if (bound.insert(binding.handler).second)
        if (auto seen = handlers.find(binding.handler); seen != handlers.end())
          group.dataHandlers.push_back(joined(seen->second));
    for (const DataHandler &handler : group.dataHandlers) {
      group.handlers.push_back(handler.name);
      for (const SourceSpan &parameter : handler.parameters)
        group.files.insert(parameter.file);
    }
    sortUnique(group.handlers);
    const bool isSetUp = group.hasRole(rules, DeferralRole::Setup) || !group.bindings.empty() ||
                         llvm::any_of(group.macros, [&](const CallSite &site) {
                           return rules.macros.find(site.function)->second.role == DeferralMacroRole::Declare;
                         });
    if (!isSetUp && group.refusals.empty())
      group.refusals.push_back({group.objects.front().place, "nothing in these units sets it up"});
    return true;
  }

  void addFunction(MigrationGroup &group, const DeferralNode &node) {
    if (!node.isDefined)
      group.refusals.push_back({node.place, node.name + "() is defined in none of these units"});
    group.handlers.push_back(node.name);
  }

  static std::set<std::string> filesOf(const std::vector<MigrationGroup> &all) {
    std::set<std::string> files;
    for (const MigrationGroup &group : all)
      files.insert(group.files.begin(), group.files.end());
    return files;
  }

  bool isSkipped(const SourceSpan &span) const {
    bool isRead = false;
    for (const DeferralSites &unit : units) {
      if (!std::binary_search(unit.files.begin(), unit.files.end(), span.file))
        continue;
      isRead = true;
      if (llvm::none_of(unit.skipped, [&](const SourceSpan &skipped) {
            return skipped.file == span.file && skipped.begin <= span.begin && span.end <= skipped.end;
          }))
        return false;
    }
    return isRead;
  }

  /// Names of the mechanism that no unit has compiled: in a branch of #if, in a macro that nobody uses.
  void findLeftOut(const std::string &file, std::vector<MigrationGroup> &all) {
    std::set<std::string> words{rules.record};
    for (const auto &[name, call] : rules.calls)
      words.insert(name);
    for (const auto &[name, macro] : rules.macros)
      if (macro.role != DeferralMacroRole::LookThrough)
        words.insert(name);
    std::set<unsigned> known;
    for (const DeferralSites &unit : units) {
      auto note = [&](const SourceSpan &span) {
        if (span.file == file)
          known.insert(span.begin);
      };
      for (const TypeNameSite &site : unit.typeNames)
        note(site.name);
      for (const CallSite &site : unit.calls)
        note(site.text.name);
      for (const CallSite &site : unit.macros)
        note(site.text.name);
      for (const Trouble &trouble : unit.troubles)
        note(trouble.place);
    }
    const llvm::StringRef text = textOf(file);
    for (const SourceSpan &word : wordsIn(text, file, words))
      if (!known.count(word.begin) && !isForwardDeclaration(text, word))
        refuseNear(text, word, "it is used in code that this configuration leaves out", all);
    refuseHiddenMembers(text, file, all);
  }

  static bool isForwardDeclaration(llvm::StringRef text, const SourceSpan &word) {
    return text.substr(word.end).ltrim().starts_with(";") && text.take_front(word.begin).rtrim().ends_with("struct");
  }

  bool areReadTogether(const std::string &file, const std::string &other) const {
    return llvm::any_of(units, [&](const DeferralSites &unit) {
      return std::binary_search(unit.files.begin(), unit.files.end(), file) &&
             std::binary_search(unit.files.begin(), unit.files.end(), other);
    });
  }

  /// Refuses the group that is named up to the next ';', else all of the file.
  void refuseNear(llvm::StringRef text, const SourceSpan &word, llvm::StringRef reason,
                  std::vector<MigrationGroup> &all) {
    const llvm::StringRef statement = text.substr(word.begin).take_until([](char c) { return c == ';'; });
    std::set<MigrationGroup *> named;
    for (MigrationGroup &group : all)
      for (const DeferralNode &object : group.objects)
        if (areReadTogether(word.file, object.place.file) && !wordsIn(statement, word.file, {object.name}).empty())
          named.insert(&group);
    for (MigrationGroup &group : all)
      if (named.empty() ? group.files.count(word.file) != 0 : named.count(&group) != 0)
        group.refusals.push_back({word, reason.str()});
  }

  void refuseHiddenMembers(llvm::StringRef text, const std::string &file, std::vector<MigrationGroup> &all) {
    for (MigrationGroup &group : all)
      for (const DeferralNode &object : group.objects)
        if (group.files.count(file))
          for (const SourceSpan &word : wordsIn(text, file, {object.name})) {
            const llvm::StringRef before = text.take_front(word.begin).rtrim();
            const bool isUse = object.kind != NodeKind::Field || before.ends_with("->") || before.ends_with(".");
            if (isUse && isSkipped(word))
              group.refusals.push_back({word, "it is used in code that this configuration leaves out"});
          }
  }

  const std::vector<DeferralSites> &units;
  const MigrationRules &rules;
  FileText textOf;
  KeySets sets;
  std::map<std::string, DeferralNode> nodes;
  std::map<std::string, std::vector<const DataHandler *>> handlers;
  std::map<std::size_t, MigrationGroup> groups;
};

} // namespace

bool MigrationGroup::hasRole(const MigrationRules &rules, DeferralRole role) const {
  return llvm::any_of(calls, [&](const CallSite &site) { return rules.calls.find(site.function)->second.role == role; });
}

std::vector<MigrationGroup> groupSites(const std::vector<DeferralSites> &units, const MigrationRules &rules,
                                       FileText textOf) {
  return Grouping(units, rules, textOf).run();
}

} // namespace bhlint
