#include "driver/kbuild/compile_database.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/StringSaver.h"
#include "llvm/Support/VirtualFileSystem.h"

#include <algorithm>
#include <utility>

namespace bhlint {

namespace path = llvm::sys::path;
using llvm::StringRef;

namespace {

constexpr const char *databaseName = "compile_commands.json";

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

std::string normalised(StringRef folder, StringRef file) {
  llvm::SmallString<256> result(file);
  if (!path::is_absolute(result)) {
    result = folder;
    path::append(result, file);
  }
  path::remove_dots(result, /*remove_dot_dot=*/true);
  return result.str().str();
}

/// Is `file` the folder `folder` or in it?
bool liesIn(StringRef file, StringRef folder) {
  return file.consume_front(folder) && (file.empty() || file.front() == '/' || folder.ends_with("/"));
}

llvm::Expected<CompileCommand> parseEntry(const llvm::json::Value &value, StringRef folder) {
  const llvm::json::Object *object = value.getAsObject();
  if (!object)
    return failure("is not an object");
  auto directory = object->getString("directory");
  auto file = object->getString("file");
  if (!directory || !file || file->empty())
    return failure(!directory ? "has no string \"directory\"" : "has no string \"file\"");
  CompileCommand command;
  command.directory = normalised(folder, *directory);
  command.file = file->str();
  if (const llvm::json::Array *arguments = object->getArray("arguments")) {
    for (const llvm::json::Value &argument : *arguments) {
      auto text = argument.getAsString();
      if (!text)
        return failure("has something else than a string in \"arguments\"");
      command.arguments.push_back(text->str());
    }
  } else if (auto line = object->getString("command")) {
    command.arguments = splitCommandLine(*line);
  }
  if (command.arguments.empty())
    return failure("has neither \"arguments\" nor \"command\"");
  return command;
}

/// Kbuild escapes what make would expand when it reads the file again.
std::string undoMakeEscapes(StringRef text) {
  std::string result;
  while (!text.empty()) {
    if (text.consume_front("$(pound)"))
      result += '#';
    else if (text.consume_front("$$"))
      result += '$';
    else {
      result += text.front();
      text = text.drop_front();
    }
  }
  return result;
}

llvm::Expected<std::vector<CompileCommand>> readKbuildFolder(llvm::vfs::FileSystem &fileSystem, StringRef folder) {
  std::vector<CompileCommand> commands;
  std::error_code error;
  for (llvm::vfs::recursive_directory_iterator entry(fileSystem, folder, error), end; entry != end && !error;
       entry.increment(error)) {
    // A build folder has a link to the source tree, which is no part of it.
    if (entry->type() == llvm::sys::fs::file_type::symlink_file && path::filename(entry->path()) == "source") {
      entry.no_push();
      continue;
    }
    if (!entry->path().ends_with(".o.cmd"))
      continue;
    auto buffer = fileSystem.getBufferForFile(entry->path());
    if (!buffer)
      return failure(entry->path() + ": " + buffer.getError().message());
    llvm::move(parseKbuildCommand((*buffer)->getBuffer(), folder), std::back_inserter(commands));
  }
  if (error)
    return failure(folder + ": " + error.message());
  return commands;
}

/// Sorts by path, drops what isn't C and what is recorded twice.
void tidy(std::vector<CompileCommand> &commands) {
  std::vector<std::pair<std::string, CompileCommand>> keyed;
  keyed.reserve(commands.size());
  for (CompileCommand &command : commands)
    if (path::extension(command.file) == ".c")
      keyed.emplace_back(command.path(), std::move(command));
  llvm::sort(keyed, [](const auto &a, const auto &b) {
    return std::tie(a.first, a.second.arguments) < std::tie(b.first, b.second.arguments);
  });
  keyed.erase(std::unique(keyed.begin(), keyed.end()), keyed.end());
  commands.clear();
  for (auto &entry : keyed)
    commands.push_back(std::move(entry.second));
}

/// The folder of the kernel that the command includes kconfig.h from; empty when it doesn't.
std::string kconfigRoot(const CompileCommand &command) {
  constexpr StringRef suffix = "include/linux/kconfig.h";
  for (std::size_t i = 0; i + 1 < command.arguments.size(); ++i) {
    if (command.arguments[i] != "-include")
      continue;
    std::string header = normalised(command.directory, command.arguments[i + 1]);
    if (StringRef(header).ends_with(("/" + suffix).str()))
      return header.substr(0, header.size() - suffix.size() - 1);
  }
  return {};
}

std::string commonFolder(llvm::ArrayRef<CompileCommand> commands) {
  std::string common = path::parent_path(commands.front().path()).str();
  for (const CompileCommand &command : commands) {
    std::string file = command.path();
    while (!common.empty() && !liesIn(file, common))
      common = path::parent_path(common).str();
  }
  return common;
}

} // namespace

std::string CompileCommand::path() const { return normalised(directory, file); }

std::vector<std::string> splitCommandLine(StringRef line) {
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver saver(allocator);
  llvm::SmallVector<const char *, 256> words;
  llvm::cl::TokenizeGNUCommandLine(line, saver, words);
  return {words.begin(), words.end()};
}

llvm::Expected<std::vector<CompileCommand>> parseCompileCommands(StringRef json, StringRef name, StringRef folder) {
  llvm::Expected<llvm::json::Value> value = llvm::json::parse(json);
  if (!value)
    return failure(name + ": " + llvm::toString(value.takeError()));
  const llvm::json::Array *entries = value->getAsArray();
  if (!entries)
    return failure(name + ": is not a compile database: the outermost value is not an array");
  std::vector<CompileCommand> commands;
  commands.reserve(entries->size());
  for (const llvm::json::Value &entry : *entries) {
    llvm::Expected<CompileCommand> command = parseEntry(entry, folder);
    if (!command)
      return failure(name + ": entry " + llvm::Twine(commands.size() + 1) + " " + llvm::toString(command.takeError()));
    commands.push_back(std::move(*command));
  }
  return commands;
}

std::vector<CompileCommand> parseKbuildCommand(StringRef text, StringRef folder) {
  // `savedcmd_drivers/foo.o := clang ... -c -o drivers/foo.o foo.c ; tools/objtool ...`; `cmd_` before Linux 6.1.
  StringRef line = text.split('\n').first;
  line.consume_front("saved");
  auto [target, recipe] = line.split(" := ");
  if (!target.starts_with("cmd_") || !target.ends_with(".o"))
    return {};
  std::vector<std::string> words = splitCommandLine(undoMakeEscapes(recipe));
  auto end = std::find_if(words.begin(), words.end(), [](StringRef word) { return word.starts_with(";"); });
  // The recipe's first command ends at a word of its own, or at one that ";" is stuck to.
  if (end == words.end())
    end = std::find_if(words.begin(), words.end(), [](StringRef word) { return word.ends_with(".c;"); });
  if (end != words.end() && StringRef(*end).ends_with(".c;")) {
    end->pop_back();
    ++end;
  }
  words.erase(end, words.end());
  if (words.empty() || path::extension(words.back()) != ".c" || !llvm::is_contained(words, "-D__KERNEL__"))
    return {};
  std::string file = words.back();
  return {CompileCommand{folder.str(), std::move(file), std::move(words)}};
}

llvm::Expected<CompileDatabase> readCompileDatabase(llvm::vfs::FileSystem &fileSystem, StringRef given) {
  llvm::SmallString<256> source(given);
  if (std::error_code error = fileSystem.makeAbsolute(source))
    return failure(given + ": " + error.message());
  path::remove_dots(source, /*remove_dot_dot=*/true);
  auto status = fileSystem.status(source);
  if (!status)
    return failure(given + ": " + status.getError().message());

  llvm::SmallString<256> file = source;
  if (status->isDirectory())
    path::append(file, databaseName);
  CompileDatabase database;
  if (fileSystem.exists(file)) {
    auto buffer = fileSystem.getBufferForFile(file);
    if (!buffer)
      return failure(file + ": " + buffer.getError().message());
    auto commands = parseCompileCommands((*buffer)->getBuffer(), file, path::parent_path(file));
    if (!commands)
      return commands.takeError();
    database.commands = std::move(*commands);
    source = file;
  } else {
    auto commands = readKbuildFolder(fileSystem, source);
    if (!commands)
      return commands.takeError();
    database.commands = std::move(*commands);
  }
  tidy(database.commands);
  if (database.commands.empty())
    return failure(source + ": no C unit is recorded here; `bhlint db --tree TREE --build " + given +
                   "` makes a database of a configured kernel");
  database.source = source.str().str();
  database.tree = treeRoot(database.commands);
  return database;
}

std::string treeRoot(llvm::ArrayRef<CompileCommand> commands) {
  if (commands.empty())
    return {};
  llvm::StringMap<unsigned> votes;
  for (const CompileCommand &command : commands)
    if (std::string root = kconfigRoot(command); !root.empty())
      ++votes[root];
  if (votes.empty())
    return commonFolder(commands);
  // The smaller name wins a tie, so that the map's order doesn't matter.
  auto best = llvm::max_element(votes, [](const auto &a, const auto &b) {
    return std::make_pair(a.second, b.first()) < std::make_pair(b.second, a.first());
  });
  return best->first().str();
}

std::string relativeToTree(StringRef file, StringRef tree) {
  if (tree.empty() || file == tree || !liesIn(file, tree))
    return file.str();
  return file.drop_front(tree.size()).ltrim('/').str();
}

llvm::Expected<std::vector<CompileCommand>> selectCommands(const CompileDatabase &database,
                                                           llvm::ArrayRef<std::string> paths) {
  if (paths.empty())
    return database.commands;
  std::vector<bool> isWanted(database.commands.size());
  std::vector<std::string> files;
  for (const CompileCommand &command : database.commands)
    files.push_back(command.path());
  for (StringRef given : paths) {
    std::string wanted = normalised(database.tree, given);
    bool isFound = false;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (liesIn(files[i], wanted))
        isWanted[i] = isFound = true;
    if (!isFound)
      return failure(given + ": no unit of " + database.source + " lies here (looked for " + wanted +
                     "); `bhlint db` adds units of a configured kernel");
  }
  std::vector<CompileCommand> selected;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (isWanted[i])
      selected.push_back(database.commands[i]);
  return selected;
}

} // namespace bhlint
