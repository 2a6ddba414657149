#include "analysis/map/driver_map.h"

#include "analysis/program/queue_uses.h"

#include <algorithm>
#include <map>
#include <set>

namespace bhlint {

namespace {

class Mapper {
public:
  Mapper(const Program &program, const CallResolver &resolver, const Summaries &summaries, const ContextMap &contexts)
      : program(program), summaries(summaries), contexts(contexts), index(findDeferrals(program)),
        queued(findQueueUses(program)), activities(program, resolver, summaries, index) {
    for (const ContextRoot &root : contexts.roots)
      rootsOf[root.function].push_back(&root);
    collectViolations();
  }

  std::vector<DriverMap> run() {
    std::map<std::string, NameId> modules;
    for (const Deferral &deferral : index.deferrals)
      modules[program.text(deferral.module).str()] = deferral.module;
    for (const Interrupt &interrupt : index.interrupts)
      modules[program.text(interrupt.module).str()] = interrupt.module;
    std::vector<DriverMap> maps;
    for (const auto &[name, module] : modules)
      maps.push_back(mapOf(name, module));
    return maps;
  }

private:
  DriverMap mapOf(const std::string &name, NameId module) {
    DriverMap map;
    map.module = name;
    for (const Interrupt &interrupt : index.interrupts)
      if (interrupt.module == module)
        addInterrupt(map, interrupt);
    std::map<std::uint32_t, std::uint32_t> entryOfDeferral; // index's number -> entry
    for (std::uint32_t i = 0; i < index.deferrals.size(); ++i)
      if (index.deferrals[i].module == module) {
        entryOfDeferral[i] = static_cast<std::uint32_t>(map.entries.size());
        addDeferral(map, i);
      }
    addOthers(map, module, entryOfDeferral);
    for (std::uint32_t from = 0; from < map.entries.size(); ++from)
      addStarts(map, from, entryOfDeferral);
    return map;
  }

  /// `known`: in which contexts it is entered; empty: what the rules say of the function.
  MapEntry entryOf(EntryKind kind, FunctionId function, std::vector<Context> known = {}) {
    MapEntry entry;
    entry.kind = kind;
    entry.function = function;
    if (function == noId)
      return entry;
    entry.contexts = std::move(known);
    if (auto roots = rootsOf.find(function); entry.contexts.empty() && roots != rootsOf.end())
      for (const ContextRoot *root : roots->second)
        entry.contexts.push_back(root->context);
    std::sort(entry.contexts.begin(), entry.contexts.end());
    entry.contexts.erase(std::unique(entry.contexts.begin(), entry.contexts.end()), entry.contexts.end());
    entry.hasBody = program.bodyOf(function) != nullptr;
    if (entry.hasBody)
      entry.activity = activities.activityOf(function);
    if (auto found = violations.find(function); found != violations.end() && entry.isAtomic())
      entry.violations = found->second;
    dropImpossible(entry);
    return entry;
  }

  /// What the summary of the whole function excludes: sleeps behind conditions that do not hold.
  void dropImpossible(MapEntry &entry) const {
    if (entry.isAtomic() || summaries[entry.function].sleeps.empty())
      for (Act &act : entry.activity.acts)
        if (act.kind != ActKind::Allocation)
          act.sleeps = false;
    std::erase_if(entry.activity.acts, [](const Act &act) {
      return (act.kind == ActKind::Sleep || act.kind == ActKind::Mutex) && !act.sleeps;
    });
  }

  void addInterrupt(DriverMap &map, const Interrupt &interrupt) {
    const auto number = static_cast<std::uint32_t>(map.interrupts.size());
    const auto first = static_cast<std::uint32_t>(map.entries.size());
    map.interrupts.push_back(interrupt);
    if (interrupt.handler != noId) {
      map.entries.push_back(entryOf(EntryKind::TopHalf, interrupt.handler));
      map.entries.back().interrupt = number;
    }
    if (interrupt.thread == noId)
      return;
    map.entries.push_back(entryOf(EntryKind::Thread, interrupt.thread));
    map.entries.back().interrupt = number;
    if (interrupt.wakesThread)
      map.edges.push_back({first, first + 1, {interrupt.handler, program.functions[interrupt.handler].place, 0}});
  }

  void addDeferral(DriverMap &map, std::uint32_t number) {
    const Deferral &deferral = index.deferrals[number];
    map.entries.push_back(entryOf(EntryKind::Deferred, deferral.handler, contextsByQueue(number)));
    map.entries.back().deferral = static_cast<std::uint32_t>(map.deferrals.size());
    map.deferrals.push_back(deferral);
  }

  /// Where all that start it put it on queues that say where it runs: there, and nowhere else. Else nothing.
  std::vector<Context> contextsByQueue(std::uint32_t number) const {
    std::vector<Context> result;
    for (const auto &[function, starts] : index.starts)
      for (const StartSite &start : starts)
        if (start.deferral == number) {
          const QueueUse *use = queueUseAt(index.deferrals[number], start.site);
          if (!use)
            return {};
          result.push_back(use->context);
        }
    return result;
  }

  const QueueUse *queueUseAt(const Deferral &deferral, const CallSite &site) const {
    for (const ObjectKey &key : deferral.keys)
      if (auto uses = queued.find(key); uses != queued.end())
        for (const QueueUse &use : uses->second)
          if (use.in == site.in && use.place == site.place)
            return &use;
    return nullptr;
  }

  /// Other roots that start something, and then functions that do and may be called by anyone.
  void addOthers(DriverMap &map, NameId module, const std::map<std::uint32_t, std::uint32_t> &ours) {
    std::set<FunctionId> known;
    for (const MapEntry &entry : map.entries)
      known.insert(entry.function);
    auto startsOurs = [&](const MapEntry &entry) {
      return std::any_of(entry.activity.acts.begin(), entry.activity.acts.end(),
                         [&](const Act &act) { return act.kind == ActKind::Start && ours.count(act.deferral); });
    };
    for (const ContextRoot &root : contexts.roots)
      if (program.functions[root.function].module == module && known.insert(root.function).second) {
        MapEntry entry = entryOf(EntryKind::Other, root.function);
        entry.why = root.why;
        if (startsOurs(entry))
          map.entries.push_back(std::move(entry));
      }
    std::vector<MapEntry> candidates;
    llvm::DenseSet<FunctionId> covered;
    for (const MapEntry &entry : map.entries)
      covered.insert(entry.activity.functions.begin(), entry.activity.functions.end());
    for (FunctionId function = 0; function < program.functions.size(); ++function)
      if (program.functions[function].module == module && !covered.contains(function) && isOpen(function))
        if (MapEntry entry = entryOf(EntryKind::Other, function); startsOurs(entry))
          candidates.push_back(std::move(entry));
    for (MapEntry &candidate : candidates) {
      const bool isInside = std::any_of(candidates.begin(), candidates.end(), [&](const MapEntry &other) {
        return other.function != candidate.function && other.activity.functions.contains(candidate.function) &&
               !candidate.activity.functions.contains(other.function);
      });
      if (isInside)
        continue;
      candidate.why = "nothing in these units is known to call it";
      map.entries.push_back(candidate);
    }
  }

  /// Whether the function may be called from where nobody looks: it is no root, and not static or in some table.
  bool isOpen(FunctionId function) const {
    const Function &about = program.functions[function];
    return program.bodyOf(function) && !about.isInHeader && rootsOf.count(function) == 0 &&
           std::any_of(contexts.reach[function].begin(), contexts.reach[function].end(),
                       [](const auto &entry) { return entry.second.root == noId && entry.second.from == noId; });
  }

  void addStarts(DriverMap &map, std::uint32_t from, const std::map<std::uint32_t, std::uint32_t> &entryOfDeferral) {
    std::set<std::uint32_t> done;
    for (const Act &act : map.entries[from].activity.acts) {
      if (act.kind != ActKind::Start)
        continue;
      auto to = entryOfDeferral.find(act.deferral);
      if (to != entryOfDeferral.end() && done.insert(to->second).second)
        map.edges.push_back({from, to->second, {act.in, act.place, program.find(act.with)}});
    }
  }

  /// By the function at which the context begins: what the findings about it say.
  void collectViolations() {
    std::set<std::tuple<FunctionId, FunctionId, std::uint32_t, std::uint32_t>> seen;
    for (const SleepSite &site : contexts.sites) {
      if (site.isForbidden || site.confidence != Confidence::High)
        continue;
      std::uint32_t first = site.node;
      while (contexts.nodes[first].parent != noId)
        first = contexts.nodes[first].parent;
      const FunctionId in = contexts.nodes[site.node].function;
      const BodyEvent &event = program.bodyOf(in)->events[site.event];
      const FunctionId root = contexts.nodes[first].function;
      if (contexts.nodes[first].root == noId || maySleep(contexts.nodes[first].ambient) ||
          !seen.insert({root, in, event.place.line, event.place.column}).second)
        continue;
      Act act;
      act.kind = ActKind::Sleep;
      act.sleeps = true;
      const NameId callee = event.macro != 0      ? event.macro
                            : site.callee == noId ? 0
                                                  : program.functions[site.callee].name;
      act.with = program.text(callee).str();
      act.in = in;
      act.place = event.place;
      violations[root].push_back(std::move(act));
    }
  }

  const Program &program;
  const Summaries &summaries;
  const ContextMap &contexts;
  DeferralIndex index;
  std::map<ObjectKey, std::vector<QueueUse>> queued;
  ActivityFinder activities;
  std::map<FunctionId, std::vector<const ContextRoot *>> rootsOf;
  std::map<FunctionId, std::vector<Act>> violations;
};

} // namespace

bool MapEntry::isAtomic() const {
  return std::any_of(contexts.begin(), contexts.end(), [](Context context) { return !maySleep(context); });
}

std::vector<DriverMap> mapDrivers(const Program &program, const CallResolver &resolver, const Summaries &summaries,
                                  const ContextMap &contexts) {
  return Mapper(program, resolver, summaries, contexts).run();
}

} // namespace bhlint
