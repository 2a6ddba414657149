#include "driver/lsp/protocol.h"

#include "analysis/findings/notes.h"
#include "analysis/findings/source_text.h"

#include "llvm/ADT/StringExtras.h"

#include <map>

namespace bhlint::lsp {

namespace {

bool isIdentifierPart(char c) { return llvm::isAlnum(c) || c == '_'; }

llvm::json::Value position(unsigned line, unsigned character) {
  return llvm::json::Object{{"line", line}, {"character", character}};
}

std::string utf8(llvm::StringRef text) { return llvm::json::isUTF8(text) ? text.str() : llvm::json::fixUTF8(text); }

} // namespace

std::string uriOf(llvm::StringRef path) {
  std::string uri = "file://";
  for (char c : path) {
    if (llvm::isAlnum(c) || llvm::StringRef("/-._~+").contains(c))
      uri += c;
    else
      uri += "%" + llvm::utohexstr(static_cast<unsigned char>(c), false, 2);
  }
  return uri;
}

std::string pathOf(llvm::StringRef uri) {
  if (!uri.consume_front("file://"))
    return {};
  uri = uri.drop_front(std::min(uri.find('/'), uri.size())); // "localhost", mostly nothing
  std::string path;
  for (std::size_t i = 0; i < uri.size(); ++i) {
    unsigned byte = 0;
    if (uri[i] == '%' && i + 2 < uri.size() && !uri.substr(i + 1, 2).getAsInteger(16, byte) && byte != 0) {
      path += static_cast<char>(byte);
      i += 2;
    } else {
      path += uri[i];
    }
  }
  return path;
}

unsigned utf16Column(llvm::StringRef line, unsigned byteColumn) {
  unsigned units = 0;
  for (std::size_t i = 0; i < line.size() && i + 1 < byteColumn;) {
    const auto [bytes, width] = characterAt(line.drop_front(i));
    i += bytes;
    units += width;
  }
  return units;
}

std::size_t byteOffset(llvm::StringRef line, unsigned utf16Column) {
  std::size_t offset = 0;
  for (unsigned units = 0; offset < line.size() && units < utf16Column;) {
    const auto [bytes, width] = characterAt(line.drop_front(offset));
    offset += bytes;
    units += width;
  }
  return offset;
}

llvm::StringRef identifierAt(llvm::StringRef line, std::size_t offset) {
  std::size_t begin = std::min(offset, line.size()), end = begin;
  while (begin > 0 && isIdentifierPart(line[begin - 1]))
    --begin;
  while (end < line.size() && isIdentifierPart(line[end]))
    ++end;
  llvm::StringRef word = line.slice(begin, end);
  return word.empty() || llvm::isDigit(word.front()) ? llvm::StringRef() : word;
}

llvm::json::Value rangeOf(const SourcePlace &place, ReadText readText) {
  llvm::StringRef line = lineOf(readText(place.file), place.line);
  const unsigned row = place.line == 0 ? 0 : place.line - 1;
  const unsigned begin = utf16Column(line, place.column);
  const std::size_t offset = byteOffset(line, begin);
  std::size_t end = offset;
  while (end < line.size() && isIdentifierPart(line[end]))
    ++end;
  const unsigned last =
      end == offset ? begin + (offset < line.size()) : utf16Column(line, static_cast<unsigned>(end) + 1);
  return llvm::json::Object{{"start", position(row, begin)}, {"end", position(row, last)}};
}

llvm::json::Value rangeOf(llvm::StringRef text, unsigned offset, unsigned length) {
  auto positionAt = [&](std::size_t at) {
    const llvm::StringRef before = text.take_front(at);
    const std::size_t lineBegin = before.rfind('\n') + 1; // 0 where there is none
    const llvm::StringRef line = text.drop_front(lineBegin).take_until([](char c) { return c == '\n'; });
    return position(static_cast<unsigned>(before.count('\n')),
                    utf16Column(line, static_cast<unsigned>(before.size() - lineBegin) + 1));
  };
  return llvm::json::Object{{"start", positionAt(offset)}, {"end", positionAt(std::size_t(offset) + length)}};
}

bool doOverlap(const llvm::json::Object &a, const llvm::json::Object &b) {
  auto place = [](const llvm::json::Object &range, llvm::StringRef key) {
    const llvm::json::Object *position = range.getObject(key);
    auto number = [&](llvm::StringRef name) { return position ? position->getInteger(name).value_or(0) : 0; };
    return std::pair(number("line"), number("character"));
  };
  return place(a, "start") <= place(b, "end") && place(b, "start") <= place(a, "end");
}

llvm::json::Value workspaceEditOf(const FindingEdit &edit, ReadText readText, AbsolutePath absolutePath,
                                  std::optional<std::int64_t> version) {
  std::map<std::string, llvm::json::Array> byFile;
  for (const Replacement &replacement : edit.replacements)
    byFile[replacement.file].push_back(
        llvm::json::Object{{"range", rangeOf(readText(replacement.file), replacement.offset, replacement.length)},
                           {"newText", utf8(replacement.text)}});
  llvm::json::Object changes;
  llvm::json::Array versioned;
  for (auto &[file, edits] : byFile) {
    const std::string uri = uriOf(absolutePath(file));
    if (version)
      versioned.push_back(llvm::json::Object{{"textDocument", llvm::json::Object{{"uri", uri}, {"version", *version}}},
                                             {"edits", std::move(edits)}});
    else
      changes[uri] = std::move(edits);
  }
  if (version)
    return llvm::json::Object{{"documentChanges", std::move(versioned)}};
  return llvm::json::Object{{"changes", std::move(changes)}};
}

llvm::json::Value diagnosticOf(const Finding &finding, ReadText readText, AbsolutePath absolutePath) {
  llvm::json::Array related;
  for (const Note &note : notesOf(finding))
    related.push_back(llvm::json::Object{{"location", llvm::json::Object{{"uri", uriOf(absolutePath(note.place.file))},
                                                                         {"range", rangeOf(note.place, readText)}}},
                                         {"message", utf8(note.text)}});
  // DiagnosticSeverity
  const int severity = finding.severity == Severity::Error ? 1 : finding.severity == Severity::Warning ? 2 : 3;
  return llvm::json::Object{{"range", rangeOf(finding.place, readText)},
                            {"severity", severity},
                            {"code", utf8(finding.rule)},
                            {"source", "bhlint"},
                            {"message", utf8(finding.message)},
                            {"relatedInformation", std::move(related)},
                            {"data", llvm::json::Object{{"fingerprint", finding.fingerprint}}}};
}

} // namespace bhlint::lsp
