#include "analysis/findings/escape.h"
#include "analysis/map/map_text.h"
#include "analysis/map/write_map.h"

#include <map>

namespace bhlint {

namespace {

constexpr std::size_t mostOfASubject = 12; ///< lines; the rest is counted

class Writer {
public:
  Writer(const Program &program, llvm::raw_ostream &out) : words(program), out(out) {}

  void write(const DriverMap &map) {
    out << escapeForTerminal(map.module) << "\n";
    for (std::uint32_t i = 0; i < map.interrupts.size(); ++i)
      if (map.interrupts[i].handler == noId)
        line(1, "interrupt without a handler of its own: only a thread",
             "requested at " + words.site(map.interrupts[i].request));
    for (std::uint32_t i = 0; i < map.entries.size(); ++i)
      writeEntry(map, i);
  }

private:
  void line(unsigned indent, const std::string &first, const std::string &second = "") {
    out.indent(indent * 2) << escapeForTerminal(first);
    if (!second.empty())
      out << "  (" << escapeForTerminal(second) << ")";
    out << "\n";
  }

  void writeEntry(const DriverMap &map, std::uint32_t number) {
    const MapEntry &entry = map.entries[number];
    out << "\n";
    line(1, words.title(map, entry));
    line(2, words.contexts(entry));
    if (!entry.why.empty())
      line(2, entry.why);
    if (entry.kind == EntryKind::TopHalf || entry.kind == EntryKind::Thread)
      line(2, "requested at " + words.site(map.interrupts[entry.interrupt].request));
    if (entry.kind == EntryKind::Deferred)
      for (const CallSite &site : map.deferrals[entry.deferral].setups)
        line(2, "set up at " + words.site(site));
    writeStarters(map, number);
    writeFacts(entry);
  }

  void writeStarters(const DriverMap &map, std::uint32_t number) {
    const MapEntry &entry = map.entries[number];
    std::size_t starters = 0;
    for (const MapEdge &edge : map.edges) {
      if (edge.to != number)
        continue;
      ++starters;
      const std::string by =
          edge.from == number ? "started again by itself" : "started by " + words.title(map, map.entries[edge.from]);
      line(2, entry.kind == EntryKind::Thread ? "woken by " + words.title(map, map.entries[edge.from]) : by,
           words.site(edge.site));
    }
    if (starters == 0 && entry.kind == EntryKind::Deferred)
      line(2, words.unstarted(map.deferrals[entry.deferral]));
  }

  void writeFacts(const MapEntry &entry) {
    std::map<std::string, std::size_t> counts;
    const std::vector<MapText::Fact> facts = words.facts(entry);
    for (const MapText::Fact &fact : facts) {
      if (++counts[fact.subject] <= mostOfASubject)
        line(2, fact.what.empty() ? fact.subject : fact.subject + ": " + fact.what, fact.where);
    }
    for (const auto &[subject, count] : counts)
      if (count > mostOfASubject)
        line(2, subject + ": " + std::to_string(count - mostOfASubject) + " more");
    if (entry.kind != EntryKind::Other && entry.hasBody && !entry.sleeps())
      line(2, "does not sleep, as far as is known");
  }

  MapText words;
  llvm::raw_ostream &out;
};

} // namespace

void writeMapText(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out) {
  Writer writer(program, out);
  for (const DriverMap &map : maps) {
    if (&map != &maps.front())
      out << "\n";
    writer.write(map);
  }
}

} // namespace bhlint
