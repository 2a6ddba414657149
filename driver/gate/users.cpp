#include "driver/gate/users.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

namespace bhlint {

namespace {

using llvm::StringRef;
namespace path = llvm::sys::path;

constexpr unsigned deepest = 10; ///< headers that include headers
constexpr std::size_t mostNames = 400; ///< of one call of git

bool isPlain(StringRef name) {
  return llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || StringRef("._-+").contains(c); });
}

/// The text between the quotes of an #include line; empty: none.
StringRef includedText(StringRef line) {
  StringRef rest = line.substr(line.find_first_of("<\""));
  return rest.empty() ? rest : rest.drop_front().take_until([](char c) { return c == '>' || c == '"'; });
}

std::string folderPlus(StringRef folder, StringRef text) {
  llvm::SmallString<256> joined(folder);
  path::append(joined, text);
  path::remove_dots(joined, /*remove_dot_dot=*/true);
  return joined.str().str();
}

/// The first folders of a path: what is included by a name alone is mostly near.
StringRef subsystem(StringRef file) { return file.take_front(file.find('/', file.find('/') + 1)); }

/// May `#include "text"` in `file` mean `header`?
bool mayMean(StringRef file, StringRef text, StringRef header) {
  if (folderPlus(path::parent_path(file), text) == header)
    return true;
  while (text.consume_front("../"))
    ;
  StringRef root = header;
  if (!root.consume_back(text) || !(root.empty() || root.ends_with("/")))
    return false;
  return root.empty() || root.contains("include/") || subsystem(file) == subsystem(header);
}

} // namespace

llvm::Expected<std::set<std::string>> sourcesThatInclude(const Git &git, const std::set<std::string> &headers) {
  std::set<std::string> sources, seen = headers, open = headers;
  for (unsigned level = 0; !open.empty() && level < deepest; ++level) {
    std::vector<std::string> names;
    for (const std::string &header : open)
      if (StringRef name = path::filename(header); isPlain(name))
        names.push_back(llvm::Regex::escape(name));
    if (names.empty())
      break;
    if (names.size() > mostNames)
      names.resize(mostNames);
    llvm::Expected<std::string> lines =
        git.grep({"-E", "-e", "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]([^>\"]*/)?(" + llvm::join(names, "|") +
                                  ")[>\"]",
                  "--", "*.c", "*.h"});
    if (!lines)
      return lines.takeError();
    std::set<std::string> next;
    for (StringRef rest = *lines; !rest.empty();) { // "file\0line\n"
      auto [file, behind] = rest.split('\0');
      auto [line, after] = behind.split('\n');
      rest = after;
      StringRef text = includedText(line);
      const bool isMeant = llvm::any_of(open, [&, file = file](const std::string &header) {
        return mayMean(file, text, header);
      });
      if (!isMeant)
        continue;
      if (file.ends_with(".c"))
        sources.insert(file.str());
      else if (seen.insert(file.str()).second)
        next.insert(file.str());
    }
    open = std::move(next);
  }
  return sources;
}

llvm::Expected<std::set<std::string>> sourcesThatName(const Git &git, const std::set<std::string> &words) {
  std::set<std::string> sources;
  std::vector<std::string> arguments{"-l", "-w", "-F"};
  for (const std::string &word : words) {
    if (arguments.size() > 2 * mostNames)
      break;
    arguments.insert(arguments.end(), {"-e", word});
  }
  arguments.insert(arguments.end(), {"--", "*.c"});
  llvm::Expected<std::string> files = git.grep(std::move(arguments));
  if (!files)
    return files.takeError();
  for (StringRef file : splitAtZeros(*files))
    sources.insert(file.str());
  return sources;
}

} // namespace bhlint
