#include "analysis/embedded_file.h"
#include "analysis/findings/html_page.h"
#include "analysis/map/map_text.h"
#include "analysis/map/write_map.h"

namespace bhlint {

namespace {

BHLINT_EMBED(mapMarkup, BHLINT_MAP_DIR "/map.html")
BHLINT_EMBED(mapScript, BHLINT_MAP_DIR "/map.js")

const char *kindOf(const MapEntry &entry) {
  switch (entry.kind) {
  case EntryKind::TopHalf:
    return "top";
  case EntryKind::Thread:
    return "thread";
  case EntryKind::Deferred:
    return entry.isAtomic() ? "soft" : "work";
  case EntryKind::Other:
    break;
  }
  return "other";
}

std::string siteOf(const MapText &words, const DriverMap &map, const MapEntry &entry) {
  if (entry.interrupt != noId)
    return "requested at " + words.site(map.interrupts[entry.interrupt].request);
  return entry.deferral == noId ? std::string()
                                : "set up at " + words.site(map.deferrals[entry.deferral].setups.front());
}

void writeEntry(const MapText &words, const DriverMap &map, const MapEntry &entry, llvm::json::OStream &json) {
  json.object([&] {
    writeText(json, "title", words.title(map, entry));
    json.attribute("kind", kindOf(entry));
    writeText(json, "contexts", words.contexts(entry));
    writeText(json, "why", entry.why);
    writeText(json, "site", siteOf(words, map, entry));
    json.attributeArray("facts", [&] {
      for (const MapText::Fact &fact : words.facts(entry))
        json.object([&] {
          writeText(json, "subject", fact.subject);
          writeText(json, "what", fact.what);
          writeText(json, "where", fact.where);
        });
    });
  });
}

void writeEdge(const Program &program, const MapText &words, const MapEdge &edge, llvm::json::OStream &json) {
  json.object([&] {
    json.attribute("from", edge.from);
    json.attribute("to", edge.to);
    writeText(json, "with", edge.site.with == 0 ? "" : program.text(edge.site.with).str() + "()");
    writeText(json, "where", words.site(edge.site));
  });
}

} // namespace

void writeMapHtml(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out) {
  const MapText words(program);
  const HtmlFrame frame = frameOf({mapMarkup(), mapScript()});
  out << frame.before;
  auto writeMap = [&](const DriverMap &map, llvm::json::OStream &json) {
    json.object([&] {
      writeText(json, "module", map.module);
      json.attributeArray("entries", [&] {
        for (const MapEntry &entry : map.entries)
          writeEntry(words, map, entry, json);
      });
      json.attributeArray("edges", [&] {
        for (const MapEdge &edge : map.edges)
          writeEdge(program, words, edge, json);
      });
    });
  };
  writeData(
      "maps-data",
      [&](llvm::json::OStream &json) {
        json.object([&] {
          json.attributeArray("maps", [&] {
            for (const DriverMap &map : maps)
              writeMap(map, json);
          });
        });
      },
      out);
  out << frame.after << "</body>\n</html>\n";
}

} // namespace bhlint
