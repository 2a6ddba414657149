#include "driver/migrate/nested_disables.h"

#include "llvm/ADT/STLExtras.h"

namespace bhlint {

namespace {

/// Depth to which one object is disabled, along the blocks of functions. Loops are gone through once: their rounds are
/// mostly about different objects.
class DisableDepth {
public:
  /// Of the object that `root` names, as its function writes it; what other functions name may be the same one.
  DisableDepth(const MigrationGroup &group, const MigrationRules &rules, const Program &program, FileText textOf,
               const CallSite &root)
      : rules(rules), program(program), root(root.caller) {
    const llvm::StringRef written = objectText(root, textOf);
    for (const CallSite &site : group.calls)
      if (site.node == root.node && changeOf(site.function) != 0 &&
          (site.caller != root.caller || objectText(site, textOf) == written)) {
        sites.emplace(std::pair(site.text.name.file, site.text.name.line), &site);
        callers.insert(site.caller);
      }
  }

  std::vector<const CallSite *> nested() {
    for (FunctionId id : program.named(root))
      exitDepth(id, 0);
    return std::move(found);
  }

private:
  static llvm::StringRef objectText(const CallSite &site, FileText textOf) {
    if (site.text.arguments.empty())
      return {};
    const auto [begin, end] = site.text.arguments.front();
    return textOf(site.text.name.file).slice(begin, end).trim();
  }

  int changeOf(const std::string &function) const {
    const DeferralRole role = rules.calls.find(function)->second.role;
    return role == DeferralRole::Disable || role == DeferralRole::DisableNoWait ? 1
           : role == DeferralRole::Enable                                       ? -1
                                                                                : 0;
  }

  const CallSite *siteOf(const BodyEvent &event) const {
    const llvm::StringRef callee = program.text(program.functions[event.index].name);
    auto [site, end] = sites.equal_range({program.text(event.place.file).str(), event.place.line});
    for (; site != end; ++site)
      if (site->second->function == callee)
        return site->second;
    return nullptr;
  }

  int after(const BodyEvent &event, int depth) {
    if (event.kind != facts::EventKind::Call || event.call != facts::CallKind::Direct)
      return depth;
    const CallSite *site = siteOf(event);
    if (!site)
      return callers.count(program.text(program.functions[event.index].name).str()) ? exitDepth(event.index, depth)
                                                                                    : depth;
    const int change = changeOf(site->function);
    if (change > 0 && depth > 0)
      found.push_back(site);
    return std::max(0, depth + change);
  }

  /// The greatest depth at a return of the function, entered with `depth`.
  int exitDepth(FunctionId id, int depth) {
    const Body *body = program.bodyOf(id);
    if (!body || body->blocks.empty() || depth > 1 || !open.insert(id).second)
      return depth;
    std::vector<int> entered(body->blocks.size(), -1);
    entered[0] = depth;
    int exit = depth;
    for (std::uint32_t block : inOrder(*body)) {
      if (entered[block] < 0)
        continue;
      const BodyBlock &at = body->blocks[block];
      int now = entered[block];
      for (const BodyEvent &event : llvm::ArrayRef<BodyEvent>(body->events).slice(at.firstEvent, at.eventCount))
        now = after(event, now);
      if (at.edges.empty())
        exit = std::max(exit, now);
      for (const BodyEdge &edge : at.edges)
        entered[edge.to] = std::max(entered[edge.to], now);
    }
    open.erase(id);
    return exit;
  }

  /// Blocks such that each one comes after those that lead to it, loops apart.
  static std::vector<std::uint32_t> inOrder(const Body &body) {
    std::vector<std::uint32_t> order;
    std::vector<bool> seen(body.blocks.size());
    std::vector<std::pair<std::uint32_t, std::size_t>> path{{0, 0}};
    seen[0] = true;
    while (!path.empty()) {
      auto &[block, edge] = path.back();
      if (edge == body.blocks[block].edges.size()) {
        order.push_back(block);
        path.pop_back();
        continue;
      }
      const std::uint32_t next = body.blocks[block].edges[edge++].to;
      if (!seen[next]) {
        seen[next] = true;
        path.emplace_back(next, 0);
      }
    }
    std::reverse(order.begin(), order.end());
    return order;
  }

  const MigrationRules &rules;
  const Program &program;
  const std::string root;
  std::multimap<std::pair<std::string, unsigned>, const CallSite *> sites;
  std::set<std::string> callers;
  std::set<FunctionId> open;
  std::vector<const CallSite *> found;
};

} // namespace

void refuseNestedDisables(MigratedGroup &migrated, const MigrationRules &rules, const Run &run, FileText textOf) {
  std::set<const CallSite *> nested;
  for (const CallSite &site : migrated.group.calls)
    for (const CallSite *found : DisableDepth(migrated.group, rules, *run.program, textOf, site).nested())
      nested.insert(found);
  for (const CallSite *site : nested)
    migrated.group.refusals.push_back(
        {site->text.name, site->function + "() disables it where it is disabled already: the counts nest"});
}

} // namespace bhlint
