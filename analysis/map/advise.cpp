#include "analysis/map/advise.h"

#include "analysis/findings/escape.h"
#include "analysis/map/map_text.h"
#include "analysis/observe/quantity_text.h"

#include <algorithm>
#include <map>

namespace bhlint {

namespace {

bool holds(const std::optional<bool> &wanted, bool is) { return !wanted || *wanted == is; }

/// Whether all that is known, and something is, are among those that a row asks for.
bool areAmong(const std::vector<Context> &wanted, const std::vector<Context> &known) {
  auto isWanted = [&](Context context) { return std::find(wanted.begin(), wanted.end(), context) != wanted.end(); };
  return wanted.empty() || (!known.empty() && std::all_of(known.begin(), known.end(), isWanted));
}

bool matches(const DeferralAdvice &row, const std::string &mechanism, const DeferralTraits &traits) {
  return (row.mechanisms.empty() ||
          std::find(row.mechanisms.begin(), row.mechanisms.end(), mechanism) != row.mechanisms.end()) &&
         holds(row.sleeps, traits.sleeps) && holds(row.allocates, traits.allocates) && holds(row.loops, traits.loops) &&
         holds(row.restarts, traits.restarts) && holds(row.onlyStarts, traits.onlyStarts) &&
         holds(row.ownInterrupt, traits.ownInterrupt) && (!row.frequent || row.frequent == traits.frequent) &&
         areAmong(row.runsIn, traits.runsIn) && areAmong(row.startedIn, traits.startedIn);
}

std::string mechanismOf(const DriverMap &map, const MapEntry &entry) {
  return entry.kind == EntryKind::Thread ? threadMechanism : map.deferrals[entry.deferral].mechanism;
}

/// The function in a trace, with all contexts that it ran in taken together. Static functions of other modules with the
/// same name are not told apart there.
struct MeasuredRate {
  std::uint64_t count = 0;
  Durations run;
};

MeasuredRate measured(const Observation &trace, llvm::StringRef function) {
  MeasuredRate result;
  for (const ObservedHandler &handler : trace.handlers) {
    if (!handler.isFunction || handler.name != function)
      continue;
    result.count += handler.count;
    result.run.count += handler.run.count;
    result.run.total += handler.run.total;
    result.run.longest = std::max(result.run.longest, handler.run.longest);
  }
  return result;
}

DeferralTraits traitsOf(const DriverMap &map, std::uint32_t number) {
  const MapEntry &entry = map.entries[number];
  DeferralTraits traits;
  traits.runsIn = entry.contexts;
  traits.sleeps = entry.sleeps();
  traits.allocates = entry.activity.has(ActKind::Allocation);
  traits.loops = entry.activity.has(ActKind::Loop);
  traits.onlyStarts = entry.activity.has(ActKind::Start) && !traits.sleeps && !traits.allocates && !traits.loops &&
                      !entry.activity.has(ActKind::Lock);
  std::size_t topHalves = 0, others = 0;
  for (const MapEdge &edge : map.edges) {
    if (edge.to != number)
      continue;
    if (edge.from == number) {
      traits.restarts = true;
      continue;
    }
    const MapEntry &from = map.entries[edge.from];
    ++(from.kind == EntryKind::TopHalf ? topHalves : others);
    traits.startedIn.insert(traits.startedIn.end(), from.contexts.begin(), from.contexts.end());
  }
  traits.onlyStarts = traits.onlyStarts && !traits.restarts;
  traits.ownInterrupt = topHalves == 1 && others == 0;
  std::sort(traits.startedIn.begin(), traits.startedIn.end());
  traits.startedIn.erase(std::unique(traits.startedIn.begin(), traits.startedIn.end()), traits.startedIn.end());
  return traits;
}

class Writer {
public:
  Writer(const Program &program, const Observation *trace, llvm::raw_ostream &out)
      : program(program), trace(trace), words(program), out(out) {}

  void write(const DriverMap &map) {
    out << escapeForTerminal(map.module) << "\n";
    const std::vector<Advice> all = adviseOn(program, map, trace);
    if (all.empty())
      line("no deferral");
    for (const Advice &advice : all)
      write(map, advice);
  }

private:
  void line(const std::string &text, unsigned indent = 4) { out.indent(indent) << escapeForTerminal(text) << "\n"; }

  void write(const DriverMap &map, const Advice &advice) {
    const MapEntry &entry = map.entries[advice.entry];
    out << "\n";
    line(words.title(map, entry), 2);
    line("today:       " + mechanismOf(map, entry) + "; " + words.contexts(entry));
    writeHandler(entry);
    writeTriggers(map, advice.entry);
    if (trace && entry.function != noId)
      writeMeasured(measured(*trace, program.text(program.functions[entry.function].name)));
    if (!advice.row) {
      line("recommended: nothing is known about this mechanism");
      return;
    }
    line((advice.row->isChange ? "recommended: " : "keep:        ") + advice.row->use);
    line("because:     " + advice.row->why);
    std::string claims;
    for (const std::string &claim : advice.row->claims)
      claims += (claims.empty() ? "" : ", ") + claim;
    if (!claims.empty())
      line("rests on:    " + claims + " (bhlint model claims ID)");
  }

  /// The first fact of each subject stands for all.
  void writeHandler(const MapEntry &entry) {
    std::vector<std::pair<std::string, std::vector<MapText::Fact>>> subjects;
    for (MapText::Fact &fact : words.facts(entry)) {
      auto found = std::find_if(subjects.begin(), subjects.end(),
                                [&](const auto &known) { return known.first == fact.subject; });
      if (found == subjects.end())
        found = subjects.insert(subjects.end(), {fact.subject, {}});
      found->second.push_back(std::move(fact));
    }
    std::string label = "its code:    ";
    for (const auto &[subject, facts] : subjects) {
      std::string text =
          label + subject + (facts[0].what.empty() ? "" : ": " + facts[0].what) + " (" + facts[0].where + ")";
      if (facts.size() > 1)
        text += " and " + std::to_string(facts.size() - 1) + " more";
      line(text);
      label = "             ";
    }
    if (entry.hasBody && !entry.sleeps())
      line(label + "does not sleep, as far as is known");
  }

  void writeTriggers(const DriverMap &map, std::uint32_t number) {
    std::string label = "started by:  ";
    for (const MapEdge &edge : map.edges) {
      if (edge.to != number)
        continue;
      const MapEntry &from = map.entries[edge.from];
      line(label +
           (edge.from == number ? "itself, again" : words.title(map, from) + ", which " + words.contexts(from)) + " (" +
           words.site(edge.site) + ")");
      label = "             ";
    }
    if (label.front() != ' ')
      line(label + (map.entries[number].kind == EntryKind::Thread
                        ? "the interrupt itself"
                        : words.unstarted(map.deferrals[map.entries[number].deferral])));
  }

  void writeMeasured(const MeasuredRate &handler) {
    std::string text = "measured:    ";
    if (handler.count == 0)
      text += "it did not run";
    else
      text += rateText(trace->perSecond(handler.count)) + " per second";
    if (handler.run.count != 0)
      text += "; runs " + durationText(handler.run.mean()) + ", at most " + durationText(handler.run.longest);
    line(text);
  }

  const Program &program;
  const Observation *trace;
  MapText words;
  llvm::raw_ostream &out;
};

} // namespace

std::vector<Advice> adviseOn(const Program &program, const DriverMap &map, const Observation *trace) {
  const RuleSet &rules = *program.rules;
  std::vector<Advice> result;
  for (std::uint32_t i = 0; i < map.entries.size(); ++i) {
    const MapEntry &entry = map.entries[i];
    if (entry.kind != EntryKind::Deferred && entry.kind != EntryKind::Thread)
      continue;
    Advice advice{i, traitsOf(map, i), nullptr};
    if (trace && entry.function != noId)
      if (MeasuredRate run = measured(*trace, program.text(program.functions[entry.function].name)); run.count != 0)
        advice.traits.frequent = trace->perSecond(run.count) >= rules.frequentPerSecond;
    for (const DeferralAdvice &row : rules.deferralAdvice)
      if (matches(row, mechanismOf(map, entry), advice.traits)) {
        advice.row = &row;
        break;
      }
    result.push_back(std::move(advice));
  }
  return result;
}

void writeAdvice(const Program &program, const std::vector<DriverMap> &maps, const Observation *trace,
                 llvm::raw_ostream &out) {
  Writer writer(program, trace, out);
  for (const DriverMap &map : maps) {
    if (&map != &maps.front())
      out << "\n";
    writer.write(map);
  }
}

} // namespace bhlint
