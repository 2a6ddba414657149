// Drawings: the same graph for Graphviz and for Mermaid. Colours are those of the guides: red top halves, yellow
// softirqs and their kind, blue threads, green workqueues.
#include "analysis/map/map_text.h"
#include "analysis/map/write_map.h"

#include "analysis/findings/escape.h"

#include <map>

namespace bhlint {

namespace {

constexpr std::size_t mostOfASubject = 4; ///< of the lines in a box

/// Lines of a box, escaped for neither format.
std::vector<std::string> labelOf(const MapText &words, const DriverMap &map, const MapEntry &entry) {
  std::vector<std::string> lines{words.title(map, entry), words.contexts(entry)};
  std::map<std::string, std::size_t> counts;
  for (const MapText::Fact &fact : words.facts(entry)) {
    if (fact.subject == "starts" || entry.kind == EntryKind::Other)
      continue;
    const std::size_t count = ++counts[fact.subject];
    if (count <= mostOfASubject && !fact.what.empty())
      lines.push_back(fact.subject + ": " + fact.what);
    else if (count == mostOfASubject + 1)
      lines.push_back(fact.subject + ": more");
  }
  if (counts.count("loops") != 0)
    lines.push_back("loops");
  return lines;
}

struct Look {
  const char *fill, *stroke;
};

Look lookOf(const MapEntry &entry) {
  if (entry.kind == EntryKind::TopHalf)
    return {"#f4b6b6", "#c62828"};
  if (entry.kind == EntryKind::Other)
    return {"#eeeeee", "#607d8b"};
  if (entry.kind == EntryKind::Thread)
    return {"#b3d9ec", "#0277bd"};
  return entry.isAtomic() ? Look{"#f9dca4", "#f9a825"} : Look{"#cfe6d2", "#2e7d32"};
}

std::string dotText(llvm::StringRef text) {
  std::string result;
  for (char c : escapeForTerminal(text)) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result;
}

/// Mermaid takes entities, written with # for &, and nothing else that could end a label.
std::string mermaidText(llvm::StringRef text) {
  std::string result;
  for (char c : escapeForTerminal(text)) {
    if (llvm::StringRef("\"#;<>&`|[]{}\\").contains(c))
      result += "#" + std::to_string(static_cast<unsigned char>(c)) + ";";
    else
      result += c;
  }
  return result;
}

std::string nodeName(std::size_t map, std::size_t entry) {
  return "n" + std::to_string(map) + "_" + std::to_string(entry);
}

template <class Escape>
std::string joined(const std::vector<std::string> &lines, llvm::StringRef separator, Escape escape) {
  std::string text;
  for (const std::string &line : lines)
    text += (text.empty() ? "" : separator.str()) + escape(line);
  return text;
}

} // namespace

void writeMapDot(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out) {
  const MapText words(program);
  out << "digraph map {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", "
         "fontsize=10, "
         "fontcolor=\"#1c2024\"];\n  edge [fontname=\"sans-serif\", fontsize=9];\n";
  for (std::size_t m = 0; m < maps.size(); ++m) {
    const DriverMap &map = maps[m];
    out << "  subgraph cluster_" << m << " {\n    label=\"" << dotText(map.module) << "\";\n";
    for (std::size_t i = 0; i < map.entries.size(); ++i) {
      const Look look = lookOf(map.entries[i]);
      out << "    " << nodeName(m, i) << " [label=\"" << joined(labelOf(words, map, map.entries[i]), "\\l", dotText)
          << "\\l\", fillcolor=\"" << look.fill << "\", color=\"" << look.stroke << "\"];\n";
    }
    for (const MapEdge &edge : map.edges)
      out << "    " << nodeName(m, edge.from) << " -> " << nodeName(m, edge.to) << " [label=\""
          << (edge.site.with == 0 ? std::string() : dotText(program.text(edge.site.with)) + "()") << "\"];\n";
    out << "  }\n";
  }
  out << "}\n";
}

void writeMapMermaid(const Program &program, const std::vector<DriverMap> &maps, llvm::raw_ostream &out) {
  const MapText words(program);
  out << "flowchart LR\n";
  for (std::size_t m = 0; m < maps.size(); ++m) {
    const DriverMap &map = maps[m];
    out << "  subgraph m" << m << "[\"" << mermaidText(map.module) << "\"]\n";
    for (std::size_t i = 0; i < map.entries.size(); ++i)
      out << "    " << nodeName(m, i) << "[\"" << joined(labelOf(words, map, map.entries[i]), "<br/>", mermaidText)
          << "\"]\n";
    out << "  end\n";
    for (const MapEdge &edge : map.edges) {
      out << "  " << nodeName(m, edge.from) << " -->";
      if (edge.site.with != 0)
        out << "|\"" << mermaidText(program.text(edge.site.with)) << "()\"|";
      out << " " << nodeName(m, edge.to) << "\n";
    }
    for (std::size_t i = 0; i < map.entries.size(); ++i) {
      const Look look = lookOf(map.entries[i]);
      out << "  style " << nodeName(m, i) << " fill:" << look.fill << ",stroke:" << look.stroke << ",color:#1c2024\n";
    }
  }
}

} // namespace bhlint
