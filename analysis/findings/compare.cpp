#include "analysis/findings/compare.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace bhlint {

FunctionTable::FunctionTable(std::vector<FunctionExtent> given) : functions(std::move(given)) {
  std::sort(functions.begin(), functions.end(), [](const FunctionExtent &a, const FunctionExtent &b) {
    return std::tie(a.file, a.first, a.name) < std::tie(b.file, b.first, b.name);
  });
  for (const FunctionExtent &function : functions)
    names.insert(function.name);
}

const FunctionExtent *FunctionTable::at(const SourcePlace &place) const {
  auto behind = std::upper_bound(functions.begin(), functions.end(), place,
                                 [](const SourcePlace &where, const FunctionExtent &function) {
                                   return std::tie(where.file, where.line) < std::tie(function.file, function.first);
                                 });
  if (behind == functions.begin())
    return nullptr;
  const FunctionExtent &candidate = *std::prev(behind);
  return candidate.file == place.file && place.line <= candidate.last ? &candidate : nullptr;
}

namespace {

/// Every place that a chain names, the sink first.
std::vector<SourcePlace> placesOf(const Finding &finding) {
  std::vector<SourcePlace> places{finding.place};
  for (auto step = finding.chain.rbegin(); step != finding.chain.rend(); ++step)
    places.push_back(step->place);
  places.push_back(finding.root.place);
  return places;
}

std::optional<SourcePlace> changedStep(const Finding &finding, const PatchView &patch) {
  for (const SourcePlace &place : placesOf(finding))
    if (patch.changes.isChanged(place.file, place.line))
      return place;
  return std::nullopt;
}

std::optional<SourcePlace> changedFunction(const Finding &finding, const PatchView &patch) {
  for (const SourcePlace &place : placesOf(finding))
    if (const FunctionExtent *function = patch.after.at(place))
      if (unsigned line = patch.changes.firstChange(function->file, function->first, function->last))
        return SourcePlace{function->file, line, 0};
  return std::nullopt;
}

SourcePlace firstLineOf(const std::string &file, const FileChange &change) {
  return {file, change.hunks.empty() ? 1 : std::max(change.hunks.front().newStart, 1u), 0};
}

/// Pairs what is still without a partner, by a key of each.
class Matcher {
public:
  Matcher(const std::vector<Finding> &before, const std::vector<Finding> &after)
      : before(before), after(after), partner(after.size()), isTaken(before.size()) {}

  using Key = std::vector<std::string>;

  void pair(llvm::function_ref<std::optional<Key>(const Finding &)> keyBefore,
            llvm::function_ref<std::optional<Key>(const Finding &)> keyAfter) {
    std::map<Key, std::vector<std::size_t>> waiting; // in the order of places, as findings are
    for (std::size_t i = 0; i < before.size(); ++i)
      if (!isTaken[i])
        if (std::optional<Key> key = keyBefore(before[i]))
          waiting[*key].push_back(i);
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (partner[i])
        continue;
      std::optional<Key> key = keyAfter(after[i]);
      auto found = key ? waiting.find(*key) : waiting.end();
      if (found == waiting.end() || found->second.empty())
        continue;
      partner[i] = found->second.front();
      isTaken[*partner[i]] = true;
      found->second.erase(found->second.begin());
    }
  }

  std::vector<std::optional<std::size_t>> result() { return std::move(partner); }

private:
  const std::vector<Finding> &before, &after;
  std::vector<std::optional<std::size_t>> partner;
  std::vector<bool> isTaken;
};

} // namespace

bool goesThrough(const Finding &finding, const PatchView &patch) {
  return changedStep(finding, patch) || changedFunction(finding, patch);
}

SourcePlace causeOf(const Finding &finding, const PatchView &patch) {
  if (std::optional<SourcePlace> step = changedStep(finding, patch))
    return *step;
  if (std::optional<SourcePlace> function = changedFunction(finding, patch))
    return *function;
  for (const SourcePlace &place : placesOf(finding))
    if (const FileChange *change = patch.changes.find(place.file))
      return firstLineOf(place.file, *change);
  if (!patch.changes.files.empty())
    return firstLineOf(patch.changes.files.begin()->first, patch.changes.files.begin()->second);
  return finding.place;
}

std::vector<std::optional<std::size_t>> matchFindings(const std::vector<Finding> &before,
                                                      const std::vector<Finding> &after, const PatchView &patch) {
  using Key = Matcher::Key;
  const Changes &changes = patch.changes;
  Matcher matcher(before, after);
  const auto fileAfter = [&](const Finding &finding) { return changes.newName(finding.place.file); };
  const auto sameThing = [](const Finding &f, const std::string &file) {
    return Key{f.rule, file, f.function, f.sink, f.root.function, f.context};
  };
  const auto withLine = [](Key key, unsigned line) {
    key.push_back(std::to_string(line));
    return key;
  };
  // The same thing on the same line, as the line is counted after the patch: so that one that is added above another of
  // the same kind is the new one of the two.
  matcher.pair(
      [&](const Finding &f) -> std::optional<Key> {
        return withLine(sameThing(f, fileAfter(f)), changes.newLine(fileAfter(f), f.place.line));
      },
      [&](const Finding &f) -> std::optional<Key> { return withLine(sameThing(f, f.place.file), f.place.line); });
  matcher.pair([&](const Finding &f) -> std::optional<Key> { return sameThing(f, fileAfter(f)); },
               [&](const Finding &f) -> std::optional<Key> { return sameThing(f, f.place.file); });
  // Code that has moved to another file, both being part of the patch.
  const auto isInPatch = [&](const std::string &file) {
    return changes.find(file) || std::find(changes.deleted.begin(), changes.deleted.end(), file) !=
                                     changes.deleted.end();
  };
  matcher.pair([&](const Finding &f) { return isInPatch(fileAfter(f)) ? std::optional(sameThing(f, "")) : std::nullopt; },
               [&](const Finding &f) {
                 return isInPatch(f.place.file) ? std::optional(sameThing(f, "")) : std::nullopt;
               });
  // Functions that have another name now: the old one is gone, the new one was not there.
  const auto nameUnless = [](const std::string &name, const FunctionTable &other, const FunctionTable &own) {
    return own.has(name) && !other.has(name) ? std::string("(renamed)") : name;
  };
  const auto byRole = [&](const Finding &f, const std::string &file, const FunctionTable &other,
                          const FunctionTable &own) {
    return Key{f.rule,
               file,
               nameUnless(f.function, other, own),
               nameUnless(f.sink, other, own),
               nameUnless(f.root.function, other, own),
               f.context};
  };
  matcher.pair([&](const Finding &f) -> std::optional<Key> { return byRole(f, fileAfter(f), patch.after, patch.before); },
               [&](const Finding &f) -> std::optional<Key> {
                 return byRole(f, f.place.file, patch.before, patch.after);
               });
  // One place is told with one chain only. When another one is told that has nothing to do with the patch, that is
  // because the one that was told before is gone or longer now.
  const auto samePlace = [](const Finding &f, const std::string &file) { return Key{f.rule, file, f.function, f.sink}; };
  matcher.pair([&](const Finding &f) -> std::optional<Key> { return samePlace(f, fileAfter(f)); },
               [&](const Finding &f) {
                 return goesThrough(f, patch) ? std::nullopt : std::optional(samePlace(f, f.place.file));
               });
  return matcher.result();
}

} // namespace bhlint
