#include "driver/gate/users.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"

namespace bhlint {

namespace {

using llvm::StringRef;
namespace path = llvm::sys::path;

constexpr unsigned deepest = 10;       ///< headers that include headers
constexpr std::size_t mostNames = 400; ///< of one call of git

bool isPlain(StringRef name) {
  return llvm::all_of(name, [](char c) { return llvm::isAlnum(c) || StringRef("._-+").contains(c); });
}

} // namespace

StringRef includedText(StringRef line) {
  StringRef rest = line.substr(line.find_first_of("<\""));
  return rest.empty() ? rest : rest.drop_front().take_until([](char c) { return c == '>' || c == '"'; });
}

static std::string folderPlus(StringRef folder, StringRef text) {
  llvm::SmallString<256> joined(folder);
  path::append(joined, text);
  path::remove_dots(joined, /*remove_dot_dot=*/true);
  return joined.str().str();
}

StringRef subsystem(StringRef file) { return file.take_front(file.find('/', file.find('/') + 1)); }

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

/// Searches for some of the names at a time, as `patternsOf` has them after its options; appends what git prints.
static llvm::Error grepInParts(const Git &git, llvm::ArrayRef<std::string> names, llvm::ArrayRef<std::string> files,
                               llvm::function_ref<std::vector<std::string>(llvm::ArrayRef<std::string>)> patternsOf,
                               std::string &output) {
  for (; !names.empty(); names = names.drop_front(std::min(mostNames, names.size()))) {
    std::vector<std::string> arguments = patternsOf(names.take_front(mostNames));
    arguments.emplace_back("--");
    llvm::append_range(arguments, files);
    llvm::Expected<std::string> part = git.grep(std::move(arguments));
    if (!part)
      return part.takeError();
    output += *part;
  }
  return llvm::Error::success();
}

/// Lines that end a quoted name with one of these. Whether they are #include lines is cheaper asked afterwards: git
/// takes half a minute for a pattern that says it all, in a whole kernel tree, and less than a second for plain
/// strings.
static std::vector<std::string> includesOf(llvm::ArrayRef<std::string> names) {
  constexpr std::size_t few = 16; // git tries each string on every line
  std::vector<std::string> arguments;
  if (names.size() <= few) {
    arguments.emplace_back("-F");
    for (const std::string &name : names)
      arguments.insert(arguments.end(), {"-e", name + "\"", "-e", name + ">"});
    return arguments;
  }
  std::vector<std::string> escaped;
  for (const std::string &name : names)
    escaped.push_back(llvm::Regex::escape(name));
  return {"-E", "-e", "(" + llvm::join(escaped, "|") + ")[>\"]"};
}

static bool isInclude(StringRef line) {
  line = line.ltrim();
  return line.consume_front("#") && line.ltrim().starts_with("include");
}

static std::vector<std::string> words(llvm::ArrayRef<std::string> names) {
  std::vector<std::string> arguments{"-l", "-w", "-F"};
  for (const std::string &word : names)
    arguments.insert(arguments.end(), {"-e", word});
  return arguments;
}

llvm::Expected<Includers> filesThatInclude(const Git &git, const std::set<std::string> &headers) {
  Includers result{{}, headers};
  std::set<std::string> open = headers;
  for (unsigned level = 0; !open.empty() && level < deepest; ++level) {
    std::vector<std::string> names;
    for (const std::string &header : open)
      if (StringRef name = path::filename(header); isPlain(name))
        names.push_back(name.str());
    std::string lines;
    if (llvm::Error error = grepInParts(git, names, {"*.c", "*.h"}, includesOf, lines))
      return error;
    std::set<std::string> next;
    for (StringRef rest = lines; !rest.empty();) { // "file\0line\n"
      auto [file, behind] = rest.split('\0');
      auto [line, after] = behind.split('\n');
      rest = after;
      if (!isInclude(line))
        continue;
      StringRef text = includedText(line);
      const bool isMeant =
          llvm::any_of(open, [&, file = file](const std::string &header) { return mayMean(file, text, header); });
      if (!isMeant)
        continue;
      if (file.ends_with(".c"))
        result.sources.insert(file.str());
      else if (result.headers.insert(file.str()).second)
        next.insert(file.str());
    }
    open = std::move(next);
  }
  return result;
}

llvm::Expected<std::set<std::string>> sourcesThatName(const Git &git, const std::set<std::string> &names) {
  std::string files;
  if (llvm::Error error = grepInParts(git, std::vector<std::string>(names.begin(), names.end()), {"*.c"}, words, files))
    return error;
  std::set<std::string> sources;
  for (StringRef file : splitAtZeros(files))
    sources.insert(file.str());
  return sources;
}

} // namespace bhlint
