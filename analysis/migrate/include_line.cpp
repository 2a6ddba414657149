// The place of a new #include among those that are there.
#include "analysis/migrate/apply.h"

#include "llvm/ADT/StringExtras.h"

namespace bhlint {

using llvm::StringRef;

namespace {

struct IncludeLine {
  StringRef name;      ///< with its brackets: "<linux/io.h>"
  std::size_t begin = 0, end = 0; ///< of the line, with its end
  unsigned depth = 0;  ///< of #if around it
};

StringRef directiveOf(StringRef line) {
  line = line.ltrim();
  return line.consume_front("#") ? line.ltrim() : StringRef();
}

struct Outline {
  std::vector<IncludeLine> includes;
  std::size_t guardEnd = 0; ///< behind `#define GUARD`; 0: none
};

Outline outlineOf(StringRef text) {
  Outline outline;
  unsigned depth = 0;
  bool isFirst = true;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size() - 1) + 1;
    StringRef directive = directiveOf(text.slice(begin, end));
    if (directive.starts_with("if"))
      ++depth;
    else if (directive.starts_with("endif") && depth > 0)
      --depth;
    else if (directive.starts_with("define") && isFirst && depth == 1)
      outline.guardEnd = end;
    else if (directive.consume_front("include"))
      outline.includes.push_back({directive.trim().split(' ').first, begin, end, depth});
    if (!directive.empty() && !directive.starts_with("ifndef"))
      isFirst = false;
    begin = end;
  }
  return outline;
}

/// Where the line goes: behind the last of its folder that sorts before it, else before the first that doesn't.
std::size_t placeAmong(const std::vector<IncludeLine> &includes, StringRef name, StringRef folder) {
  unsigned outermost = ~0u;
  for (const IncludeLine &line : includes)
    outermost = std::min(outermost, line.depth);
  const IncludeLine *before = nullptr, *last = nullptr, *first = nullptr;
  bool isSorted = true;
  for (const IncludeLine &line : includes) {
    if (line.depth != outermost || !line.name.starts_with(folder))
      continue;
    isSorted = isSorted && (!last || last->name <= line.name);
    first = first ? first : &line;
    last = &line;
    if (line.name < name)
      before = &line;
  }
  if (!last) { // none of that folder: before the first of all
    for (const IncludeLine &line : includes)
      if (line.depth == outermost)
        return line.begin;
  }
  if (!isSorted)
    return last->end;
  return before ? before->end : first->begin;
}

} // namespace

std::string withInclude(StringRef text, StringRef header) {
  const std::string name = ("<" + header + ">").str();
  const Outline outline = outlineOf(text);
  for (const IncludeLine &line : outline.includes)
    if (line.name == name)
      return text.str();
  const std::string line = "#include " + name + "\n";
  std::size_t at = outline.guardEnd;
  std::string written = "\n" + line;
  if (!outline.includes.empty()) {
    at = placeAmong(outline.includes, name, StringRef(name).take_front(name.find('/') + 1));
    written = line;
  } else if (at == 0) {
    return text.str();
  }
  return (text.take_front(at) + written + text.drop_front(at)).str();
}

std::vector<TextEdit> includeEdit(StringRef header, StringRef text, const std::string &file) {
  const std::string whole = withInclude(text, header);
  if (whole.size() == text.size())
    return {};
  const auto at = static_cast<unsigned>(std::mismatch(text.begin(), text.end(), whole.begin()).first - text.begin());
  return {{{file, at, at, 0, 0}, whole.substr(at, whole.size() - text.size()), 0}};
}

} // namespace bhlint
