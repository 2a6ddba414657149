#include "analysis/map/map_text.h"

#include <set>

namespace bhlint {

std::string MapText::function(FunctionId id) const {
  return id == noId ? "no function" : program.text(program.functions[id].name).str() + "()";
}

std::string MapText::place(const Place &place) const {
  return program.text(place.file).str() + ":" + std::to_string(place.line);
}

std::string MapText::site(const CallSite &site) const {
  std::string text = place(site.place);
  if (site.in != noId)
    text += " in " + function(site.in);
  if (site.with != 0)
    text += ", " + program.text(site.with).str() + "()";
  return text;
}

std::string MapText::title(const DriverMap &map, const MapEntry &entry) const {
  switch (entry.kind) {
  case EntryKind::TopHalf:
    return "interrupt: " + function(entry.function);
  case EntryKind::Thread:
    return "interrupt thread: " + function(entry.function);
  case EntryKind::Deferred: {
    const Deferral &deferral = map.deferrals[entry.deferral];
    return deferral.mechanism + " " + deferral.object + ": " + function(entry.function);
  }
  case EntryKind::Other:
    break;
  }
  return function(entry.function);
}

std::string MapText::contexts(const MapEntry &entry) const {
  if (!entry.hasBody)
    return "its code is not in these units";
  if (entry.contexts.empty())
    return "no rule says in which context it runs";
  std::string text = "runs in ";
  for (std::size_t i = 0; i < entry.contexts.size(); ++i)
    text += (i == 0                           ? ""
             : i + 1 == entry.contexts.size() ? " or "
                                              : ", ") +
            std::string(contextPhrase(entry.contexts[i]));
  return text;
}

MapText::Fact MapText::factOf(const Act &act, bool isViolation) const {
  const std::string with = act.with.empty() ? "" : act.with + "()";
  Fact fact;
  fact.where = place(act.place) + " in " + function(act.in);
  switch (act.kind) {
  case ActKind::Lock:
    fact.subject = "locks";
    fact.what = act.what.empty() ? with : act.what + " with " + with;
    break;
  case ActKind::Mutex:
    fact.subject = "may sleep";
    fact.what = act.what.empty() ? with : act.what + " with " + with;
    break;
  case ActKind::Sleep:
    fact.subject = isViolation ? "sleeps, and must not" : "may sleep";
    fact.what = with;
    break;
  case ActKind::Allocation:
    fact.subject = "allocates";
    fact.what = with + (act.isSleepUnknown ? ", flags from elsewhere"
                        : act.sleeps       ? ", may sleep"
                                           : ", does not sleep");
    break;
  case ActKind::Loop:
    fact.subject = "loops";
    fact.what = "";
    break;
  case ActKind::Start:
    fact.subject = "starts";
    fact.what = act.what + " with " + with;
    break;
  }
  return fact;
}

std::string MapText::unstarted(const Deferral &deferral) const {
  return deferral.keys.empty() ? "who starts it is not known: its object has no name"
                               : "nothing in these units starts it";
}

std::vector<MapText::Fact> MapText::facts(const MapEntry &entry) const {
  std::vector<Fact> all;
  std::set<std::pair<std::string, std::string>> seen;
  auto add = [&](const Act &act, bool isViolation) {
    Fact fact = factOf(act, isViolation);
    if (seen.insert({fact.subject, fact.what.empty() ? fact.where : fact.what}).second)
      all.push_back(std::move(fact));
  };
  const bool isOther = entry.kind == EntryKind::Other; // of interest for what it starts
  for (ActKind kind :
       {ActKind::Start, ActKind::Lock, ActKind::Mutex, ActKind::Sleep, ActKind::Allocation, ActKind::Loop})
    for (const Act &act : entry.activity.acts)
      if (act.kind == kind && (!isOther || kind == ActKind::Start))
        add(act, false);
  for (const Act &act : entry.violations)
    add(act, true);
  return all;
}

} // namespace bhlint
